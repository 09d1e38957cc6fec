// What a text leaves open, for a person to fill in, and where to find it.

import { isNodeSocket } from '../../fix/cure/denied-place.ts';
import type { Cause } from '../../model/cause.ts';
import type { Command, Fix, Step } from '../../model/fix.ts';
import type { ReportedFailure } from '../../model/reported-failure.ts';
import { requiredFields } from './required-fields.ts';

/**
 * Instead of what the cure alone says.
 *
 * @param isGroupSet whether the pod has an fsGroup
 */
export const openIn = (failure: ReportedFailure, plain: Fix, isGroupSet: boolean): Partial<Fix> =>
  openFor[failure.cause](failure, plain, isGroupSet);

type OpenValues = (failure: ReportedFailure, plain: Fix, isGroupSet: boolean) => Partial<Fix>;

const openFor: Readonly<Record<Cause, OpenValues>> = {
  ImageRunsAsRoot: (failure) => ({ followUp: [inspectStep(failure)] }),
  NonNumericUser: (failure) => ({ followUp: [inspectStep(failure)] }),
  InvalidImageUID: () => ({}),
  RunAsUserIsRoot: (failure, { summary }) => ({
    summary: failure.settings ? summary : `${summary}, or from its pod`,
    followUp: [inspectStep(failure)],
  }),
  WindowsAdministrator: () => ({}),
  UserNotInImage: (failure) =>
    failure.family === 'userns-unmapped' ? {} : { followUp: [inspectStep(failure)] },
  PodSecurityViolation: (failure) => {
    const { summary, followUp, example } = requiredFields(failure);
    const alternatives = example ? [{ summary, certainty: 'TestFirst', example } as const] : [];
    return { type: 'Manual', certainty: 'Template', summary, followUp, alternatives };
  },
  NonRootPermissionDenied: groupTemplate,
};

/** Where to find what only the image knows. */
export function inspectStep({ cause, image, container }: InspectedFailure): Step {
  const { reference = '' } = image;
  const isPlain = /^\w[\w.:/@-]*$/.test(reference);
  const command: Command = {
    do: 'inspectImage',
    reference: isPlain ? reference : { fillIn: `image of ${container.name ?? 'the container'}` },
  };
  return { text: image.user === 'root' ? inspections.ImageRunsAsRoot : inspections[cause], command };
}

type InspectedFailure = Pick<ReportedFailure, 'cause' | 'image' | 'container'>;

const inspections: Readonly<Record<Cause, string>> = {
  ImageRunsAsRoot: 'See what the image is built on, and which user its entrypoint switches to',
  NonNumericUser: 'Find the number in the image',
  InvalidImageUID: 'See which users the image has',
  RunAsUserIsRoot: 'Then the user of the image counts',
  WindowsAdministrator: 'See which users the image has',
  UserNotInImage: 'See which users the image has',
  PodSecurityViolation: 'See which user the image has',
  NonRootPermissionDenied: 'See who owns the files of the image',
};

const readable = 'Set defaultMode 0440, so that the group can read the files of the Secret';
const ignored =
  'NFS, hostPath and some drivers ignore fsGroup: change the owner of the files on the storage side';

/** For files on volumes: the group of a process that is only seen in its log is not known. */
function groupTemplate(
  { family, path = '' }: ReportedFailure,
  plain: Fix,
  isGroupSet: boolean,
): Partial<Fix> {
  if (isNodeSocket(path)) return {};
  if (family !== 'volume-ownership' && family !== 'secret-mode') return {};
  if (isGroupSet || plain.alternatives.some(({ example }) => example)) return {};
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
      ...plain.alternatives.filter(({ example }) => example === undefined),
    ],
    followUp: [{ text: isSecret ? readable : ignored }],
  };
}
