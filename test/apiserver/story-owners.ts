// Owners of pods as sentences: `replicaSet('web-abc').of(deployment('web'))`.

import { createHash } from 'node:crypto';
import { fieldsIn, formatFieldSet } from './field-sets.ts';
import { ownable } from './managed-fields.ts';
import type { Fields, KubeObject } from './object.ts';
import { builtInTyping } from './typing.ts';

type OwnerFacts = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly owner: OwnerStory | undefined;
  readonly replicas: number;
  /** Absent: all where the pod of the story is ready, else none. */
  readonly readyReplicas?: number | undefined;
  /** Field manager of the spec. */
  readonly manager: string;
  readonly annotations: Fields;
  readonly labels: Fields;
};

export type OwnerStory = {
  /** The owner's owner. */
  readonly of: (owner: OwnerStory) => OwnerStory;
  readonly replicas: (desired: number, ready?: number) => OwnerStory;
  /** `kubectl-client-side-apply` unless said, and the controller manager for what has an owner itself. */
  readonly setBy: (manager: string) => OwnerStory;
  readonly annotated: (annotations: Fields) => OwnerStory;
  readonly labelled: (labels: Fields) => OwnerStory;
  /** Labels of its pods, by which it and all owners above it select them. */
  readonly podLabels: Fields;
  /** The reference that what it owns carries. */
  readonly reference: (namespace: string) => Fields;
  /** Itself and what owns it, the topmost first, with a template made of this pod. */
  readonly objects: (namespace: string, template: Fields, isReady?: boolean) => readonly KubeObject[];
};

export const deployment = (name: string): OwnerStory => owner('apps/v1', 'Deployment', name);
export const replicaSet = (name: string): OwnerStory => owner('apps/v1', 'ReplicaSet', name);
export const statefulSet = (name: string): OwnerStory => owner('apps/v1', 'StatefulSet', name);
export const daemonSet = (name: string): OwnerStory => owner('apps/v1', 'DaemonSet', name);
export const job = (name: string): OwnerStory => owner('batch/v1', 'Job', name);
export const replicationController = (name: string): OwnerStory => owner('v1', 'ReplicationController', name);
export const cronJob = (name: string): OwnerStory => owner('batch/v1', 'CronJob', name);

/** An owner of any kind; a custom kind must be registered with the server. */
export function owner(apiVersion: string, kind: string, name: string): OwnerStory {
  const nothing = { owner: undefined, manager: '', annotations: {}, labels: {} };
  return storyOf({ apiVersion, kind, name, replicas: 1, ...nothing });
}

function storyOf(facts: OwnerFacts): OwnerStory {
  return {
    of: (above) => storyOf({ ...facts, owner: above }),
    replicas: (replicas, readyReplicas) => storyOf({ ...facts, replicas, readyReplicas }),
    setBy: (manager) => storyOf({ ...facts, manager }),
    annotated: (annotations) => storyOf({ ...facts, annotations }),
    labelled: (labels) => storyOf({ ...facts, labels }),
    podLabels: podLabelsOf(facts),
    reference: (namespace) => referenceTo(facts, namespace),
    objects: (namespace, template, isReady = false) => [
      ...(facts.owner?.objects(namespace, template, isReady) ?? []),
      objectOf(facts, namespace, template, isReady),
    ],
  };
}

function referenceTo({ apiVersion, kind, name }: OwnerFacts, namespace: string): Fields {
  const flags = { controller: true, blockOwnerDeletion: true };
  return { apiVersion, kind, name, uid: uidOf(kind, namespace, name), ...flags };
}

function objectOf(facts: OwnerFacts, namespace: string, template: Fields, isReady: boolean): KubeObject {
  const { apiVersion, kind, name, replicas, annotations, labels } = facts;
  const { readyReplicas = isReady ? replicas : 0 } = facts;
  const spec = specOf(facts, template);
  const manager = facts.manager || (facts.owner ? 'kube-controller-manager' : 'kubectl-client-side-apply');
  const metadata = {
    name,
    namespace,
    uid: uidOf(kind, namespace, name),
    creationTimestamp: storyTime,
    generation: 1,
    annotations,
    labels,
    ...(facts.owner && { ownerReferences: [facts.owner.reference(namespace)] }),
    managedFields: [managedBy(manager, apiVersion, { spec })],
  };
  const counts =
    kind === 'DaemonSet'
      ? daemonCounts(replicas, readyReplicas)
      : { replicas, readyReplicas, updatedReplicas: replicas };
  return { apiVersion, kind, metadata, spec, status: { observedGeneration: 1, ...counts } };
}

function specOf(facts: OwnerFacts, template: Fields): Fields {
  const { kind, replicas } = facts;
  if (kind === 'CronJob') return { schedule: '* * * * *', jobTemplate: { spec: { template } } };
  if (kind === 'Job') return { parallelism: replicas, template };
  if (kind === 'ReplicationController') return { replicas, selector: podLabelsOf(facts), template };
  const selector = { matchLabels: podLabelsOf(facts) };
  return kind === 'DaemonSet' ? { selector, template } : { replicas, selector, template };
}

function podLabelsOf(facts: OwnerFacts): Fields {
  return facts.owner?.podLabels ?? { app: facts.name };
}

function daemonCounts(replicas: number, ready: number): Fields {
  const scheduled = { desiredNumberScheduled: replicas, currentNumberScheduled: replicas };
  return { ...scheduled, updatedNumberScheduled: replicas, numberReady: ready };
}

/** The moment at which everything in a story was created. */
export const storyTime = '2026-01-02T03:04:05Z';

/** The same for the same object, so that references made before it exists are right. */
export function uidOf(kind: string, namespace: string, name: string): string {
  const hex = createHash('sha256').update(`${kind}/${namespace}/${name}`).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}

/** One entry of managedFields, for all fields of a part of an object. */
export function managedBy(manager: string, apiVersion: string, part: Fields, subresource = ''): Fields {
  const fieldsV1 = formatFieldSet(new Set(fieldsIn(ownable(part), builtInTyping).keys()));
  const how = { manager, operation: 'Update', apiVersion, time: storyTime, fieldsType: 'FieldsV1', fieldsV1 };
  return subresource === '' ? how : { ...how, subresource };
}
