// What is said where nothing is found: what that means, and where to look next.

import type { EndedContainer, TextFindings } from './explain-text.ts';
import type { RejectingPolicy } from '../messages/admission/other-admission.ts';
import type { Manifests } from '../model/manifests.ts';
import type { Container, Pod } from '../model/pod.ts';

/** Sentences of one kind that are said. */
const maxSentences = 5;

export function silenceOfText({ rejectedBy, ended = [] }: TextFindings): readonly string[] {
  const logs = ended.slice(0, maxSentences).map(endedText);
  if (!rejectedBy) return logs;
  const { engine, policy } = rejectedBy;
  const which = policy === undefined ? '' : ` ${JSON.stringify(policy)}`;
  return [
    `${engines[engine]}${which} refuses the pod, not the kubelet and not Pod Security: its rule says what it wants.`,
  ];
}

const engines: Readonly<Record<RejectingPolicy['engine'], string>> = {
  Kyverno: 'A policy of Kyverno',
  Gatekeeper: 'A constraint of Gatekeeper',
  SCC: 'A security context constraint of OpenShift',
  PodSecurityPolicy: 'A PodSecurityPolicy',
  ValidatingAdmissionPolicy: 'The ValidatingAdmissionPolicy',
  webhook: 'The admission webhook',
};

export function silenceOf({ snapshot, isNamespaceKnown }: Manifests): readonly string[] {
  const { workload, pods } = snapshot;
  const name = workload ? `${workload.ref.kind} ${workload.ref.name}` : 'This object';
  if (pods.length === 0)
    return [
      `${name} shows no refusal, and none of its pods was given: kubectl get pods -o yaml prints them, kubectl get events -o yaml what happened.`,
    ];
  const containers = pods.flatMap((pod) => pod.containers.map((container) => ({ pod, container })));
  if (containers.every(({ container }) => container.state === undefined))
    return [`${name} has no status, which only the cluster can tell: kubectl get pod NAME -o yaml.`];
  const ended = containers.flatMap(({ pod, container }) => endedOf(pod, container, isNamespaceKnown));
  const waiting = containers.flatMap(({ pod, container }) => waitingText(pod, container));
  const found = [...ended, ...waiting];
  return found.length > 0
    ? found.slice(0, maxSentences)
    : [`Nothing that rootcause knows keeps ${name} from running.`];
}

function endedOf(
  pod: Pod,
  { name, lastTerminated, state }: Container,
  isNamespaceKnown: boolean,
): readonly string[] {
  const { exitCode = 0 } = lastTerminated ?? {};
  if (exitCode === 0 || state?.is === 'running') return [];
  return [
    endedText({
      container: name,
      pod: pod.name,
      exitCode,
      ...(isNamespaceKnown && { namespace: pod.namespace }),
    }),
  ];
}

function endedText({ container, pod, namespace, exitCode }: EndedContainer): string {
  const where = `${namespace === undefined ? '' : `-n ${namespace} `}logs ${pod ?? 'POD'} -c ${container}`;
  return `Container ${container}${pod === undefined ? '' : ` of pod ${pod}`} ended with exit code ${exitCode}, and only its log can say why: kubectl ${where} --previous | rootcause explain`;
}

function waitingText(pod: Pod, { name, state }: Container): readonly string[] {
  if (state?.is !== 'waiting' || state.reason === 'CrashLoopBackOff') return [];
  return [
    `Container ${name} of pod ${pod.name} waits for another reason: ${state.reason || 'none is given'}.`,
  ];
}
