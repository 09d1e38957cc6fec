// Where a cure is written: in the container that needs it, or in the pod where all containers agree.

import type { PodManifest } from '../../model/pod-manifest.ts';
import type { PodPatch } from '../../platform/kubernetes/strategic-merge.ts';
import { containersOf } from '../../platform/kubernetes/pod-containers.ts';
import type { ContainerCure, Cure } from '../cure/change.ts';
import type { Pods } from '../fix-input.ts';
import { mergedPatch } from './patch-merge.ts';

/** What the workload declares, and the pod that comes of it. */
type PlacedIn = Pick<Pods, 'made'> & { readonly template: Pick<Pods['template'], 'manifest'> };

/** One patch for all cures, empty where none of them changes a pod. */
export function placeCures(
  all: readonly ContainerCure[],
  { template: { manifest }, made }: PlacedIn,
): PodPatch {
  const order = containersOf(manifest).map(({ name }) => name);
  const placed = all.filter(hasFields);
  const shared = sharedByAll(placed, made);
  const contexts = shared ? [{ spec: { securityContext: shared } }] : contextsOf(placed, manifest);
  const more = all.flatMap((cure) => cure.more ?? []);
  return [...contexts, ...more].reduce((patch, next) => mergedPatch(patch, next, order), { spec: {} });
}

type Placed = ContainerCure & { readonly change: NonNullable<Cure['change']> };

const hasFields = (cure: ContainerCure): cure is Placed => Object.keys(cure.change?.fields ?? {}).length > 0;

/** In the order in which a pod is written. */
function contextsOf(cures: readonly Placed[], template: PodManifest): readonly PodPatch[] {
  const ofPod = cures.filter(({ change }) => change.level === 'Pod');
  const ofContainers = cures.filter(({ change }) => change.level === 'Container');
  return [
    ...ofPod.map(({ change }) => ({ spec: { securityContext: change.fields } })),
    ...(['initContainers', 'containers'] as const).flatMap((list) =>
      (template.spec[list] ?? []).flatMap(({ name }) =>
        ofContainers
          .filter(({ finding }) => finding.container.name === name)
          .map(({ change }) => ({ spec: { [list]: [{ name, securityContext: change.fields }] } })),
      ),
    ),
  ];
}

/**
 * The pod level says it once where every container of several needs the same, and none says something else of its own
 * that would win. What the pod says already is not replaced this way: containers may have been made to fit it.
 */
function sharedByAll(cures: readonly Placed[], made: PodManifest) {
  const containers = containersOf(made);
  const [first] = cures;
  if (!first || containers.length < 2 || cures.some(({ change }) => change.level === 'Pod')) return undefined;
  const fields = Object.keys(first.change.fields);
  const isFree = (context: object | undefined): boolean =>
    fields.every((field) => !Object.hasOwn(context ?? {}, field));
  const wanted = JSON.stringify(first.change.fields);
  const agree = containers.every(
    ({ name, securityContext }) =>
      isFree(securityContext) &&
      cures.some(
        ({ finding, change }) => finding.container.name === name && JSON.stringify(change.fields) === wanted,
      ),
  );
  return agree && isFree(made.spec.securityContext) ? first.change.fields : undefined;
}
