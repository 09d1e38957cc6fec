// The API server's own answers, some hundreds of them, are in test/oracle.

import { describe, expect, test } from '@jest/globals';
import type { PodManifest, PodSpec } from '../../model/pod-manifest.ts';
import { patchedManifest } from './strategic-merge.ts';

const app = { name: 'app', image: 'a' };
const web = { name: 'web', image: 'w' };

function patched(spec: Partial<PodSpec>, patch: Readonly<Record<string, unknown>>): PodSpec {
  return patchedManifest({ spec: { containers: [app, web], ...spec } }, { spec: patch }).spec;
}

const namesOf = ({ containers }: PodSpec) => containers.map(({ name }) => name);

describe('fields', () => {
  test('are set and removed one by one, at both levels', () => {
    const before = {
      securityContext: { runAsNonRoot: true, runAsUser: 0, supplementalGroups: [1, 2] },
      containers: [{ ...app, securityContext: { runAsUser: 0, capabilities: { add: ['CHOWN'] } } }],
    };
    const after = patched(before, {
      securityContext: { runAsUser: null, fsGroup: 20001, supplementalGroups: [3] },
      containers: [{ name: 'app', securityContext: { runAsUser: 10001, capabilities: { drop: ['ALL'] } } }],
    });
    expect(after).toEqual({
      securityContext: { runAsNonRoot: true, fsGroup: 20001, supplementalGroups: [3] },
      containers: [
        { ...app, securityContext: { runAsUser: 10001, capabilities: { add: ['CHOWN'], drop: ['ALL'] } } },
      ],
    });
  });

  test('of a profile merge like all others: a profile of the node stays named beside another type', () => {
    const before = { securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'a.json' } } };
    const change = (seccompProfile: object) => patched(before, { securityContext: { seccompProfile } });
    expect(change({ type: 'RuntimeDefault' }).securityContext?.seccompProfile).toEqual({
      type: 'RuntimeDefault',
      localhostProfile: 'a.json',
    });
    expect(change({ type: 'RuntimeDefault', localhostProfile: null }).securityContext).toEqual({
      seccompProfile: { type: 'RuntimeDefault' },
    });
  });

  test('are left alone by an empty patch, and nothing that is unset comes in as null', () => {
    expect(patched({}, {})).toEqual({ containers: [app, web] });
    expect(patched({}, { securityContext: {}, hostPID: null, volumes: undefined })).toEqual({
      containers: [app, web],
    });
  });

  test('named like something that every object has are fields like all others', () => {
    const patch: unknown = JSON.parse('{"securityContext":{"constructor":[{}],"__proto__":{"runAsUser":5}}}');
    expect(patched({}, patch as Readonly<Record<string, unknown>>)).toEqual({
      securityContext: {},
      containers: [app, web],
    });
  });

  test('are all removed by null or by $patch, or replaced', () => {
    const before = { securityContext: { runAsNonRoot: true, runAsUser: 0 } };
    expect(patched(before, { securityContext: null })).toEqual({ containers: [app, web] });
    expect(patched(before, { securityContext: { $patch: 'delete' } })).toEqual({ containers: [app, web] });
    expect(patched(before, { securityContext: { $patch: 'replace', fsGroup: 1 } }).securityContext).toEqual({
      fsGroup: 1,
    });
  });
});

describe('containers', () => {
  test('that are new come before those that the patch does not name', () => {
    const added = { name: 'new', image: 'n' };
    expect(namesOf(patched({}, { containers: [added] }))).toEqual(['new', 'app', 'web']);
    expect(namesOf(patched({}, { containers: [{ name: 'web' }, added] }))).toEqual(['app', 'web', 'new']);
  });

  test('stand in the order of the patch', () => {
    expect(namesOf(patched({}, { containers: [{ name: 'web' }, { name: 'app' }] }))).toEqual(['web', 'app']);
    expect(namesOf(patched({}, { containers: [] }))).toEqual(['app', 'web']);
  });

  test('are deleted or replaced by $patch', () => {
    expect(namesOf(patched({}, { containers: [{ name: 'app', $patch: 'delete' }] }))).toEqual(['web']);
    expect(namesOf(patched({}, { containers: [{ name: 'app' }, { $patch: 'replace' }] }))).toEqual(['app']);
  });

  test('of each list are a list of their own', () => {
    const ephemeral = { name: 'app', image: 'e' };
    const after = patched(
      { initContainers: [app], ephemeralContainers: [ephemeral] },
      { ephemeralContainers: [{ name: 'app', securityContext: { runAsUser: 1 } }] },
    );
    expect(after).toEqual({
      initContainers: [app],
      containers: [app, web],
      ephemeralContainers: [{ ...ephemeral, securityContext: { runAsUser: 1 } }],
    });
  });
});

test('ports are the same by their number alone, mounts by their path, volumes by their name', () => {
  const before = {
    containers: [
      {
        ...app,
        ports: [{ containerPort: 53, hostPort: 53 }, { containerPort: 53 }, { containerPort: 80 }],
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      },
    ],
    volumes: [{ name: 'data', hostPath: {} }],
  };
  const after = patched(before, {
    containers: [
      {
        name: 'app',
        ports: [{ containerPort: 53, hostPort: null, protocol: 'UDP' }],
        volumeMounts: [
          { mountPath: '/data', name: 'other' },
          { mountPath: '/tmp', name: 'tmp' },
        ],
      },
    ],
    volumes: [
      { name: 'tmp', emptyDir: {} },
      { name: 'data', hostPath: null, emptyDir: {} },
    ],
  });
  expect(after).toEqual({
    containers: [
      {
        ...app,
        ports: [{ containerPort: 53 }, { containerPort: 53 }, { containerPort: 80 }],
        volumeMounts: [
          { name: 'other', mountPath: '/data' },
          { name: 'tmp', mountPath: '/tmp' },
        ],
      },
    ],
    volumes: [
      { name: 'tmp', emptyDir: {} },
      { name: 'data', emptyDir: {} },
    ],
  });
});

test('annotations are changed one by one', () => {
  const manifest: PodManifest = {
    annotations: {
      'openshift.io/scc': 'privileged',
      'seccomp.security.alpha.kubernetes.io/pod': 'unconfined',
    },
    spec: { containers: [app] },
  };
  const annotations = { 'seccomp.security.alpha.kubernetes.io/pod': null, 'example.com/team': 'shop' };
  expect(patchedManifest(manifest, { metadata: { annotations } })).toEqual({
    annotations: { 'openshift.io/scc': 'privileged' },
    spec: { containers: [app] },
  });
});

test('what a snapshot knows of a container beside its spec is not taken over', () => {
  const known = { managers: { runAsUser: 'helm' }, state: { is: 'running' }, restarts: 3 };
  const manifest = { spec: { containers: [{ ...app, ...known }] } };
  expect(patchedManifest(manifest, {})).toEqual({ spec: { containers: [app] } });
});

test('neither the manifest nor the patch is changed', () => {
  const manifest = { spec: { securityContext: { runAsUser: 0 }, containers: [app, web] } };
  const patch = {
    spec: { securityContext: { runAsUser: null }, containers: [{ name: 'web', $patch: 'delete' }] },
  };
  const before = structuredClone([manifest, patch]);
  patchedManifest(manifest, patch);
  expect([manifest, patch]).toEqual(before);
});
