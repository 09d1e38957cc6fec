// Findings about pods that Pod Security does not admit: one for each container that its message names.

import type { CreateFailure } from '../../model/create-failure.ts';
import type { Violation } from '../../model/pod-security.ts';
import type { Container, Pod } from '../../model/pod.ts';
import type { Workload } from '../../model/snapshot.ts';
import { parsePodSecurityEvent } from '../../messages/pod-security/pod-security-message.ts';
import { containerNamed, containersOf } from '../../platform/kubernetes/pod-containers.ts';
import { policyText } from '../../platform/pod-security/pod-security-labels.ts';
import { findingAbout } from '../finding.ts';
import type { MergedFinding } from '../verdict.ts';

const maxMessageLength = 512;

/** The first of the messages that Pod Security wrote decides. */
export function rejectionFindings(
  failures: readonly CreateFailure[],
  workload: Workload,
): readonly MergedFinding[] {
  const pod = templatePod(workload);
  const [rejection] = failures.flatMap(({ message }) => parsePodSecurityEvent(message) ?? []);
  if (!pod || !rejection) return [];
  const { policy } = rejection;
  return shareOf(rejection.violations, pod).map(({ container, violations }) => {
    const message = messageOf(policyText(policy), violations);
    const failure = { cause: 'PodSecurityViolation', message } as const;
    const finding = { ...findingAbout(failure, container, pod, workload.template), policy, violations };
    return { finding, shown: [{ container, pod }] };
  });
}

/** What concerns the pod as a whole stands with the first container: there is no pod to hang it on. */
function shareOf(
  violations: readonly Violation[],
  pod: Pod,
): readonly { readonly container: Container; readonly violations: readonly Violation[] }[] {
  const containers = containersOf(pod.manifest);
  const named = containers.filter(({ name }) =>
    violations.some((violation) => violation.containers?.includes(name)),
  );
  const main = containers.find(({ type }) => type === 'Container');
  const blamed = named.length > 0 ? named : main ? [main] : [];
  return blamed.map((container, index) => ({
    container,
    violations: violations.filter(
      (violation) =>
        violation.containers?.includes(container.name) ||
        (index === 0 && !violation.containers?.some((name) => containerNamed(pod.manifest, name))),
    ),
  }));
}

function messageOf(policy: string, violations: readonly Violation[]): string {
  const text = `violates PodSecurity "${policy}": ${violations.map(({ reason }) => reason).join(', ')}`;
  return text.length > maxMessageLength ? `${text.slice(0, maxMessageLength - 1)}…` : text;
}

/** The pod that the template would make. */
export function templatePod({ ref, template }: Workload): Pod | undefined {
  if (!template) return undefined;
  const { path: _path, ...pod } = template;
  return { ...pod, name: '', namespace: ref.namespace, uid: '', createdTime: '' };
}
