// What the kubelet says in its Events about a container whose status does not say, as between two attempts.

import { containersOf } from '../../platform/kubernetes/pod-containers.ts';
import { parseKubeletStatus } from '../../messages/kubelet/kubelet-message.ts';
import type { Container, ContainerEvent, Pod } from '../../model/pod.ts';
import type { EventsAnswer, EventsQuestion } from '../../model/question.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { canFail, ifPossible } from './kubelet-settings.ts';
import { isUndetermined } from './kubelet-status.ts';
import type { ContainerFailure } from './witness.ts';

export function kubeletEvents(
  container: Container,
  pod: Pod,
  snapshot: Snapshot,
): ContainerFailure | undefined {
  if (!isUndetermined(container, pod)) return undefined;
  const event = newestFailure(container, pod, snapshot);
  return event && ifPossible(parseKubeletStatus(event.message), container, pod);
}

/** Pods of one workload whose Events are read. They share a template, so that others would say the same again. */
const maxPodsAsked = 10;

/** Asked about pods whose status does not say, unless their Events have been read. */
export function eventsQuestions(pods: readonly Pod[], snapshot: Snapshot): readonly EventsQuestion[] {
  return pods
    .filter((pod) =>
      containersOf(pod.manifest).some(
        (container) => isUndetermined(container, pod) && canFail(container, pod),
      ),
    )
    .slice(0, maxPodsAsked)
    .filter((pod) => answersAbout(pod, snapshot).length === 0)
    .map(({ name, namespace, uid }) => ({ ask: 'events', namespace, pod: name, podUid: uid }));
}

/**
 * The newest Event that says why the container failed since it last began to run, for beginning to run is passing the
 * check. Times are whole seconds, and one of the same second counts as earlier: attempts are ten seconds apart, so a
 * true failure soon has a later Event, while a container that was just repaired would stay accused for an hour.
 */
export function newestFailure(
  container: Container,
  pod: Pod,
  snapshot: Snapshot,
): ContainerEvent | undefined {
  const failures = answersAbout(pod, snapshot)
    .flatMap(({ events }) => events)
    .filter((event) => isFailureOf(event, container, pod))
    .filter(({ lastTime }) => lastTime > (container.lastStartedTime ?? ''));
  const newest = failures.reduce((time, { lastTime }) => (lastTime > time ? lastTime : time), '');
  const last = failures.filter(({ lastTime }) => lastTime === newest).toSorted(byMessage);
  return last.find(({ message }) => parseKubeletStatus(message) === undefined) ?? last[0];
}

/** True where Events of the pod were read, even if there was none. */
export const areEventsRead = (pod: Pod, snapshot: Snapshot): boolean =>
  answersAbout(pod, snapshot).some(({ because }) => because === undefined);

const answersAbout = ({ uid }: Pod, { answers }: Snapshot): readonly EventsAnswer[] =>
  answers.filter((answer): answer is EventsAnswer => 'events' in answer && answer.question.podUid === uid);

/** Two in one second cannot be put in order: one that says something else wins, so that no container is blamed by chance. */
const byMessage = (a: ContainerEvent, b: ContainerEvent): number => (a.message < b.message ? -1 : 1);

function isFailureOf(event: ContainerEvent, { name, type }: Container, pod: Pod): boolean {
  return (
    event.reason === 'Failed' &&
    event.podUid === pod.uid &&
    event.container === name &&
    event.type === (type === 'Sidecar' ? 'InitContainer' : type)
  );
}
