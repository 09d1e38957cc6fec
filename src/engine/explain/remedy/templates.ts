// Lines for a pod template in which a person must fill in a number.

import type { Alternative } from '../../model/fix.ts';
import type { ReportedFailure } from '../../model/reported-failure.ts';
import { yamlOf } from '../../fix/patch/yaml.ts';
import type { FailureRemedy } from './remedy-type.ts';

/** The number of the image's user; nothing else may stand there. */
export function numberTemplate({ container, image }: ReportedFailure): Alternative {
  const { name } = container;
  const uid = image.user === undefined ? '<uid>' : `<uid of ${image.user}>`;
  return {
    summary: `runAsUser ${uid} for ${name === undefined ? 'the container' : `container ${name}`}`,
    certainty: 'Template',
    lines: `spec:
  containers:
    - name: ${name === undefined ? '<container>' : yamlOf(name).trim()}
      securityContext:
        runAsUser: ${uid}
`,
  };
}

const readable = 'To let the group read what a volume holds of a Secret: defaultMode 0440.';
const ignored =
  'NFS, hostPath and some drivers take no fsGroup: there the storage side must give the files away once.';

/** For files on volumes: nobody knows the group of a process that is only seen in its log. */
export function groupTemplate({ family }: ReportedFailure): Partial<FailureRemedy> | undefined {
  if (family !== 'volume-ownership' && family !== 'secret-mode') return undefined;
  const isSecret = family === 'secret-mode';
  return {
    type: 'Manual',
    certainty: 'Template',
    summary: `fsGroup <gid of the process>${isSecret ? ', defaultMode 0440' : ''}`,
    alternatives: [
      {
        summary: 'fsGroup <gid of the process> for the pod',
        certainty: 'Template',
        lines: `spec:
  securityContext:
    fsGroup: <gid of the process>
    fsGroupChangePolicy: OnRootMismatch
`,
      },
    ],
    steps: [isSecret ? readable : ignored],
  };
}
