// Fields of a pod in which a person must fill in a number.

import type { Alternative, Fix } from '../../model/fix.ts';
import type { ReportedFailure } from '../../model/reported-failure.ts';

/** The number of the image's user; nothing else may stand there. */
export function numberTemplate({ name }: ReportedFailure['container'], user?: string): Alternative {
  const runAsUser = { fillIn: user === undefined ? 'uid' : `uid of ${user}` };
  return {
    summary: `runAsUser <${runAsUser.fillIn}> for ${name === undefined ? 'the container' : `container ${name}`}`,
    certainty: 'Template',
    example: {
      spec: { containers: [{ name: name ?? { fillIn: 'container' }, securityContext: { runAsUser } }] },
    },
  };
}

const readable = 'Set defaultMode 0440, so that the group can read the files of the Secret';
const ignored =
  'NFS, hostPath and some drivers ignore fsGroup: change the owner of the files on the storage side';

/** For files on volumes: the group of a process that is only seen in its log is not known. */
export function groupTemplate({ family }: ReportedFailure): Partial<Fix> {
  if (family !== 'volume-ownership' && family !== 'secret-mode') return {};
  const isSecret = family === 'secret-mode';
  const securityContext = {
    fsGroup: { fillIn: 'gid of the process' },
    fsGroupChangePolicy: 'OnRootMismatch',
  };
  return {
    type: 'Manual',
    certainty: 'Template',
    summary: `fsGroup <gid of the process>${isSecret ? ', defaultMode 0440' : ''}`,
    alternatives: [
      {
        summary: 'fsGroup <gid of the process> for the pod',
        certainty: 'Template',
        example: { spec: { securityContext } },
      },
    ],
    followUp: [{ text: isSecret ? readable : ignored }],
  };
}
