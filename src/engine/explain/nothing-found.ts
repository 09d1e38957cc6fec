// Notes on input without a known failure: what that means, and what to do next.

import type { EndedContainer, TextFindings } from './explain-text.ts';
import type { RejectingPolicy } from '../messages/admission/other-admission.ts';
import { parseKubeletStatus } from '../messages/kubelet/kubelet-message.ts';
import { configErrorNeighbour } from '../messages/neighbour/neighbour-message.ts';
import type { PastedNeighbour } from '../model/reported-failure.ts';
import type { Manifests } from '../model/manifests.ts';
import { printableLine } from '../platform/data/printable.ts';
import { containersOf } from '../platform/kubernetes/pod-containers.ts';
import { stepText } from '../report/status/recorded-fix.ts';
import type { Container, Pod } from '../model/pod.ts';

/** Of one kind. */
const maxSentences = 5;

export function textNotes({ rejectedBy, ended = [] }: TextFindings): readonly string[] {
  const logs = ended.slice(0, maxSentences).map(endedText);
  if (!rejectedBy) return logs;
  const { engine, policy } = rejectedBy;
  const which = policy === undefined ? '' : ` ${JSON.stringify(policy)}`;
  return [`${engines[engine]}${which} refuses the pod, not the kubelet or Pod Security: see its rule.`];
}

const engines: Readonly<Record<RejectingPolicy['engine'], string>> = {
  Kyverno: 'A policy of Kyverno',
  Gatekeeper: 'A constraint of Gatekeeper',
  SCC: 'A security context constraint of OpenShift',
  PodSecurityPolicy: 'A PodSecurityPolicy',
  ValidatingAdmissionPolicy: 'The ValidatingAdmissionPolicy',
  webhook: 'The admission webhook',
};

export function manifestNotes({ snapshot, isNamespaceKnown }: Manifests): readonly string[] {
  const { workload, pods } = snapshot;
  const name = workload ? `${workload.ref.kind} ${workload.ref.name}` : 'This object';
  if (pods.length === 0)
    return [
      `${name} has no create failure, and the input has none of its pods: add the output of kubectl get pods,events -o yaml.`,
    ];
  const containers = pods.flatMap((pod) =>
    containersOf(pod.manifest).map((container) => ({ pod, container })),
  );
  if (containers.every(({ container }) => container.state === undefined))
    return [`${name} has no status: use the output of kubectl get pod NAME -o yaml.`];
  const ended = containers.flatMap(({ pod, container }) => endedOf(pod, container, isNamespaceKnown));
  const waiting = containers.flatMap(({ pod, container }) => waitingText(pod, container));
  const found = [...ended, ...waiting];
  return found.length > 0 ? found.slice(0, maxSentences) : [`${name} has no known failure.`];
}

function endedOf(
  pod: Pod,
  { name, lastTerminated, state }: Container,
  isNamespaceKnown: boolean,
): readonly string[] {
  const { exitCode = 0 } = lastTerminated ?? {};
  if (exitCode === 0 || state?.is === 'running') return [];
  const place = isNamespaceKnown ? { namespace: pod.namespace } : {};
  return [endedText({ container: name, pod: pod.name, exitCode, ...place })];
}

function endedText({ container, pod, namespace, exitCode }: EndedContainer): string {
  const text = `Container ${container}${pod === undefined ? '' : ` of pod ${pod}`} exited with code ${exitCode}; its log says why`;
  const command = { do: 'explainLog', pod: pod ?? { fillIn: 'pod' }, container } as const;
  return stepText({ text, command }, namespace === undefined ? {} : { namespace });
}

/** Containers that wait with CreateContainerConfigError, for another reason than ours. */
export function manifestNeighbours({ snapshot, isNamespaceKnown }: Manifests): readonly PastedNeighbour[] {
  return snapshot.pods.flatMap(({ manifest, name: pod, namespace }) =>
    containersOf(manifest).flatMap(({ name: container, state }) => {
      if (state?.is !== 'waiting' || state.reason !== 'CreateContainerConfigError') return [];
      const neighbour = parseKubeletStatus(state.message) ? undefined : configErrorNeighbour(state.message);
      const names = { container: printableLine(container), pod: printableLine(pod) };
      return neighbour
        ? [{ neighbour, ...names, ...(isNamespaceKnown && { namespace: printableLine(namespace) }) }]
        : [];
    }),
  );
}

function waitingText(pod: Pod, { name, state }: Container): readonly string[] {
  if (state?.is !== 'waiting' || state.reason === 'CrashLoopBackOff') return [];
  return [`Container ${name} of pod ${pod.name} waits for another reason: ${state.reason || 'not set'}.`];
}
