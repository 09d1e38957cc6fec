// Builds snapshots that read as sentences: snapshot().of(deployment('web')).pod((p) => p.with(container('app')…)).

import type { Finding } from '../src/engine/model/finding.ts';
import { recordedFinding } from '../src/engine/report/status/recorded-finding.ts';
import type { PodManifest } from '../src/engine/model/pod-manifest.ts';
import type { Snapshot, Workload } from '../src/engine/model/snapshot.ts';
import type {
  Container,
  ContainerEvent,
  ContainerState,
  ContainerType,
  FieldManagers,
  KnownContainer,
  Pod,
  SecuritySettings,
  Template,
} from '../src/engine/model/pod.ts';
import type { Time } from '../src/engine/model/time.ts';
import { keyOf } from '../src/engine/model/workload.ts';
import { listOf } from '../src/engine/platform/kubernetes/pod-containers.ts';

/** A time of one day: `at('10:00:05')`. */
export const at = (time: string): Time => `2026-11-22T${time}Z`;

const namespace = 'shop';

type Ref = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly path: string;
};

const made =
  (apiVersion: string, ofKind: string) =>
  (name: string): Ref => ({ apiVersion, kind: ofKind, name, path: 'spec.template.spec' });

export const deployment = made('apps/v1', 'Deployment');
export const replicaSet = made('apps/v1', 'ReplicaSet');
export const job = made('batch/v1', 'Job');
export const cronJob = (name: string): Ref => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  name,
  path: 'spec.jobTemplate.spec.template.spec',
});
export const barePod = (name: string): Ref => ({ apiVersion: 'v1', kind: 'Pod', name, path: 'spec' });

/** Settings of one level, and who set them. */
type Security = SecuritySettings & { readonly managers?: FieldManagers };

/** One container, and at once its pod's status of it. Every method returns a changed copy. */
export class ContainerBuilder {
  readonly #container: Container;

  constructor(container: Container) {
    this.#container = container;
  }

  image(image: string): ContainerBuilder {
    return this.#with({ image });
  }

  secured(security: Security): ContainerBuilder {
    const { managers: _managers, ...container } = this.#container;
    return new ContainerBuilder({ ...container, ...levelOf(security) });
  }

  /** In `CreateContainerConfigError`, unless another reason is given. */
  waiting(message: string, reason = 'CreateContainerConfigError'): ContainerBuilder {
    return this.#with({ state: { is: 'waiting', reason, message } });
  }

  crashLooping(): ContainerBuilder {
    return this.waiting('back-off 5m0s restarting failed container', 'CrashLoopBackOff');
  }

  terminated(exitCode = 1): ContainerBuilder {
    return this.#with({
      state: { is: 'terminated', reason: exitCode === 0 ? 'Completed' : 'Error', exitCode },
    });
  }

  running(): ContainerBuilder {
    return this.#with({ state: { is: 'running' } });
  }

  startedAt(time: string): ContainerBuilder {
    return this.#with({ lastStartedTime: at(time) });
  }

  /** What the runtime said of the last attempt to start it. */
  lastFailed(message: string, reason = 'StartError'): ContainerBuilder {
    return this.#with({ lastTerminated: { reason, exitCode: 128, message } });
  }

  restarted(times: number): ContainerBuilder {
    return this.#with({ restarts: times });
  }

  build(): Container {
    return this.#container;
  }

  #with(change: Partial<Container> & { readonly state?: ContainerState }): ContainerBuilder {
    return new ContainerBuilder({ ...this.#container, ...change });
  }
}

const kind =
  (type: ContainerType) =>
  (name: string): ContainerBuilder =>
    new ContainerBuilder({ name, type, image: `registry.example/${name}:1` }).secured({});

export const container = kind('Container');
export const initContainer = kind('InitContainer');
export const sidecar = kind('Sidecar');
export const ephemeralContainer = kind('EphemeralContainer');

/** One pod, whose uid is `uid-of-NAME`. Every method returns a changed copy. */
export class PodBuilder {
  readonly #pod: Pod;
  readonly #containers: readonly Container[];

  constructor(pod: Pod, containers: readonly Container[] = []) {
    this.#pod = pod;
    this.#containers = containers;
  }

  secured(security: Security): PodBuilder {
    const { managers: _managers, ...pod } = this.#pod;
    return new PodBuilder({ ...pod, ...declared(security, []) }, this.#containers);
  }

  on(node: string): PodBuilder {
    return new PodBuilder({ ...this.#pod, node }, this.#containers);
  }

  labelled(labels: Readonly<Record<string, string>>): PodBuilder {
    return new PodBuilder({ ...this.#pod, labels }, this.#containers);
  }

  createdAt(time: string): PodBuilder {
    return new PodBuilder({ ...this.#pod, createdTime: at(time) }, this.#containers);
  }

  madeFrom(from: 'currentTemplate' | 'olderTemplate'): PodBuilder {
    return new PodBuilder({ ...this.#pod, madeFrom: from }, this.#containers);
  }

  finished(): PodBuilder {
    return new PodBuilder({ ...this.#pod, finished: true }, this.#containers);
  }

  with(...containers: readonly ContainerBuilder[]): PodBuilder {
    const built = containers.map((builder) => builder.build());
    return new PodBuilder(this.#pod, [...this.#containers, ...built]);
  }

  build(): Pod {
    const { securityContext } = this.#pod.manifest.spec;
    const isReady = this.#containers.every(({ state }) => state?.is === 'running');
    return {
      ...this.#pod,
      ...(isReady && this.#containers.length > 0 && { ready: true }),
      manifest: manifestIn(securityContext, this.#containers),
    };
  }
}

/** What stands at one level, in Kubernetes' own shape. */
function levelOf({ managers, runAsUserName, ...rest }: Security) {
  const windows = runAsUserName !== undefined && { windowsOptions: { runAsUserName } };
  return { securityContext: { ...rest, ...windows }, ...(managers && { managers }) };
}

/** The manifest with these settings at the pod level. */
export const manifestOf = (
  security: SecuritySettings,
  containers: readonly Container[],
): PodManifest<KnownContainer> => declared(security, containers).manifest;

function declared(security: Security, containers: readonly Container[]) {
  const { securityContext, ...managers } = levelOf(security);
  return { manifest: manifestIn(securityContext, containers), ...managers };
}

function manifestIn(
  securityContext: PodManifest['spec']['securityContext'],
  containers: readonly Container[],
): PodManifest<KnownContainer> {
  const list = (name: string): readonly KnownContainer[] =>
    containers
      .filter(({ type }) => listOf[type] === name)
      .map(({ type, ...one }) => (type === 'Sidecar' ? { ...one, restartPolicy: 'Always' } : one));
  return {
    spec: {
      ...(securityContext && { securityContext }),
      initContainers: list('initContainers'),
      containers: list('containers'),
      ephemeralContainers: list('ephemeralContainers'),
    },
  };
}

const newPod = (name: string): PodBuilder =>
  new PodBuilder({
    name,
    namespace,
    uid: `uid-of-${name}`,
    createdTime: at('10:00:00'),
    ...declared({ runAsNonRoot: true }, []),
  });

/** A Failed Event about a container of the pod it is given to. */
export type Happened = Partial<Omit<ContainerEvent, 'lastTime'>> & {
  readonly message: string;
  readonly time: string;
};

/** A snapshot at 12:00:00. Every method returns a changed copy. */
export class SnapshotBuilder {
  readonly #snapshot: Snapshot;
  readonly #path: string;

  constructor(snapshot: Snapshot, path: string) {
    this.#snapshot = snapshot;
    this.#path = path;
  }

  of({ path, ...ref }: Ref): SnapshotBuilder {
    const workload: Workload = { ref: { ...ref, namespace, uid: 'uid-of-workload' }, incomplete: false };
    return new SnapshotBuilder({ ...this.#snapshot, key: keyOf(workload.ref), workload }, path);
  }

  /** What the workload declares; without it, the workload could not be read. */
  declaring(security: Security, ...containers: readonly ContainerBuilder[]): SnapshotBuilder {
    const { workload } = this.#snapshot;
    if (!workload) throw new Error('a template needs a workload: call of() first');
    const listed = containers.map((builder) => {
      const { name, type, image, securityContext = {}, managers } = builder.build();
      return { name, type, image, securityContext, ...(managers && { managers }) };
    });
    const template: Template = { path: this.#path, ...declared(security, listed) };
    return this.#with({ workload: { ...workload, template } });
  }

  /** Adds a pod that requires runAsNonRoot and was created at 10:00:00, unless it is told otherwise. */
  pod(build: (pod: PodBuilder) => PodBuilder, name = `web-${this.#snapshot.pods.length}`): SnapshotBuilder {
    const pods = [...this.#snapshot.pods, build(newPod(name)).build()];
    return this.#with({ pods, podsTotal: pods.length });
  }

  /** Answers the question about a pod: with these Events, or with none. */
  happened(pod: string, ...events: readonly Happened[]): SnapshotBuilder {
    return this.#answering(pod, events);
  }

  /** The question about a pod could not be answered. */
  denied(pod: string): SnapshotBuilder {
    return this.#answering(pod, [], 'forbidden');
  }

  /** A Diagnosis says so, first seen at that time. */
  recorded(
    time: string,
    findings: readonly Finding[],
    state: 'Failing' | 'Resolved' = 'Failing',
  ): SnapshotBuilder {
    const { workload } = this.#snapshot;
    if (!workload) throw new Error('a record needs a workload: call of() first');
    const { apiVersion, kind: workloadKind, name } = workload.ref;
    return this.#with({
      recorded: {
        name: `${workloadKind.toLowerCase()}-${name}`,
        namespace,
        uid: 'uid-of-diagnosis',
        generation: 1,
        spec: { workloadRef: { apiVersion, kind: workloadKind, name } },
        status: {
          observedGeneration: 1,
          state,
          workload: `${workloadKind}/${name}`,
          cause: findings[0]?.cause ?? 'ImageRunsAsRoot',
          summary: '',
          pods: { failing: 1, total: 1, summary: '1/1' },
          firstSeenTime: at(time),
          ownerIncomplete: false,
          findings: findings.map(recordedFinding),
          impact: { nodes: [] },
          conditions: [],
        },
      },
    });
  }

  build(): Snapshot {
    return this.#snapshot;
  }

  #answering(pod: string, events: readonly Happened[], because?: string): SnapshotBuilder {
    const podUid = `uid-of-${pod}`;
    const answer = {
      question: { ask: 'events', namespace, pod, podUid } as const,
      events: events.map(({ time, ...event }): ContainerEvent => ({
        podUid,
        container: 'app',
        type: 'Container',
        reason: 'Failed',
        lastTime: at(time),
        ...event,
      })),
      ...(because !== undefined && { because }),
    };
    return this.#with({ answers: [...this.#snapshot.answers, answer] });
  }

  #with(change: Partial<Snapshot>): SnapshotBuilder {
    return new SnapshotBuilder({ ...this.#snapshot, ...change }, this.#path);
  }
}

export const snapshot = (): SnapshotBuilder =>
  new SnapshotBuilder(
    { key: '', now: at('12:00:00'), pods: [], nodes: [], podsTotal: 0, answers: [], remembered: {} },
    'spec',
  );

/** The kubelet's sentences, and how they stand in a status and in an Event. */
export const runsAsRoot = 'container has runAsNonRoot and image will run as root';
export const named = (user: string): string =>
  `container has runAsNonRoot and image has non-numeric user (${user}), cannot verify user is non-root`;
export const zero = "container's runAsUser breaks non-root policy";
export const outOfRange =
  'container has runAsNonRoot and image has an invalid user id (4294967294). (Must be 1-(2147483647)): must be between 0 and 2147483647, inclusive';
export const administrator =
  "container's runAsUserName (ContainerAdministrator) which will be regarded as root identity and will break non-root policy";

export const inPod = (sentence: string, pod = 'web-0', name = 'app'): string =>
  `${sentence} (pod: "${pod}_shop(5d0c7b1e-0000-4000-8000-000000000007)", container: ${name})`;
export const inEvent = (sentence: string): string => `Error: ${inPod(sentence)}`;
