// A JSON patch makes of an object what the strategic merge patch would, and leaves alone what it does not name.

import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import type { Json } from '../../../../test/apiserver/object.ts';
import { jsonPatch as applied } from '../../../../test/apiserver/patch.ts';
import type { PodManifest } from '../../model/pod-manifest.ts';
import { jsonPatch } from './json-patch.ts';
import { podManifestOf } from './pod-manifest.ts';
import type { PodPatch } from './strategic-merge.ts';
import { patchedManifest } from './strategic-merge.ts';

const path = ['spec', 'template'];

function patched(template: object, patch: PodPatch): unknown {
  const object = JSON.parse(JSON.stringify({ spec: { template } })) as Json;
  const operations = jsonPatch(podManifestOf(template), patch, path);
  const after = applied(object, JSON.parse(JSON.stringify(operations)) as readonly Json[]);
  return (after as { spec?: { template: unknown } } | undefined)?.spec?.template;
}

const containers = [
  { name: 'log', image: 'l' },
  { name: 'app', image: 'a', command: ['run'], env: [{ name: 'TOKEN', value: 'kept' }] },
];

describe('a JSON patch', () => {
  test('reaches a container at its index, once its name is what it was', () => {
    const patch = { spec: { containers: [{ name: 'app', securityContext: { runAsUser: 10001 } }] } };
    expect(jsonPatch(podManifestOf({ spec: { containers } }), patch, path)).toEqual([
      { op: 'test', path: '/spec/template/spec/containers/1/name', value: 'app' },
      { op: 'add', path: '/spec/template/spec/containers/1/securityContext', value: { runAsUser: 10001 } },
    ]);
    const moved = { spec: { template: { spec: { containers: containers.toReversed() } } } };
    const operations = jsonPatch(podManifestOf({ spec: { containers } }), patch, path);
    expect(applied(moved, operations as unknown as readonly Json[])).toBeUndefined();
  });

  test('leaves fields that we do not know', () => {
    const securityContext = { supplementalGroupsPolicy: 'Strict' };
    const windowsOptions = { gmsaCredentialSpecName: 'web' };
    const [log, app] = containers;
    const template = {
      spec: { securityContext, containers: [log, { ...app, securityContext: { windowsOptions } }] },
    };
    const patch = {
      spec: {
        securityContext: { runAsUser: 10001 },
        containers: [
          {
            name: 'app',
            securityContext: { windowsOptions: { runAsUserName: 'ContainerUser' } },
            env: [{ name: 'HOME', value: '/tmp' }],
          },
        ],
      },
    };
    expect(patched(template, patch)).toEqual({
      spec: {
        securityContext: { ...securityContext, runAsUser: 10001 },
        containers: [
          log,
          {
            ...app,
            env: [
              { name: 'TOKEN', value: 'kept' },
              { name: 'HOME', value: '/tmp' },
            ],
            securityContext: { windowsOptions: { ...windowsOptions, runAsUserName: 'ContainerUser' } },
          },
        ],
      },
    });
  });

  test('removes what is there, and makes lists that are not', () => {
    const template = { spec: { securityContext: { runAsUser: 0 }, containers: [{ name: 'app' }] } };
    const patch = {
      metadata: { annotations: { 'a/b~c': 'd' } },
      spec: {
        securityContext: { runAsUser: null, runAsGroup: null },
        containers: [
          {
            name: 'app',
            env: [{ name: 'HOME', value: '/tmp' }],
            volumeMounts: [{ name: 'v', mountPath: '/v' }],
          },
        ],
        volumes: [{ name: 'v', emptyDir: {} }],
      },
    };
    expect(patched({ ...template, metadata: { annotations: { 'openshift.io/scc': 'x' } } }, patch)).toEqual({
      metadata: { annotations: { 'openshift.io/scc': 'x', 'a/b~c': 'd' } },
      spec: {
        securityContext: {},
        containers: [
          {
            name: 'app',
            env: [{ name: 'HOME', value: '/tmp' }],
            volumeMounts: [{ name: 'v', mountPath: '/v' }],
          },
        ],
        volumes: [{ name: 'v', emptyDir: {} }],
      },
    });
  });

  test('is empty where nothing changes', () => {
    const patch = { spec: { containers: [{ name: 'app' }], securityContext: {} } };
    expect(
      jsonPatch(podManifestOf({ spec: { containers, securityContext: { fsGroup: 1 } } }), patch, path),
    ).toEqual([]);
  });

  test('comes to the same as the strategic merge patch', () => {
    fc.assert(
      fc.property(templates, patches, (template, patch) => {
        const strategic = patchedManifest(podManifestOf(template), patch);
        expect(inOrder(podManifestOf(patched(template, patch)))).toEqual(inOrder(strategic));
      }),
    );
  });
});

const context = (value: fc.Arbitrary<number | null>) =>
  fc.record(
    {
      runAsUser: value,
      runAsGroup: value,
      seccompProfile: fc.constant({ type: 'RuntimeDefault' }),
      capabilities: fc.record(
        { add: fc.constant(['CHOWN']), drop: fc.constant(['ALL']) },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  );

function lists(value: fc.Arbitrary<number | null>, names: readonly string[]) {
  const container = fc.record(
    {
      name: fc.constantFrom(...names),
      securityContext: context(value),
      volumeMounts: fc.constant([{ name: 'v', mountPath: '/v' }]),
    },
    { requiredKeys: ['name'] },
  );
  const unique = fc.uniqueArray(container, { selector: ({ name }) => name, minLength: 1 });
  const volumes = fc.constantFrom([{ name: 'v', emptyDir: {} }], [{ name: 'w', emptyDir: {} }]);
  return { securityContext: context(value), initContainers: unique, containers: unique, volumes };
}

const names = ['a', 'b', 'c', 'd'];
const templates = fc.record({
  spec: fc.record(lists(fc.nat(), names), { requiredKeys: ['containers'] }),
});
const patches = fc.record({
  spec: fc.record(lists(fc.option(fc.nat()), names), { requiredKeys: [] }),
});

/** What a patch adds to a list stands first or last in it; an empty context is none. */
function inOrder({ spec }: PodManifest): unknown {
  const byName = <T extends { readonly name: string }>(list: readonly T[] = []): readonly T[] =>
    list.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const text = JSON.stringify({
    ...spec,
    initContainers: byName(spec.initContainers),
    containers: byName(spec.containers),
    volumes: byName(spec.volumes),
  });
  return JSON.parse(text.replaceAll(/,?"securityContext":\{\}/g, ''));
}
