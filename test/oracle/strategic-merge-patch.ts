// Patches of a pod template that do everything that a strategic merge patch can do: set, remove, empty, add, reorder,
// delete and replace. The server may refuse some of them.

import * as fc from 'fast-check';
import type { PodPatch } from '../../src/engine/platform/kubernetes/strategic-merge.ts';
import {
  annotations,
  containerOf,
  hostPort,
  isMounted,
  itemsOf,
  mayBeProbed,
  namesOf,
} from './strategic-merge-template.ts';
import type { Template } from './strategic-merge-template.ts';
import {
  atLeastOne,
  containerFields,
  containerNames,
  forEach,
  initNames,
  mountPaths,
  podFields,
  portNumbers,
  probe,
  someFields,
  someKeys,
  sources,
  volumeNames,
  withSome,
} from './strategic-merge-values.ts';
import type { Fields } from './strategic-merge-values.ts';

export function patchOf({ spec }: Template): fc.Arbitrary<PodPatch> {
  const mounted = namesOf(spec['volumes']).filter(isMounted);
  const containers = (names: readonly string[], present: unknown) =>
    listChange(names, 'name', (name) => containerChange(name, namesOf(present).includes(name), mounted));
  return withSome(
    {},
    {
      securityContext: contextChange(podFields),
      containers: containers(containerNames, spec['containers']),
      initContainers: fc.oneof(
        { weight: 9, arbitrary: containers(initNames, spec['initContainers']) },
        { weight: 1, arbitrary: fc.constant(null) },
      ),
      volumes: forEach(someKeys(volumeNames), (name) => volumeChange(spec, name)),
      hostPID: fc.constantFrom(true, null),
    },
  ).chain((changes) =>
    withSome(
      { spec: { ...changes, ...(changes['hostPID'] === null && { hostUsers: false }) } },
      { metadata: fc.constant({ annotations: annotations(null) }) },
    ),
  );
}

function volumeChange(spec: Fields, name: string): fc.Arbitrary<Fields> {
  const change = fc
    .constantFrom(...sources)
    .map((source) => ({ ...nothingElse(spec, name), name, ...source }));
  return isMounted(name) ? change : fc.oneof(change, fc.constant({ name, $patch: 'delete' }));
}

/** A change of a securityContext: of some fields, some of them removed; at times more than that. */
function contextChange(values: Readonly<Record<string, readonly unknown[]>>): fc.Arbitrary<unknown> {
  const removed = someKeys(Object.keys(values), 3).map((names) =>
    Object.fromEntries(names.map((name) => [name, null])),
  );
  const fields = fc.tuple(removed, someFields(values)).map(([gone, set]): Fields => ({ ...gone, ...set }));
  return fc.oneof(
    { weight: 8, arbitrary: fields },
    { weight: 1, arbitrary: someFields(values).map((set) => ({ ...set, $patch: 'replace' })) },
    { weight: 1, arbitrary: fc.constantFrom(null, {}, { $patch: 'delete' }) },
  );
}

/** A change of a list that merges; at times it deletes some or replaces all of it. */
function listChange<K>(
  keys: readonly K[],
  key: string,
  change: (one: K) => fc.Arbitrary<Fields>,
): fc.Arbitrary<readonly Fields[]> {
  const deletion = (one: K) => fc.constant<Fields>({ [key]: one, $patch: 'delete' });
  const items = forEach(someKeys(keys, 3), (one) =>
    fc.oneof({ weight: 8, arbitrary: change(one) }, { weight: 1, arbitrary: deletion(one) }),
  );
  const replacing = forEach(atLeastOne(keys), change).map((some) => [...some, { $patch: 'replace' }]);
  return fc.oneof({ weight: 12, arbitrary: items }, { weight: 1, arbitrary: replacing });
}

/** In a new container there is nothing to merge with, and directives make no sense. */
function containerChange(name: string, isThere: boolean, volumes: readonly string[]): fc.Arbitrary<Fields> {
  if (!isThere) return containerOf(name, volumes);
  const mount = (mountPath: string) =>
    fc
      .constantFrom(...volumes)
      .chain((volume) => withSome({ mountPath, name: volume }, { readOnly: fc.constantFrom(true, null) }));
  const port = (containerPort: number) =>
    withSome({ containerPort }, { hostPort: fc.constantFrom(hostPort(name, containerPort), null) });
  return withSome(
    { name },
    {
      securityContext: contextChange(containerFields),
      ports: listChange(portNumbers, 'containerPort', port),
      ...(volumes.length > 0 && { volumeMounts: listChange(mountPaths, 'mountPath', mount) }),
      ...(mayBeProbed(name) && { livenessProbe: fc.oneof(fc.constant(null), probe) }),
      image: fc.constant('app:2'),
    },
  );
}

/** What the volume was is removed, since it may be one thing only. */
function nothingElse(spec: Fields, name: string): Fields {
  const volume = itemsOf(spec['volumes']).find((one) => one['name'] === name) ?? {};
  return Object.fromEntries(Object.keys(volume).map((source) => [source, source === 'name' ? name : null]));
}
