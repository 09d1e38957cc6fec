// What a text leaves open, for a person to fill in, and where to find it.

import { isNodeSocket } from '../../fix/cure/denied-place.ts';
import type { Cause } from '../../model/cause.ts';
import type { Alternative, Command, Fix, Step } from '../../model/fix.ts';
import type { Violation } from '../../model/pod-security.ts';
import type { ReportedFailure } from '../../model/reported-failure.ts';

/** Instead of what the cure alone says. */
export const openIn = (failure: ReportedFailure, plain: Fix): Partial<Fix> =>
  openFor[failure.cause](failure, plain);

const openFor: Readonly<Record<Cause, (failure: ReportedFailure, plain: Fix) => Partial<Fix>>> = {
  ImageRunsAsRoot: (failure) => ({
    followUp: [inspect(failure, 'See what the image is built on, and which user its entrypoint switches to')],
  }),
  NonNumericUser: (failure, plain) =>
    failure.image.user === 'root'
      ? openFor.ImageRunsAsRoot(failure, plain)
      : {
          alternatives: [numberTemplate(failure.container, failure.image.user)],
          followUp: [inspect(failure, 'Find the number in the image')],
        },
  InvalidImageUID: () => ({}),
  RunAsUserIsRoot: (failure, { summary }) => ({
    summary: `${summary}, or from its pod`,
    followUp: [inspect(failure, 'Then the user of the image counts')],
  }),
  WindowsAdministrator: () => ({}),
  UserNotInImage: (failure) =>
    failure.family === 'userns-unmapped'
      ? {}
      : {
          alternatives: [numberTemplate(failure.container)],
          followUp: [inspect(failure, 'See which users the image has')],
        },
  PodSecurityViolation: (failure) => ({
    type: 'Manual',
    certainty: 'Template',
    ...missingFields(failure),
  }),
  NonRootPermissionDenied: groupTemplate,
};

function inspect({ image, container }: ReportedFailure, text: string): Step {
  const { reference } = image;
  const isPlain = reference !== undefined && /^\w[\w.:/@-]*$/.test(reference);
  const command: Command = {
    do: 'inspectImage',
    reference: isPlain ? reference : { fillIn: `image of ${container.name ?? 'the container'}` },
  };
  return { text, command };
}

/** The number of the image's user; nothing else may stand there. */
function numberTemplate({ name }: ReportedFailure['container'], user?: string): Alternative {
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
function groupTemplate({ family, path = '' }: ReportedFailure, plain: Fix): Partial<Fix> {
  if (isNodeSocket(path)) return {};
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
      ...plain.alternatives.filter(({ example }) => example === undefined),
    ],
    followUp: [{ text: isSecret ? readable : ignored }],
  };
}

/** Fields that answer a reason; only what is missing, and not what is forbidden. */
const answers: Readonly<Record<string, object>> = {
  'runAsNonRoot != true': { runAsNonRoot: true },
  'allowPrivilegeEscalation != false': { allowPrivilegeEscalation: false },
  'unrestricted capabilities': { capabilities: { drop: ['ALL'] } },
  seccompProfile: { seccompProfile: { type: 'RuntimeDefault' } },
};

/** Containers for which lines are shown. */
const maxContainers = 8;

/** What Pod Security requires, as far as its message says it: fields of containers, and reasons for the rest. */
function missingFields({ enforced, violations = [] }: ReportedFailure): Partial<Fix> {
  const reasons = [...new Set(violations.map(({ reason }) => reason))];
  const names = [...new Set(violations.flatMap(({ containers = [] }) => containers))];
  const alternatives = names.slice(0, maxContainers).flatMap((name) => fieldsOf(name, violations));
  return {
    summary: `what Pod Security requires${reasons.length > 0 ? `: ${reasons.join(', ')}` : ''}`,
    alternatives,
    followUp: [
      ...(enforced === false ? [{ text: 'Pod Security only warns: the pods are not refused' }] : []),
      ...(reasons.includes('runAsNonRoot != true')
        ? [
            {
              text: 'With runAsNonRoot the kubelet refuses an image whose USER is root, a name or not set. Check the image',
              command: { do: 'inspectImage', reference: { fillIn: 'image' } } as const,
            },
          ]
        : []),
    ],
  };
}

function fieldsOf(name: string, violations: readonly Violation[]): readonly Alternative[] {
  const missing = violations.filter(
    ({ containers = [], reason, detail }) =>
      containers.includes(name) && detail.includes('must set') && Object.hasOwn(answers, reason),
  );
  if (missing.length === 0) return [];
  const securityContext = Object.assign({}, ...missing.map(({ reason }) => answers[reason]));
  return [
    {
      summary: `container ${name}: the fields that are missing`,
      certainty: 'TestFirst',
      example: { spec: { containers: [{ name, securityContext }] } },
    },
  ];
}
