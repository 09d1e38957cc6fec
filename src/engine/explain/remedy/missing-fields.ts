// What Pod Security asks for, as far as its words say it: fields of containers, and reasons for the rest.

import type { Alternative } from '../../model/fix.ts';
import type { Violation } from '../../model/pod-security.ts';
import type { ReportedFailure } from '../../model/reported-failure.ts';
import { patchText } from '../../fix/patch/patch-text.ts';
import type { FailureRemedy } from './remedy-type.ts';

/** Fields that answer a reason; only what is missing, and not what is forbidden. */
const answers: Readonly<Record<string, object>> = {
  'runAsNonRoot != true': { runAsNonRoot: true },
  'allowPrivilegeEscalation != false': { allowPrivilegeEscalation: false },
  'unrestricted capabilities': { capabilities: { drop: ['ALL'] } },
  seccompProfile: { seccompProfile: { type: 'RuntimeDefault' } },
};

/** Containers for which lines are shown. */
const maxContainers = 8;

export function missingFields({ enforced, violations = [] }: ReportedFailure): Partial<FailureRemedy> {
  const reasons = [...new Set(violations.map(({ reason }) => reason))];
  const names = [...new Set(violations.flatMap(({ containers = [] }) => containers))];
  const alternatives = names.slice(0, maxContainers).flatMap((name) => fieldsOf(name, violations));
  return {
    summary: `what Pod Security asks for${reasons.length > 0 ? `: ${reasons.join(', ')}` : ''}`,
    ...(alternatives.length > 0 && { alternatives }),
    steps: [
      ...(enforced === false ? ['It only warns so far: nothing is refused.'] : []),
      ...(reasons.includes('runAsNonRoot != true')
        ? [
            'With runAsNonRoot the kubelet refuses an image that runs as root or names its user. To see whether it would: rootcause image <image>',
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
      lines: patchText({ spec: { containers: [{ name, securityContext }] } }, 'spec'),
    },
  ];
}
