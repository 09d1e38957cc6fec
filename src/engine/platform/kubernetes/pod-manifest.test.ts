import { expect, test } from '@jest/globals';
import { podManifestOf } from './pod-manifest.ts';

test('a pod keeps what decides, and nothing of what its containers run, hold or are told', () => {
  const container = {
    name: 'app',
    image: 'a:1',
    command: ['run'],
    env: [{ name: 'PASSWORD', value: 'hunter2' }],
    securityContext: { runAsUser: 0, capabilities: { add: ['CHOWN'], drop: [] } },
    ports: [{ name: 'web', containerPort: 80, hostPort: 80, protocol: 'TCP' }],
    livenessProbe: { httpGet: { host: 'h', path: '/secret', port: 80 } },
    readinessProbe: { exec: { command: ['true'] } },
    lifecycle: { preStop: { tcpSocket: { host: '', port: 80 } } },
  };
  const manifest = podManifestOf({
    metadata: { annotations: { note: 'x', 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' } },
    spec: { hostUsers: false, nodeName: 'n', containers: [container], volumes: [{ name: 'v' }] },
  });
  expect(manifest).toEqual({
    annotations: { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' },
    spec: {
      hostUsers: false,
      containers: [
        {
          name: 'app',
          image: 'a:1',
          env: [],
          command: [],
          securityContext: { runAsUser: 0, capabilities: { add: ['CHOWN'] } },
          ports: [{ containerPort: 80, hostPort: 80 }],
          livenessProbe: { httpGet: { host: 'h' } },
          lifecycle: { preStop: { tcpSocket: { host: '' } } },
        },
      ],
      volumes: [{ name: 'v' }],
    },
  });
});

test('a volume keeps what it is, even where that is empty, and of its contents only what decides', () => {
  const volumes = [
    { name: 'a', emptyDir: {} },
    { name: 'b', emptyDir: null },
    { name: 'c', csi: { driver: 'd', volumeAttributes: { token: 'hunter2' } } },
    { name: 'd', secret: { secretName: 's', defaultMode: 256 } },
  ];
  expect(podManifestOf({ spec: { volumes } }).spec.volumes).toEqual([
    { name: 'a', emptyDir: {} },
    { name: 'b' },
    { name: 'c', csi: { driver: 'd' } },
    { name: 'd', secret: { defaultMode: 256 } },
  ]);
});

test.each([undefined, null, 7, 'pod', [], { spec: [] }, { metadata: 1, spec: { containers: 'a' } }])(
  '%j is a pod of which nothing is known',
  (object) => {
    expect(podManifestOf(object)).toEqual({ spec: { containers: [] } });
  },
);

test('a field of the wrong type is absent', () => {
  const context = { runAsNonRoot: 'true', runAsUser: '0', seccompProfile: 'Unconfined', appArmorProfile: {} };
  const spec = {
    hostNetwork: 'yes',
    hostUsers: null,
    os: 'windows',
    securityContext: { ...context, sysctls: {}, supplementalGroups: ['1', 2] },
    containers: [null, { image: 'nameless' }, { name: 'app', securityContext: context, ports: [null] }],
  };
  expect(podManifestOf({ spec })).toEqual({
    spec: {
      securityContext: { supplementalGroups: [2] },
      containers: [{ name: 'app', securityContext: {}, ports: [{}] }],
    },
  });
});

test('a context that holds only what decides nothing is empty, and one that holds nothing is none', () => {
  const of = (securityContext: unknown) => podManifestOf({ spec: { securityContext, containers: [] } }).spec;
  expect(of({ seLinuxChangePolicy: 'Recursive' })).toHaveProperty('securityContext', {});
  expect(of({})).not.toHaveProperty('securityContext');
  expect(of({ runAsUser: null })).not.toHaveProperty('securityContext');
});

test('names and lists are bounded', () => {
  const containers = Array.from({ length: 2000 }, () => ({ name: 'n'.repeat(5000) }));
  const manifest = podManifestOf({ spec: { containers } });
  expect(manifest.spec.containers).toHaveLength(512);
  expect(manifest.spec.containers[0]?.name).toHaveLength(1024);
});
