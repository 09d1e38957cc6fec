// Whether a scenario's pods have come to the state that it is about, so that silence means something.

import type { WireContainerStatus, WireEvent, WirePod } from './objects.ts';
import type { Complaints } from './until.ts';

const onTheWay = new Set(['ContainerCreating', 'PodInitializing']);

/** Every pod runs or has met its trouble; no pod at all is settled only where none is to come. */
export function complainUnsettled(
  pods: readonly WirePod[],
  events: readonly WireEvent[],
  makesPods: boolean,
): Complaints {
  const refused = events.some(({ reason }) => reason === 'FailedCreate');
  if (pods.length === 0) return makesPods && !refused ? ['no pod yet'] : [];
  return pods
    .filter((pod) => !isSettled(pod))
    .map((pod) => `pod ${pod.metadata.name} is on its way: ${show(pod)}`);
}

function isSettled(pod: WirePod): boolean {
  const ready = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  return ready === true || statusesOf(pod).some(({ state }) => isTrouble(state));
}

function isTrouble(state: WireContainerStatus['state']): boolean {
  const reason = state?.waiting?.reason;
  return state?.terminated !== undefined || (reason !== undefined && !onTheWay.has(reason));
}

/** Compares with the pods of a recording of the same scenario: as many, and each container in a recorded state. */
export function complainUnlike(
  pods: readonly WirePod[],
  recordings: readonly (readonly WirePod[])[],
): Complaints {
  const recorded = recordings.flat();
  const states = new Set(recorded.flatMap((pod) => statusesOf(pod).map(stateOf)));
  const wanted = recordings[0]?.length ?? 0;
  const strange = pods.filter((pod) => !isLike(pod, states, recorded));
  return [
    ...(pods.length === wanted ? [] : [`${pods.length} pods where the recording has ${wanted}`]),
    ...strange.map(
      (pod) => `pod ${pod.metadata.name} is ${show(pod)}, recorded as ${[...states].join(', ')}`,
    ),
  ];
}

function isLike(pod: WirePod, states: ReadonlySet<string>, recorded: readonly WirePod[]): boolean {
  const statuses = statusesOf(pod);
  const count = Math.max(...recorded.map((one) => statusesOf(one).length));
  return statuses.length === count && statuses.every((status) => states.has(stateOf(status)));
}

/** `app waiting CrashLoopBackOff, cache running` */
export function show(pod: WirePod): string {
  return statusesOf(pod).map(stateOf).join(', ') || (pod.status?.phase ?? 'without status');
}

export function statusesOf({ status }: WirePod): readonly WireContainerStatus[] {
  const {
    initContainerStatuses = [],
    containerStatuses = [],
    ephemeralContainerStatuses = [],
  } = status ?? {};
  return [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses];
}

function stateOf({ name, state }: WireContainerStatus): string {
  if (state?.running) return `${name} running`;
  if (state?.terminated) return `${name} terminated ${state.terminated.reason}`;
  return `${name} waiting ${state?.waiting?.reason}`;
}
