import { describe, expect, test } from '@jest/globals';
import type { ContainerSpec, PodManifest, PodSpec } from '../../model/pod-manifest.ts';
import type { PodSecurityLevel, PolicyVersion, Violation } from '../../model/pod-security.ts';
import { podSecurityViolations, violationsText } from './pod-security.ts';

const good: Omit<ContainerSpec, 'name'> = {
  securityContext: {
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  },
};

type Context = NonNullable<ContainerSpec['securityContext']>;

/** A container of which nothing is refused but what the fields bring about. */
const container = (
  name: string,
  context: Context = {},
  fields: Partial<ContainerSpec> = {},
): ContainerSpec => ({
  name,
  securityContext: { ...good.securityContext, ...context },
  ...fields,
});

const pod = (spec: Partial<PodSpec>, annotations: Readonly<Record<string, string>> = {}): PodManifest => ({
  annotations,
  spec: { containers: [container('app')], ...spec },
});

const refused = (
  manifest: PodManifest,
  level: PodSecurityLevel = 'restricted',
  version: PolicyVersion = 'latest',
): readonly Violation[] => podSecurityViolations(manifest, { level, version });

const without = (field: keyof Context): ContainerSpec => {
  const { [field]: _, ...rest } = good.securityContext ?? {};
  return { name: 'app', securityContext: rest };
};

type Row = {
  readonly pod: PodManifest;
  readonly violation: Violation;
  /** The first and, where that is not for ever, the last version that refuses it. */
  readonly from?: number;
  readonly to?: number;
};

const appArmor = 'container.apparmor.security.beta.kubernetes.io/';
const seccomp = 'seccomp.security.alpha.kubernetes.io/pod';

const baseline: Readonly<Record<string, Row>> = {
  'an AppArmor field': {
    pod: pod({ securityContext: { appArmorProfile: { type: 'Unconfined' } } }),
    violation: {
      reason: 'forbidden AppArmor profile',
      detail: 'pod must not set AppArmor profile type to "Unconfined"',
      level: 'baseline',
      pod: true,
    },
  },
  'an AppArmor annotation, which becomes a field': {
    pod: pod({}, { [`${appArmor}app`]: 'unconfined' }),
    violation: {
      reason: 'forbidden AppArmor profiles',
      detail: `container "app" and annotation must not set AppArmor profile type to "Unconfined", "${appArmor}app="unconfined""`,
      level: 'baseline',
      containers: ['app'],
    },
  },
  'an AppArmor annotation that says what the pod says': {
    pod: pod(
      { securityContext: { appArmorProfile: { type: 'Unconfined' } } },
      { [`${appArmor}app`]: 'unconfined' },
    ),
    violation: {
      reason: 'forbidden AppArmor profiles',
      detail: `pod and annotation must not set AppArmor profile type to "Unconfined", "${appArmor}app="unconfined""`,
      level: 'baseline',
      pod: true,
      containers: ['app'],
    },
  },
  capabilities: {
    pod: pod({
      containers: [
        container('a', { capabilities: { drop: ['ALL'], add: ['SYS_TIME', 'CHOWN'] } }),
        container('b', { capabilities: { drop: ['ALL'], add: ['NET_RAW'] } }),
      ],
    }),
    violation: {
      reason: 'non-default capabilities',
      detail:
        'containers "a", "b" must not include "NET_RAW", "SYS_TIME" in securityContext.capabilities.add',
      level: 'baseline',
      containers: ['a', 'b'],
    },
  },
  'host namespaces': {
    pod: pod({ hostNetwork: true, hostPID: true, hostIPC: true }),
    violation: {
      reason: 'host namespaces',
      detail: 'hostNetwork=true, hostPID=true, hostIPC=true',
      level: 'baseline',
      pod: true,
    },
  },
  'hostPath volumes': {
    pod: pod({ volumes: [{ name: 'v', hostPath: {} }, { name: 'w', hostPath: {} }, { name: 'x' }] }),
    violation: { reason: 'hostPath volumes', detail: 'volumes "v", "w"', level: 'baseline', pod: true },
  },
  'a host port': {
    pod: pod({ containers: [container('app', {}, { ports: [{ containerPort: 80, hostPort: 80 }] })] }),
    violation: {
      reason: 'hostPort',
      detail: 'container "app" uses hostPort 80',
      level: 'baseline',
      containers: ['app'],
    },
  },
  'host ports, in the order of their digits': {
    pod: pod({
      initContainers: [container('b', {}, { ports: [{ hostPort: 8080 }, { hostPort: 443 }] })],
      containers: [container('a', {}, { ports: [{ hostPort: 80 }, { hostPort: 0 }] })],
    }),
    violation: {
      reason: 'hostPort',
      detail: 'containers "b", "a" use hostPorts 443, 80, 8080',
      level: 'baseline',
      containers: ['b', 'a'],
    },
  },
  'a probe of another host': {
    pod: pod({ containers: [container('app', {}, { livenessProbe: { httpGet: { host: 'h' } } })] }),
    violation: {
      reason: 'probe or lifecycle host',
      detail: 'container "app" uses probe or lifecycle host "h"',
      level: 'baseline',
      containers: ['app'],
    },
    from: 34,
  },
  'probes and hooks of other hosts, the containers by name': {
    pod: pod({
      containers: [
        container('b', {}, { lifecycle: { preStop: { tcpSocket: { host: 'y' } } } }),
        container('a', {}, { startupProbe: { tcpSocket: { host: 'x' } } }),
        container('c', {}, { readinessProbe: { httpGet: { host: '' } } }),
      ],
    }),
    violation: {
      reason: 'probe or lifecycle host',
      detail: 'containers "a", "b" use probe or lifecycle hosts "x", "y"',
      level: 'baseline',
      containers: ['a', 'b'],
    },
    from: 34,
  },
  'a privileged container': {
    pod: pod({ containers: [container('app', { privileged: true })] }),
    violation: {
      reason: 'privileged',
      detail: 'container "app" must not set securityContext.privileged=true',
      level: 'baseline',
      containers: ['app'],
    },
  },
  'an unmasked /proc': {
    pod: pod({ containers: [container('app', { procMount: 'Unmasked' })] }),
    violation: {
      reason: 'procMount',
      detail: 'container "app" must not set securityContext.procMount to "Unmasked"',
      level: 'baseline',
      containers: ['app'],
    },
  },
  'an unmasked /proc in a user namespace': {
    pod: pod({ hostUsers: false, containers: [container('app', { procMount: 'Unmasked' })] }),
    violation: {
      reason: 'procMount',
      detail: 'container "app" must not set securityContext.procMount to "Unmasked"',
      level: 'baseline',
      containers: ['app'],
    },
    to: 34,
  },
  SELinux: {
    pod: pod({
      securityContext: { seLinuxOptions: { role: 'r' } },
      containers: [container('app', { seLinuxOptions: { type: 'spc_t', user: 'u' } })],
    }),
    violation: {
      reason: 'seLinuxOptions',
      detail:
        'pod and container "app" set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set; role may not be set',
      level: 'baseline',
      pod: true,
      containers: ['app'],
    },
  },
  'the SELinux type of container engines': {
    pod: pod({ securityContext: { seLinuxOptions: { type: 'container_engine_t' } } }),
    violation: {
      reason: 'seLinuxOptions',
      detail: 'pod set forbidden securityContext.seLinuxOptions: type "container_engine_t"',
      level: 'baseline',
      pod: true,
    },
    to: 30,
  },
  'a seccomp profile': {
    pod: pod({ containers: [container('app', { seccompProfile: { type: 'Unconfined' } })] }),
    violation: {
      reason: 'seccompProfile',
      detail: 'container "app" must not set securityContext.seccompProfile.type to "Unconfined"',
      level: 'baseline',
      containers: ['app'],
    },
    from: 19,
  },
  'seccomp annotations': {
    pod: pod({}, { [seccomp]: 'unconfined', 'container.seccomp.security.alpha.kubernetes.io/app': 'x' }),
    violation: {
      reason: 'seccompProfile',
      detail: `forbidden annotations container.seccomp.security.alpha.kubernetes.io/app="x", ${seccomp}="unconfined"`,
      level: 'baseline',
      pod: true,
      containers: ['app'],
    },
    to: 18,
  },
  sysctls: {
    pod: pod({
      securityContext: { sysctls: [{ name: 'net.ipv4.tcp_rmem' }, { name: 'net.ipv4.tcp_syncookies' }] },
    }),
    violation: {
      reason: 'forbidden sysctls',
      detail: 'net.ipv4.tcp_rmem',
      level: 'baseline',
      pod: true,
    },
    to: 31,
  },
  'sysctls that 1.37 permits': {
    pod: pod({
      securityContext: {
        sysctls: [{ name: 'net.ipv4.tcp_slow_start_after_idle' }, { name: 'net.ipv4.tcp_notsent_lowat' }],
      },
    }),
    violation: {
      reason: 'forbidden sysctls',
      detail: 'net.ipv4.tcp_slow_start_after_idle, net.ipv4.tcp_notsent_lowat',
      level: 'baseline',
      pod: true,
    },
    to: 36,
  },
  'a host process': {
    pod: pod({ securityContext: { windowsOptions: { hostProcess: true } } }),
    violation: {
      reason: 'hostProcess',
      detail: 'pod must not set securityContext.windowsOptions.hostProcess=true',
      level: 'baseline',
      pod: true,
    },
  },
};

const restricted: Readonly<Record<string, Row>> = {
  'no word about escalation': {
    pod: pod({ containers: [without('allowPrivilegeEscalation')] }),
    violation: {
      reason: 'allowPrivilegeEscalation != false',
      detail: 'container "app" must set securityContext.allowPrivilegeEscalation=false',
      level: 'restricted',
      containers: ['app'],
    },
    from: 8,
  },
  'no word about escalation on Windows': {
    pod: pod({ os: { name: 'windows' }, containers: [without('allowPrivilegeEscalation')] }),
    violation: {
      reason: 'allowPrivilegeEscalation != false',
      detail: 'container "app" must set securityContext.allowPrivilegeEscalation=false',
      level: 'restricted',
      containers: ['app'],
    },
    from: 8,
    to: 24,
  },
  'capabilities kept by one container, added by another': {
    pod: pod({
      containers: [
        container('b', { capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE', 'CHOWN'] } }),
        container('a', { capabilities: { drop: ['all'] } }),
      ],
    }),
    violation: {
      reason: 'unrestricted capabilities',
      detail:
        'container "a" must set securityContext.capabilities.drop=["ALL"]; container "b" must not include "CHOWN" in securityContext.capabilities.add',
      level: 'restricted',
      containers: ['b', 'a'],
    },
    from: 22,
  },
  'a volume of a restricted type': {
    pod: pod({
      volumes: [
        { name: 'v', nfs: {} },
        { name: 'w', emptyDir: {} },
        { name: 'x', image: {} },
      ],
    }),
    violation: {
      reason: 'restricted volume types',
      detail: 'volume "v" uses restricted volume type "nfs"',
      level: 'restricted',
      pod: true,
    },
  },
  'volumes of restricted types, one of them new': {
    pod: pod({
      volumes: [
        { name: 'v', nfs: {} },
        { name: 'w', teleport: {} },
        { name: 'x', hostPath: {} },
      ],
    }),
    violation: {
      reason: 'restricted volume types',
      detail: 'volumes "v", "w", "x" use restricted volume types "hostPath", "nfs", "unknown"',
      level: 'restricted',
      pod: true,
    },
  },
  'no runAsNonRoot': {
    pod: pod({
      containers: [without('runAsNonRoot')],
      ephemeralContainers: [{ ...without('runAsNonRoot'), name: 'e' }],
    }),
    violation: {
      reason: 'runAsNonRoot != true',
      detail: 'pod or containers "app", "e" must set securityContext.runAsNonRoot=true',
      level: 'restricted',
      containers: ['app', 'e'],
    },
  },
  'runAsNonRoot false, which hides those without it': {
    pod: pod({
      securityContext: { runAsNonRoot: false },
      containers: [without('runAsNonRoot'), container('b', { runAsNonRoot: false })],
    }),
    violation: {
      reason: 'runAsNonRoot != true',
      detail: 'pod and container "b" must not set securityContext.runAsNonRoot=false',
      level: 'restricted',
      pod: true,
      containers: ['b'],
    },
  },
  'uid 0': {
    pod: pod({ securityContext: { runAsUser: 0 }, containers: [container('a', { runAsUser: 0 })] }),
    violation: {
      reason: 'runAsUser=0',
      detail: 'pod and container "a" must not set runAsUser=0',
      level: 'restricted',
      pod: true,
      containers: ['a'],
    },
    from: 23,
  },
  'uid 0 in a user namespace': {
    pod: pod({ hostUsers: false, securityContext: { runAsUser: 0 } }),
    violation: {
      reason: 'runAsUser=0',
      detail: 'pod must not set runAsUser=0',
      level: 'restricted',
      pod: true,
    },
    from: 23,
    to: 34,
  },
  'no seccomp profile': {
    pod: pod({ initContainers: [container('i')], containers: [without('seccompProfile')] }),
    violation: {
      reason: 'seccompProfile',
      detail:
        'pod or container "app" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"',
      level: 'restricted',
      containers: ['app'],
    },
    from: 19,
  },
};

const versions: readonly PolicyVersion[] = [...Array.from({ length: 41 }, (_, minor) => minor), 'latest'];

const isRefusing = ({ from = 0, to = Infinity }: Row, version: PolicyVersion): boolean => {
  const minor = version === 'latest' ? Infinity : version;
  return from <= minor && (to === Infinity || minor <= to);
};

describe('baseline refuses, from the version on that it should', () => {
  test.each(Object.entries(baseline))('%s', (_, row) => {
    for (const version of versions)
      expect([version, refused(row.pod, 'baseline', version)]).toEqual([
        version,
        isRefusing(row, version) ? [row.violation] : [],
      ]);
  });
});

describe('restricted refuses, from the version on that it should', () => {
  test.each(Object.entries(restricted))('%s', (_, row) => {
    for (const version of versions) {
      const found = refused(row.pod, 'restricted', version).filter(({ level }) => level === 'restricted');
      expect([version, found]).toEqual([version, isRefusing(row, version) ? [row.violation] : []]);
    }
  });

  test.each(Object.entries(baseline).filter(([, row]) => isRefusing(row, 'latest')))('also %s', (_, row) => {
    const replacing: Readonly<Record<string, string>> = {
      'non-default capabilities': 'unrestricted capabilities',
      'hostPath volumes': 'restricted volume types',
    };
    const { reason } = row.violation;
    expect(refused(row.pod).map((one) => one.reason)).toContain(replacing[reason] ?? reason);
  });
});

test('nothing is refused of a good pod, and nothing at all where privileged is the level', () => {
  for (const version of versions) expect(refused(pod({}), 'restricted', version)).toEqual([]);
  expect(refused(pod({ hostPID: true, containers: [{ name: 'app' }] }), 'privileged')).toEqual([]);
});

test('a restricted check takes the place of the baseline one from its version on', () => {
  const capable = pod({ containers: [container('app', { capabilities: { add: ['NET_RAW'] } })] });
  expect(refused(capable, 'restricted', 21).map(({ reason }) => reason)).toEqual([
    'non-default capabilities',
  ]);
  expect(refused(capable, 'restricted', 22).map(({ reason }) => reason)).toEqual([
    'unrestricted capabilities',
  ]);
  const unmasked = pod({ containers: [container('app', { procMount: 'Unmasked' })] });
  expect(refused(unmasked, 'restricted', 34).map(({ level }) => level)).toEqual(['baseline']);
  expect(refused(unmasked, 'restricted', 35).map(({ level }) => level)).toEqual(['restricted']);
});

test("in the node's network every port is a port of the node, whatever the manifest says", () => {
  const ports = [{ containerPort: 8080 }, { containerPort: 9090, hostPort: 0 }];
  const served = pod({ hostNetwork: true, containers: [container('app', {}, { ports })] });
  expect(violationsText(refused(served, 'baseline'))).toBe(
    'host namespaces (hostNetwork=true), hostPort (container "app" uses hostPorts 8080, 9090)',
  );
  expect(refused({ spec: { ...served.spec, hostNetwork: false } }, 'baseline')).toEqual([]);
});

test('a Windows pod keeps its AppArmor annotation as it is', () => {
  const windows = pod({ os: { name: 'windows' } }, { [`${appArmor}app`]: 'unconfined' });
  expect(violationsText(refused(windows, 'baseline'))).toBe(
    `forbidden AppArmor profile (annotation must not set AppArmor profile type to "${appArmor}app="unconfined"")`,
  );
});

test('refusals are told baseline first, and a reason without a detail has no brackets', () => {
  expect(violationsText(refused(pod({ hostPID: true, containers: [{ name: 'app' }] })))).toBe(
    'host namespaces (hostPID=true), allowPrivilegeEscalation != false (container "app" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "app" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "app" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "app" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
  );
  const bare: Violation = { reason: 'unknown forbidden reason', detail: '' };
  expect(violationsText([bare, { reason: 'hostPort', detail: 'x' }])).toBe(
    'unknown forbidden reason, hostPort (x)',
  );
  expect(violationsText([])).toBe('');
});
