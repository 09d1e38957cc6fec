// Where a cure is written: in the container that needs it, or in the pod where all containers agree.

import type { ContainerSpec, PodManifest } from '../../model/pod-manifest.ts';
import type { PodPatch } from '../../platform/kubernetes/strategic-merge.ts';
import { containersOf } from '../../platform/kubelet/kubelet-user.ts';
import type { ContainerCure, Cure, SecurityChange } from '../cure/change.ts';
import type { Pods } from '../fix-input.ts';
import { mergedPatch } from './patch-merge.ts';

/** One patch for all cures, empty where none of them changes a pod. */
export function placeCures(
  all: readonly ContainerCure[],
  { template: { manifest }, made }: PlacedIn,
): PodPatch {
  const order = containersOf(manifest).map(({ name }) => name);
  const more = all.flatMap((cure) => cure.more ?? []);
  const contexts = inContexts(all.filter(hasFields), manifest, made);
  return more.reduce((patch, next) => mergedPatch(patch, next, order), contexts);
}

/** What the workload declares, and the pod that comes of it. */
type PlacedIn = Pick<Pods, 'made'> & { readonly template: Pick<Pods['template'], 'manifest'> };

type Placed = ContainerCure & { readonly change: NonNullable<Cure['change']> };

const hasFields = (cure: ContainerCure): cure is Placed => Object.keys(cure.change?.fields ?? {}).length > 0;

function inContexts(cures: readonly Placed[], template: PodManifest, made: PodManifest): PodPatch {
  const shared = sharedByAll(cures, made);
  if (shared) return { spec: { securityContext: shared } };
  const podFields = cures.filter(({ change }) => change.level === 'Pod').map(({ change }) => change.fields);
  const spec: Record<string, unknown> = {};
  if (podFields.length > 0) spec['securityContext'] = Object.assign({}, ...podFields);
  for (const list of ['initContainers', 'containers'] as const) {
    const changed = (template.spec[list] ?? []).flatMap((container) => changeOf(container, cures));
    if (changed.length > 0) spec[list] = changed;
  }
  return { spec };
}

function changeOf(container: ContainerSpec, cures: readonly Placed[]) {
  const own = cures.filter(
    ({ finding, change }) => finding.container.name === container.name && change.level === 'Container',
  );
  if (own.length === 0) return [];
  return [
    { name: container.name, securityContext: Object.assign({}, ...own.map(({ change }) => change.fields)) },
  ];
}

/**
 * The pod level says it once where every container of several needs the same, and none says something else of its own
 * that would win. What the pod says already is not replaced this way: containers may have been made to fit it.
 */
function sharedByAll(cures: readonly Placed[], made: PodManifest): SecurityChange | undefined {
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
