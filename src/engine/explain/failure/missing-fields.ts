// What Pod Security requires, as far as its message says it: fields of containers, and reasons for the rest.

import type { Alternative, Fix } from '../../model/fix.ts';
import type { Violation } from '../../model/pod-security.ts';
import type { ReportedFailure } from '../../model/reported-failure.ts';

/** Fields that answer a reason; only what is missing, and not what is forbidden. */
const answers: Readonly<Record<string, object>> = {
  'runAsNonRoot != true': { runAsNonRoot: true },
  'allowPrivilegeEscalation != false': { allowPrivilegeEscalation: false },
  'unrestricted capabilities': { capabilities: { drop: ['ALL'] } },
  seccompProfile: { seccompProfile: { type: 'RuntimeDefault' } },
};

/** Containers for which lines are shown. */
const maxContainers = 8;

export function missingFields({ enforced, violations = [] }: ReportedFailure): Partial<Fix> {
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
