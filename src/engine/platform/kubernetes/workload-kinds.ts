// The kinds that make pods: what each is called, where its template stands, and what becomes of its pods after a change.

import type { Rollout } from '../../model/snapshot.ts';
import type { ObjectRef, WorkloadKey, WorkloadRef } from '../../model/workload.ts';
import { groupOf, qualifiedKind } from '../../model/workload.ts';
import { booleanAt, isObject, listAt, numberAt, objectAt, present, textAt } from '../data/field.ts';
import { hasCondition } from './has-condition.ts';

export type WorkloadKind = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  /** Path of the pod template in the object; a Pod is its own. */
  readonly template: readonly string[];
  /** The kind that it makes, where that makes the pods. */
  readonly child?: string;
  /** Where it may name another object of its namespace whose template it takes instead: that is where to change it. */
  readonly templateRef?: readonly string[];
  /** Where the numbers of pods stand: wanted, ready, and made from the template of now; absent where it says none. */
  readonly counts?: {
    readonly desired: readonly string[];
    readonly ready: readonly string[];
    readonly updated?: readonly string[];
  };
  /** How its pods show from which template they were made; absent where they do not. */
  readonly revision?: Revision;
  /** Set where its selector is a plain map of labels, as a Service has it. */
  readonly selector?: 'pairs';
  /**
   * Whether its condition `ReplicaFailure` is there while its pods may not be created, and only then. Else Events are
   * asked.
   */
  readonly reportsCreateFailure: boolean;
  /** What a patch of it must be. The API server has merge keys, which a strategic one needs, only of types that it was built with. */
  readonly patch: 'strategic' | 'json';
  /**
   * What happens to its pods once the template is changed. `rolls`: they are replaced; `rollsInOrder`: but not past one
   * that never became ready; `newPodsOnly`: those that exist stay; `nextRun`: so do the Jobs that exist; `immutable`: the
   * template cannot be changed, so that the object has to be created again.
   */
  readonly afterChange: 'rolls' | 'rollsInOrder' | 'newPodsOnly' | 'nextRun' | 'immutable';
  /** Whether an object of it starts no more pods. */
  readonly hasEnded?: (object: unknown) => boolean;
  /** From its spec. */
  readonly rollout?: (spec: unknown) => Rollout;
};

/** A name for a template: where the workload has that of now, and where each pod, or its controller, has its own. */
export type Revision = {
  readonly now: (object: unknown) => string | undefined;
  readonly podLabel?: string;
  readonly controllerAnnotation?: string;
};

const underSpec = ['spec', 'template'];
const replicas = { desired: ['spec', 'replicas'], ready: ['status', 'readyReplicas'] };
const updatedReplicas = { ...replicas, updated: ['status', 'updatedReplicas'] };

const annotation = (key: string) => (object: unknown) => textAt(object, 'metadata', 'annotations', key);

const deploymentRevision = 'deployment.kubernetes.io/revision';

/** What is assumed of a kind that is not in the table, but for its name. */
export const unknownKind = {
  templates: [underSpec, ['spec', 'jobTemplate', 'spec', 'template']],
  counts: replicas,
} as const;

export const workloadKinds: readonly WorkloadKind[] = [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    plural: 'deployments',
    template: underSpec,
    child: 'ReplicaSet',
    counts: updatedReplicas,
    revision: { now: annotation(deploymentRevision), controllerAnnotation: deploymentRevision },
    reportsCreateFailure: true,
    patch: 'strategic',
    afterChange: 'rolls',
    rollout: (spec) =>
      present({ strategy: wordAt(spec, 'strategy', 'type'), isPaused: booleanAt(spec, 'paused') }),
  },
  {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    plural: 'statefulsets',
    template: underSpec,
    counts: updatedReplicas,
    revision: {
      now: (object) => textAt(object, 'status', 'updateRevision'),
      podLabel: 'controller-revision-hash',
    },
    reportsCreateFailure: false,
    patch: 'strategic',
    afterChange: 'rollsInOrder',
    rollout: (spec) =>
      present({
        strategy: wordAt(spec, 'updateStrategy', 'type'),
        podManagement: wordAt(spec, 'podManagementPolicy'),
        partition: numberAt(spec, 'updateStrategy', 'rollingUpdate', 'partition'),
      }),
  },
  {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    plural: 'daemonsets',
    template: underSpec,
    counts: {
      desired: ['status', 'desiredNumberScheduled'],
      ready: ['status', 'numberReady'],
      updated: ['status', 'updatedNumberScheduled'],
    },
    revision: {
      now: annotation('deprecated.daemonset.template.generation'),
      podLabel: 'pod-template-generation',
    },
    reportsCreateFailure: false,
    patch: 'strategic',
    afterChange: 'rolls',
    rollout: (spec) => present({ strategy: wordAt(spec, 'updateStrategy', 'type') }),
  },
  {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    plural: 'replicasets',
    template: underSpec,
    counts: replicas,
    reportsCreateFailure: true,
    patch: 'strategic',
    afterChange: 'newPodsOnly',
  },
  {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    plural: 'replicationcontrollers',
    template: underSpec,
    counts: replicas,
    selector: 'pairs',
    reportsCreateFailure: true,
    patch: 'strategic',
    afterChange: 'newPodsOnly',
  },
  {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    plural: 'cronjobs',
    template: ['spec', 'jobTemplate', 'spec', 'template'],
    child: 'Job',
    reportsCreateFailure: false,
    patch: 'strategic',
    afterChange: 'nextRun',
    rollout: (spec) =>
      present({ concurrency: wordAt(spec, 'concurrencyPolicy'), isSuspended: booleanAt(spec, 'suspend') }),
  },
  {
    apiVersion: 'batch/v1',
    kind: 'Job',
    plural: 'jobs',
    template: underSpec,
    counts: { desired: ['spec', 'parallelism'], ready: ['status', 'ready'] },
    reportsCreateFailure: false,
    patch: 'strategic',
    afterChange: 'immutable',
    hasEnded: (job) => hasCondition(job, 'Complete') || hasCondition(job, 'Failed'),
    rollout: (spec) => present({ isSuspended: booleanAt(spec, 'suspend') }),
  },
  {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    plural: 'rollouts',
    template: underSpec,
    child: 'ReplicaSet',
    templateRef: ['spec', 'workloadRef'],
    counts: updatedReplicas,
    revision: {
      now: (object) => textAt(object, 'status', 'currentPodHash'),
      podLabel: 'rollouts-pod-template-hash',
    },
    // It takes over the condition of its ReplicaSets, but not while it is paused.
    reportsCreateFailure: false,
    patch: 'json',
    afterChange: 'rolls',
    rollout: (spec) => ({
      ...present({ isPaused: booleanAt(spec, 'paused') }),
      ...(waitsForPromotion(objectAt(spec, 'strategy')) && { waitsFor: 'promotion' }),
    }),
  },
  {
    apiVersion: 'apps.openshift.io/v1',
    kind: 'DeploymentConfig',
    plural: 'deploymentconfigs',
    template: underSpec,
    child: 'ReplicationController',
    counts: updatedReplicas,
    revision: {
      now: (object) => numberAt(object, 'status', 'latestVersion')?.toString(),
      controllerAnnotation: 'openshift.io/deployment-config.latest-version',
    },
    selector: 'pairs',
    reportsCreateFailure: false,
    // No custom resource: OpenShift's own API server serves it as a type with merge keys.
    patch: 'strategic',
    afterChange: 'rolls',
    rollout: (spec) => ({
      ...present({ isPaused: booleanAt(spec, 'paused') }),
      ...(isRolledByHand(spec) && { waitsFor: 'start' }),
    }),
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    plural: 'pods',
    template: [],
    // One that was refused does not exist.
    reportsCreateFailure: true,
    patch: 'strategic',
    afterChange: 'immutable',
  },
];

const byName: ReadonlyMap<string, WorkloadKind> = new Map(workloadKinds.map((row) => [nameOf(row), row]));

/** Its row; undefined for a kind that only shares its name with one of these. */
export const workloadKind = (ref: Omit<ObjectRef, 'name'>): WorkloadKind | undefined =>
  byName.get(nameOf(ref));

/** What a key means, without the uid; undefined for a kind that is not in the table, as a key does not hold its version. */
export function workloadRefOf(key: WorkloadKey): WorkloadRef | undefined {
  const [qualified, namespace = '', name = ''] = key.split('/');
  const row = workloadKinds.find((one) => qualifiedKind(one) === qualified);
  return row && { apiVersion: row.apiVersion, kind: row.kind, namespace, name, uid: '' };
}

/** Versions of a kind are the same objects. */
function nameOf({ apiVersion, kind }: Omit<ObjectRef, 'name'>): string {
  return `${groupOf(apiVersion)}/${kind}`;
}

/** Its template cannot be changed: it has to be created again. */
export const isImmutable = (ref: ObjectRef): boolean => workloadKind(ref)?.afterChange === 'immutable';

/** A step that ends only when a person says so. */
const waitsForPromotion = (strategy: unknown): boolean =>
  booleanAt(strategy, 'blueGreen', 'autoPromotionEnabled') === false ||
  listAt(strategy, 'canary', 'steps').some(
    (step) => isObject(step) && isObject(step['pause']) && step['pause']['duration'] === undefined,
  );

/** Without the trigger, a changed template waits for `oc rollout latest`. Absent triggers are the default, which has it. */
const isRolledByHand = (spec: unknown): boolean =>
  isObject(spec) &&
  Array.isArray(spec['triggers']) &&
  !spec['triggers'].some((trigger) => textAt(trigger, 'type') === 'ConfigChange');

/** One of the API's own words, or what somebody wrote in its place. */
const wordAt = (spec: unknown, ...path: readonly string[]): string | undefined =>
  textAt(spec, ...path)?.slice(0, 64);
