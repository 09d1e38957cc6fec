// Objects that make pods: who made a pod, as far up as they tell, and what their templates would be refused for.

import { pathOf } from '../../kube/api/discovery.ts';
import type { PodSecurityPolicy, Violation } from '../../engine/model/pod-security.ts';
import type { Unread } from '../../engine/model/scan.ts';
import type { WorkloadRef } from '../../engine/model/workload.ts';
import { booleanAt, listAt, objectAt, present, textAt } from '../../engine/platform/data/field.ts';
import { podManifestOf } from '../../engine/platform/kubernetes/pod-manifest.ts';
import { podSecurityViolations } from '../../engine/platform/pod-security/pod-security.ts';
import type { NamespaceScope } from '../namespace-scope.ts';
import { scopesOf } from '../namespace-scope.ts';
import type { ScanSources } from '../sources.ts';
import { unreadAfter } from '../sources.ts';

type MakerKind = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly template: readonly string[];
  /** Whether pods will come from this very object: another above it may decide, or it may be done. */
  readonly makesPods: (object: unknown) => boolean;
};

const template = ['spec', 'template'];

const makerKinds: readonly MakerKind[] = [
  { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', template, makesPods: () => true },
  { apiVersion: 'apps/v1', kind: 'StatefulSet', plural: 'statefulsets', template, makesPods: () => true },
  { apiVersion: 'apps/v1', kind: 'DaemonSet', plural: 'daemonsets', template, makesPods: () => true },
  {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    plural: 'replicasets',
    template,
    // Whatever controls one keeps the outdated ones as well.
    makesPods: (object) => controllerOf(object) === undefined,
  },
  {
    apiVersion: 'batch/v1',
    kind: 'Job',
    plural: 'jobs',
    template,
    makesPods: (object) => textAt(controllerOf(object), 'kind') !== 'CronJob' && !isFinishedJob(object),
  },
  {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    plural: 'cronjobs',
    template: ['spec', 'jobTemplate', 'spec', 'template'],
    makesPods: () => true,
  },
];

function isFinishedJob(job: unknown): boolean {
  return listAt(job, 'status', 'conditions').some(
    (condition) =>
      ['Complete', 'Failed'].includes(textAt(condition, 'type') ?? '') &&
      textAt(condition, 'status') === 'True',
  );
}

/** An object, with as much of its metadata as tells who owns it. */
export type Owned = { readonly ref: WorkloadRef; readonly metadata: unknown };

export type Maker = Owned & {
  /** What its template would be refused for; absent where no pod will come from it. */
  readonly violations?: readonly Violation[];
};

/** By uid. */
export type Makers = ReadonlyMap<string, Maker>;

export type ReadMakers = { readonly makers: Makers; readonly unread: readonly Unread[] };

/** A kind that may not be listed is told of: its pods are judged all the same. */
export async function readMakers(
  places: NamespaceScope,
  policy: PodSecurityPolicy,
  { client, onProgress }: ScanSources,
  signal: AbortSignal,
): Promise<ReadMakers> {
  const makers = new Map<string, Maker>();
  const unread: Unread[] = [];
  for (const kind of makerKinds) {
    for (const namespace of scopesOf(places)) {
      const path = pathOf(present({ apiVersion: kind.apiVersion, plural: kind.plural, namespace }));
      try {
        for await (const object of client.list(path, {}, signal)) {
          const maker = makerOf(kind, object, policy);
          if (!places.isExcluded(maker.ref.namespace)) makers.set(maker.ref.uid, maker);
        }
      } catch (error) {
        unread.push(unreadAfter(error, { kind: kind.kind, namespace }));
      }
      onProgress({ stage: 'listing', kind: kind.kind, read: makers.size });
    }
  }
  return { makers, unread };
}

function makerOf(kind: MakerKind, object: unknown, policy: PodSecurityPolicy): Maker {
  const owned = ownedBy(kind, object);
  const isLeaving = textAt(object, 'metadata', 'deletionTimestamp') !== undefined;
  if (isLeaving || !kind.makesPods(object)) return owned;
  const manifest = podManifestOf(objectAt(object, ...kind.template));
  return { ...owned, violations: podSecurityViolations(manifest, policy) };
}

/** Items of a list say neither kind nor apiVersion. */
export function ownedBy(
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
  object: unknown,
): Owned {
  const name = textAt(object, 'metadata', 'name') ?? '';
  const namespace = textAt(object, 'metadata', 'namespace') ?? '';
  const uid = textAt(object, 'metadata', 'uid') ?? '';
  const controller = controllerOf(object);
  const metadata = { name, namespace, uid, ownerReferences: controller === undefined ? [] : [controller] };
  return { ref: { apiVersion, kind, name, namespace, uid }, metadata };
}

/** A pod or a maker and all makers above it, as far as they are known; the last one may still be owned by another. */
export function chainOf(owned: Owned, makers: Makers): readonly Owned[] {
  const chain = [owned];
  for (let last: Owned | undefined = owned; last && chain.length <= maxDepth;) {
    last = makers.get(textAt(controllerOf(last), 'uid') ?? '');
    if (last) chain.push(last);
  }
  return chain;
}

/** A longer chain is a loop. */
const maxDepth = 10;

const controllerOf = (object: unknown): unknown =>
  listAt(object, 'metadata', 'ownerReferences').find((owner) => booleanAt(owner, 'controller') === true);
