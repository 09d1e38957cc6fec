// Says what the kubelet refuses in one container now, from its status, else from Events, else from the record.

import type { RecordedFinding } from '../../model/diagnosis.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Container, ContainerEvent, Pod, SecuritySettings } from '../../model/pod.ts';
import type { Answer, EventsAnswer, EventsQuestion } from '../../model/question.ts';
import { effective, verifyRunAsNonRoot } from '../../platform/kubelet/kubelet-user.ts';
import { isBetweenAttempts, readStatus } from './container-status.ts';
import { parseKubeletStatus, type KubeletFailure } from '../../messages/kubelet/kubelet-message.ts';

type Evidence = Pick<Snapshot, 'answers' | 'recorded'>;

/**
 * Returns the failure that holds for a container now.
 *
 * Between two attempts at a container that ran before, its status says only `CrashLoopBackOff` or `terminated`. Then
 * the newest Event about a failure decides, and where no Event is left or none may be read, what was found before
 * still holds.
 */
export function kubeletFailure(container: Container, pod: Pod, told: Evidence): KubeletFailure | undefined {
  const status = readStatus(container, pod);
  if (status !== 'undetermined') return status;
  const event = newestFailure(container, pod, told);
  if (event) return ifPossible(parseKubeletStatus(event.message), container, pod);
  return isBetweenAttempts(container) ? recordedFailure(container, pod, told) : undefined;
}

/** Pods of one workload whose Events are read. They share a template, so that others would say the same again. */
const maxPodsAsked = 10;

/** What would have to be known to judge the pods whose status does not tell, as far as nobody has looked yet. */
export function eventsQuestions(pods: readonly Pod[], { answers }: Evidence): readonly EventsQuestion[] {
  const answered = new Set(eventAnswers(answers).map(({ question }) => question.podUid));
  return pods
    .filter(isUndetermined)
    .slice(0, maxPodsAsked)
    .filter(({ uid }) => !answered.has(uid))
    .map(({ name, namespace, uid }) => ({ ask: 'events', namespace, pod: name, podUid: uid }));
}

function isUndetermined(pod: Pod): boolean {
  return pod.containers.some(
    (container) => readStatus(container, pod) === 'undetermined' && isOpen(settingsOf(container, pod)),
  );
}

/**
 * The newest Event that says why the container failed since it last began to run, for beginning to run is passing the
 * check. Times are whole seconds, and one of the same second counts as earlier: attempts are ten seconds apart, so a
 * true failure soon has a later Event, while a container that was just repaired would stay accused for an hour.
 */
function newestFailure(container: Container, pod: Pod, { answers }: Evidence): ContainerEvent | undefined {
  const failures = eventAnswers(answers)
    .filter(({ question }) => question.podUid === pod.uid)
    .flatMap(({ events }) => events)
    .filter((event) => isFailureOf(event, container, pod))
    .filter(({ lastTime }) => lastTime > (container.lastStartedTime ?? ''));
  const newest = failures.reduce((time, { lastTime }) => (lastTime > time ? lastTime : time), '');
  const last = failures.filter(({ lastTime }) => lastTime === newest).toSorted(byMessage);
  return last.find(({ message }) => parseKubeletStatus(message) === undefined) ?? last[0];
}

const eventAnswers = (answers: readonly Answer[]): readonly EventsAnswer[] =>
  answers.filter((answer) => 'events' in answer);

/** Two in one second cannot be put in order: one that says something else wins, so that nobody is accused by chance. */
const byMessage = (a: ContainerEvent, b: ContainerEvent): number => (a.message < b.message ? -1 : 1);

function isFailureOf(event: ContainerEvent, { name, type }: Container, pod: Pod): boolean {
  return (
    event.reason === 'Failed' &&
    event.podUid === pod.uid &&
    event.container === name &&
    event.type === (type === 'Sidecar' ? 'InitContainer' : type)
  );
}

/**
 * The record names no pod. It speaks of this one only if the container has not begun to run since, the pod is not
 * younger than the record, and image and settings are those that were refused.
 */
function recordedFailure(container: Container, pod: Pod, { recorded }: Evidence): KubeletFailure | undefined {
  const status = recorded?.status;
  if (status?.state !== 'Failing') return undefined;
  if ((container.lastStartedTime ?? pod.createdTime) >= status.firstSeenTime) return undefined;
  const finding = status.findings.find((found) => isAbout(found, container));
  return finding && ifPossible(parseKubeletStatus(finding.message), container, pod);
}

function isAbout(finding: RecordedFinding, { name, type, image }: Container): boolean {
  return (
    finding.container.name === name && finding.container.type === type && finding.image.reference === image
  );
}

const settingsOf = (container: Container, pod: Pod): SecuritySettings =>
  effective(pod.security, container.security);

/** False where the settings alone let the container pass. Windows, which an account's name shows, ignores runAsUser. */
function isOpen(settings: SecuritySettings): boolean {
  const isWindows = settings.runAsUserName !== undefined && settings.runAsNonRoot === true;
  return isWindows || verifyRunAsNonRoot(settings, undefined).passes !== true;
}

/** An Event can be forged and a record can be of another pod: neither is believed against the settings. */
function ifPossible(
  failure: KubeletFailure | undefined,
  container: Container,
  pod: Pod,
): KubeletFailure | undefined {
  const settings = settingsOf(container, pod);
  // Windows ignores runAsUser
  if (failure?.cause === 'WindowsAdministrator') return settings.runAsNonRoot === true ? failure : undefined;
  const verdict = verifyRunAsNonRoot(settings, undefined);
  if (verdict.passes === true) return undefined;
  const isRunAsUser = failure?.cause === 'RunAsUserIsRoot';
  return isRunAsUser === (verdict.passes === false) ? failure : undefined;
}
