// Objects that make pods: who made a pod, as far up as they tell, and what their templates would be refused for.

import { pathOf } from '../../kube/api/discovery.ts';
import type { PodSecurityPolicy, Violation } from '../../engine/model/pod-security.ts';
import type { Template } from '../../engine/model/pod.ts';
import type { Unread } from '../../engine/model/scan.ts';
import type { WorkloadRef } from '../../engine/model/workload.ts';
import { objectAt, present, textAt } from '../../engine/platform/data/field.ts';
import { controllerOf, parentOf } from '../../engine/platform/kubernetes/controller-of.ts';
import { podManifestOf } from '../../engine/platform/kubernetes/pod-manifest.ts';
import type { WorkloadKind } from '../../engine/platform/kubernetes/workload-kinds.ts';
import { workloadKind, workloadKinds } from '../../engine/platform/kubernetes/workload-kinds.ts';
import { podSecurityViolations } from '../../engine/platform/pod-security/pod-security.ts';
import type { NamespaceScope } from '../namespace-scope.ts';
import { resourceOf } from '../../observe/resource.ts';
import { scopesOf } from '../namespace-scope.ts';
import type { ScanSources } from '../sources.ts';
import { unreadAfter } from '../sources.ts';

/** An object, with as much of its metadata as tells who owns it. */
export type Owned = { readonly ref: WorkloadRef; readonly metadata: unknown };

export type PodMaker = Owned & {
  /** What its template would be refused for; absent where no pod will come from it. */
  readonly violations?: readonly Violation[];
  /** Kept where it would be refused. */
  readonly template?: Template;
};

/** By uid. */
export type Makers = ReadonlyMap<string, PodMaker>;

type ReadMakers = { readonly makers: Makers; readonly unread: readonly Unread[] };

/** A kind that may not be listed is named in the report: its pods are judged all the same. */
export async function readMakers(
  places: NamespaceScope,
  policy: PodSecurityPolicy,
  { client, discovery, onProgress }: ScanSources,
  signal: AbortSignal,
): Promise<ReadMakers> {
  const makers = new Map<string, PodMaker>();
  const unread: Unread[] = [];
  for (const kind of workloadKinds.filter((row) => row.kind !== 'Pod')) {
    for (const namespace of scopesOf(places)) {
      const path = pathOf(present({ apiVersion: kind.apiVersion, plural: kind.plural, namespace }));
      try {
        if (!(await resourceOf(kind, discovery, signal))) continue;
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

function makerOf(kind: WorkloadKind, object: unknown, policy: PodSecurityPolicy): PodMaker {
  const owned = ownedBy(kind, object);
  const isLeaving = textAt(object, 'metadata', 'deletionTimestamp') !== undefined;
  if (isLeaving || !makesPods(kind, object)) return owned;
  const manifest = podManifestOf(objectAt(object, ...kind.template));
  const violations = podSecurityViolations(manifest, policy);
  const path = [...kind.template, 'spec'].join('.');
  return { ...owned, violations, ...(violations.length > 0 && { template: { path, manifest } }) };
}

/** Whether pods will come from this very object: another above it may decide, or it may be done. */
function makesPods({ kind, afterChange, hasEnded }: WorkloadKind, object: unknown): boolean {
  const controller = controllerOf(object);
  const isMadeByAnother = controller !== undefined && workloadKind(controller)?.child === kind;
  // Whatever controls a ReplicaSet keeps the outdated ones as well.
  const isOneOfMany = controller !== undefined && afterChange === 'newPodsOnly';
  return !isMadeByAnother && !isOneOfMany && hasEnded?.(object) !== true;
}

/** Items of a list say neither kind nor apiVersion. */
export function ownedBy(
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
  object: unknown,
): Owned {
  const name = textAt(object, 'metadata', 'name') ?? '';
  const namespace = textAt(object, 'metadata', 'namespace') ?? '';
  const uid = textAt(object, 'metadata', 'uid') ?? '';
  const parent = parentOf({ apiVersion, kind }, object);
  const ownerReferences = parent === undefined ? [] : [{ ...parent, controller: true }];
  const metadata = { name, namespace, uid, ownerReferences };
  return { ref: { apiVersion, kind, name, namespace, uid }, metadata };
}

/** A pod or a maker and all makers above it, as far as they are known; the last one may still be owned by another. */
export function chainOf(owned: Owned, makers: Makers): readonly Owned[] {
  const chain = [owned];
  for (let last: Owned | undefined = owned; last && chain.length <= maxDepth;) {
    last = makers.get(controllerOf(last)?.uid ?? '');
    if (last) chain.push(last);
  }
  return chain;
}

/** A longer chain is a loop. */
const maxDepth = 10;
