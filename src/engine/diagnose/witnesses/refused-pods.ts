// Findings about pods that Pod Security refuses before they exist: one for each container that the refusal names.

import type { Finding } from '../../model/finding.ts';
import type { Violation } from '../../model/pod-security.ts';
import type { Snapshot, Workload } from '../../model/snapshot.ts';
import type { Container, Pod, Template } from '../../model/pod.ts';
import { policyText } from '../../platform/pod-security/pod-security-labels.ts';
import type { Shown } from '../images/image-facts.ts';
import { policyOf } from '../../messages/pod-security/frames.ts';
import { parsePodSecurityEvent } from '../../messages/pod-security/pod-security-message.ts';
import { currentCreateFailures, isStillRecorded } from './create-failures.ts';
import { unreadImage } from '../subject.ts';

export type RejectedFinding = { readonly finding: Finding; readonly shown: readonly Shown[] };

const maxMessageLength = 512;

export function podSecurityFindings(snapshot: Snapshot): readonly RejectedFinding[] {
  const { workload } = snapshot;
  const template = workload?.template;
  if (!workload || !template) return [];
  const pod = podFromTemplate(workload, template);
  const rejections = currentCreateFailures(snapshot).flatMap(
    ({ message }) => parsePodSecurityEvent(message) ?? [],
  );
  const [rejection] = rejections;
  if (!rejection) return recorded(snapshot, pod);
  const policy = policyText(rejection.policy);
  return shareOf(rejection.violations, pod).map(({ container, violations }) => ({
    finding: {
      cause: 'PodSecurityViolation',
      container: { name: container.name, type: container.type },
      message: sentence(policy, violations),
      policy: rejection.policy,
      violations,
      settings: [],
      image: { reference: container.image, ...unreadImage },
    },
    shown: [{ container, pod }],
  }));
}

/** Its Events are gone, and it still has no pods: what was found before still holds. */
function recorded(snapshot: Snapshot, pod: Pod): readonly RejectedFinding[] {
  if (!isStillRecorded(snapshot)) return [];
  return (snapshot.recorded?.status?.findings ?? []).flatMap((finding) => {
    const container = pod.containers.find(({ name }) => name === finding.container.name);
    if (finding.cause !== 'PodSecurityViolation' || !container) return [];
    const { family = '', settings: _none, ...rest } = finding;
    const image = { reference: container.image, ...unreadImage };
    const [level, version] = family.split(':');
    return [
      { finding: { ...rest, ...policyOf(level, version), settings: [], image }, shown: [{ container, pod }] },
    ];
  });
}

/** What concerns the pod as a whole stands with the first container: there is no pod to hang it on. */
function shareOf(
  violations: readonly Violation[],
  pod: Pod,
): readonly { readonly container: Container; readonly violations: readonly Violation[] }[] {
  const named = pod.containers.filter(({ name }) =>
    violations.some(({ containers = [] }) => containers.includes(name)),
  );
  const main = pod.containers.find(({ type }) => type === 'Container');
  const blamed = named.length > 0 ? named : main ? [main] : [];
  return blamed.map((container, index) => ({
    container,
    violations: violations.filter(
      ({ containers = [] }) =>
        containers.includes(container.name) || (index === 0 && !containers.some((name) => isOf(pod, name))),
    ),
  }));
}

const isOf = ({ containers }: Pod, name: string): boolean => containers.some((one) => one.name === name);

function sentence(policy: string, violations: readonly Violation[]): string {
  const text = `violates PodSecurity "${policy}": ${violations.map(({ reason }) => reason).join(', ')}`;
  return text.length > maxMessageLength ? `${text.slice(0, maxMessageLength - 1)}…` : text;
}

/** The pod that the template would make. */
export function podFromTemplate({ ref }: Workload, template: Template): Pod {
  return {
    name: '',
    namespace: ref.namespace,
    uid: '',
    createdTime: '',
    security: template.security,
    containers: template.containers.map(({ name, type, image, security }) => ({
      name,
      type,
      image,
      security,
    })),
    manifest: template.manifest,
    ...(template.serviceAccount !== undefined && { serviceAccount: template.serviceAccount }),
    ...(template.pullSecrets && { pullSecrets: template.pullSecrets }),
  };
}
