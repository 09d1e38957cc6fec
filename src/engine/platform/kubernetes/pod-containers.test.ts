import { expect, test } from '@jest/globals';
import { containerNamed, containersOf, mapContainers } from './pod-containers.ts';

const manifest = {
  spec: {
    hostNetwork: true,
    containers: [{ name: 'app', image: 'app:1', restartPolicy: 'Always' }],
    ephemeralContainers: [{ name: 'debug' }],
    initContainers: [{ name: 'setup' }, { name: 'proxy', restartPolicy: 'Always' }],
  },
};

test('containers are listed as they start, and only an init container that always restarts is a sidecar', () => {
  expect(containersOf(manifest).map(({ name, type, image }) => [name, type, image])).toEqual([
    ['setup', 'InitContainer', ''],
    ['proxy', 'Sidecar', ''],
    ['app', 'Container', 'app:1'],
    ['debug', 'EphemeralContainer', ''],
  ]);
  expect(containerNamed(manifest, 'proxy')).toMatchObject({ name: 'proxy', type: 'Sidecar' });
  expect(containerNamed(manifest, 'none')).toBeUndefined();
});

test('each container is replaced in its own list, and the rest of the pod stays', () => {
  const restarted = mapContainers(manifest, ({ name }, list) => ({ name: `${list}/${name}` }));
  expect(restarted).toEqual({
    spec: {
      hostNetwork: true,
      initContainers: [{ name: 'initContainers/setup' }, { name: 'initContainers/proxy' }],
      containers: [{ name: 'containers/app' }],
      ephemeralContainers: [{ name: 'ephemeralContainers/debug' }],
    },
  });
  const bare = mapContainers({ spec: { containers: [] } }, (container) => container);
  expect(bare).toEqual({ spec: { containers: [] } });
});
