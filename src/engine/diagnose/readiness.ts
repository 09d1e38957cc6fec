// Whether a workload works, and if not, what its status shows of the reason.

import type { Cause } from '../model/cause.ts';
import type { Obstacle, WorkloadReadiness } from '../model/finding.ts';
import type { Container, Pod } from '../model/pod.ts';
import type { Snapshot, Workload } from '../model/snapshot.ts';
import type { Time } from '../model/time.ts';
import { printableLine } from '../platform/data/printable.ts';
import { containersOf } from '../platform/kubernetes/pod-containers.ts';
import { workloadKind } from '../platform/kubernetes/workload-kinds.ts';
import { podCount } from './verdict.ts';
import { createFailuresAnswer, wantsPods } from './witnesses/create-failures.ts';

/** @param older pods whose failure is history, newest first */
export function readinessOf(
  snapshot: Snapshot,
  pods: readonly Pod[],
  older: readonly Pod[],
): WorkloadReadiness {
  const { workload, now } = snapshot;
  const current = pods.filter((pod) => !older.includes(pod) && pod.madeFrom !== 'olderTemplate');
  const crashing = current.filter((pod) => isCrashing(pod, now));
  const unready = current.filter((pod, index) =>
    pod.finished ? index === 0 && isRun(workload) && hasFailed(pod) : !pod.ready || crashing.includes(pod),
  );
  const isDone = !workload || !wantsPods(workload);
  const { desired, ready = 0 } = workload ?? {};
  const steady = Math.max(0, ready - podCount(crashing.filter((pod) => pod.ready)));
  const isReady =
    isDone || (older.length === 0 && unready.length === 0 && hasAll({ ...workload, ready: steady }));
  const obstacle = isReady ? undefined : obstacleIn(snapshot, unready);
  return {
    isReady,
    ...(desired !== undefined &&
      workload &&
      isCounted(workload) && { desired, ready: Math.min(steady, desired) }),
    olderPods: podCount(older),
    isProved: isDone || older.length > 0 || hasPassed(snapshot, current),
    ...(obstacle && { obstacle }),
  };
}

/** Of pods that end, the newest one says whether the work is done. */
const isRun = (workload: Workload | undefined): boolean =>
  workload !== undefined && /^(?:Cron)?Job$/.test(workload.ref.kind);

const hasFailed = ({ manifest }: Pod): boolean =>
  containersOf(manifest).some(({ state }) => state?.is === 'terminated' && state.exitCode !== 0);

/**
 * Jobs want pods until they have ended, however many run at once. Where other kinds count their ready pods is not known:
 * the pods that are there decide.
 */
function hasAll(workload: Workload): boolean {
  const { desired = 0, ready = 0, updated = ready, ref, rollout = {} } = workload;
  if (ref.kind === 'Job' || !isCounted(workload)) return true;
  const { strategy, partition = 0 } = rollout;
  return ready >= desired && (strategy === 'OnDelete' || updated >= desired - partition);
}

const isCounted = ({ ref, runBy = ref }: Workload): boolean => workloadKind(runBy)?.counts !== undefined;

/** So long a container has to run until the kubelet forgets that it crashed. */
const forgottenAfterMs = 600_000;

/** Between two crashes it is ready for a moment: it counts as not ready all the time, or the record would change with it. */
const isCrashing = ({ manifest }: Pod, now: Time): boolean =>
  containersOf(manifest).some(
    ({ restarts = 0, lastTerminated, lastStartedTime }) =>
      restarts > 2 &&
      lastTerminated !== undefined &&
      lastTerminated.exitCode !== 0 &&
      Date.parse(now) - Date.parse(lastStartedTime ?? now) < forgottenAfterMs,
  );

/** What a container has passed once it has begun to run. What a program lacks shows later, and again with each start. */
const beforeTheStart: ReadonlySet<Cause> = new Set([
  'ImageRunsAsRoot',
  'NonNumericUser',
  'RunAsUserIsRoot',
  'InvalidImageUID',
  'WindowsAdministrator',
  'PodSecurityViolation',
]);

/** Each container that was recorded as failing has begun to run since, in a pod of the current template. */
function hasPassed({ recorded }: Snapshot, current: readonly Pod[]): boolean {
  const { findings = [] } = recorded?.status ?? {};
  if (!findings.every(({ cause }) => beforeTheStart.has(cause))) return false;
  const failed = new Set(findings.map(({ container }) => container.name));
  return current.some((pod) => {
    const again = containersOf(pod.manifest).filter(({ name }) => failed.has(name));
    return again.every(hasBegun) && containersOf(pod.manifest).some(hasBegun);
  });
}

const hasBegun = ({ state, lastStartedTime }: Container): boolean =>
  lastStartedTime !== undefined || state?.is === 'running' || state?.is === 'terminated';

function obstacleIn(snapshot: Snapshot, unready: readonly Pod[]): Obstacle | undefined {
  const { workload, createFailures = [] } = snapshot;
  if (workload?.rollout?.isPaused) return { is: 'paused' };
  const [pod] = unready;
  const refused = createFailures[0] ?? createFailuresAnswer(snapshot)?.createFailures[0];
  if (refused && !pod) return { is: 'refused', message: printableLine(refused.message, 300) };
  return pod && obstacleOf(pod);
}

const isStarting = new Set(['', 'PodInitializing', 'ContainerCreating']);

/** An end is remembered while the container runs again: it says more than that it is not ready yet. */
function obstacleOf(pod: Pod): Obstacle {
  const containers = containersOf(pod.manifest).filter(({ type }) => type !== 'EphemeralContainer');
  const ended = containers.find(
    ({ type, state, lastTerminated }) =>
      lastTerminated &&
      lastTerminated.exitCode !== 0 &&
      !(type === 'InitContainer' && state?.is === 'terminated' && state.exitCode === 0),
  );
  if (ended?.lastTerminated)
    return { is: 'exits', container: ended.name, exitCode: ended.lastTerminated.exitCode };
  const waits = containers.flatMap(({ name, state }) =>
    state?.is === 'waiting' && !isStarting.has(state.reason)
      ? { is: 'waits' as const, container: name, reason: state.reason }
      : [],
  )[0];
  return waits ?? (pod.node === undefined ? { is: 'unscheduled' } : { is: 'unready' });
}
