// What stands in pod templates and patches that are made by chance: names, numbers and the values of every field that a
// PodManifest keeps.

import * as fc from 'fast-check';

export type Fields = Readonly<Record<string, unknown>>;
type Values = Readonly<Record<string, readonly unknown[]>>;

/** Valid DNS labels all of them, some of which YAML would take for something else. */
export const containerNames = ['app', 'on', 'null', '1e3', '012', 'web'];
export const initNames = ['init', 'no', 'sidecar'];
export const volumeNames = ['data', 'tmp', 'y', 'spare'];
export const mountPaths = ['/data', '/tmp', '/srv'];
export const portNumbers = [53, 80, 8080];

/** Without the null, what was there would stay and be refused beside another type. */
function profile(type: string, localhostProfile: string | null = null): Fields {
  return { type, localhostProfile };
}

const shared: Values = {
  runAsNonRoot: [true, false],
  runAsUser: [0, 1000, 2_147_483_647],
  runAsGroup: [0, 20001],
  seccompProfile: [profile('RuntimeDefault'), profile('Unconfined'), profile('Localhost', 'a')],
  appArmorProfile: [profile('RuntimeDefault'), profile('Localhost', 'a')],
  seLinuxOptions: [{ type: 'container_t' }, { level: 's0:c1' }, { user: 'u', role: 'r' }],
};

export const podFields: Values = {
  ...shared,
  fsGroup: [0, 20001],
  fsGroupChangePolicy: ['OnRootMismatch', 'Always'],
  supplementalGroups: [[1], [1, 2], [3, 1]],
  sysctls: [
    [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }],
    [
      { name: 'net.ipv4.tcp_syncookies', value: '1' },
      { name: 'kernel.shm_rmid_forced', value: '1' },
    ],
  ],
};

export const containerFields: Values = {
  ...shared,
  privileged: [true, false],
  allowPrivilegeEscalation: [true, false],
  readOnlyRootFilesystem: [true, false],
  procMount: ['Default'],
  capabilities: [{ drop: ['ALL'] }, { add: ['CHOWN'], drop: ['ALL'] }, { add: ['CHOWN', 'KILL'] }],
};

/** Without those whose mode the server would fill in. */
export const sources: readonly Fields[] = [
  { emptyDir: {} },
  { emptyDir: { medium: 'Memory' } },
  { configMap: { name: 'a' } },
  { secret: { secretName: 'a', defaultMode: 256 } },
  { projected: { defaultMode: 288, sources: [{ configMap: { name: 'a' } }] } },
  { hostPath: { path: '/var/log' } },
  { persistentVolumeClaim: { claimName: 'a' } },
  { csi: { driver: 'example.com' } },
  { nfs: { server: 'a', path: '/' } },
];

const handlers: readonly Fields[] = ['httpGet', 'tcpSocket'].flatMap((how) => [
  { [how]: { port: 80 } },
  { [how]: { port: 80, host: '127.0.0.1' } },
]);

/** Only `httpGet`, since a container may not be asked in two ways. */
export const probe = fc.constantFrom(...handlers.slice(0, 2));
export const hook = fc.constantFrom(...handlers);

/** A few of the fields, each with one of its values. */
export function someFields(values: Values, maxLength = 3): fc.Arbitrary<Fields> {
  return someKeys(Object.keys(values), maxLength).chain((names) =>
    fc.record(Object.fromEntries(names.map((name) => [name, fc.constantFrom(...(values[name] ?? []))]))),
  );
}

export function someKeys<K>(keys: readonly K[], maxLength = keys.length): fc.Arbitrary<readonly K[]> {
  return fc.shuffledSubarray([...keys], { maxLength: Math.min(maxLength, keys.length) });
}

export function atLeastOne<K>(keys: readonly K[]): fc.Arbitrary<readonly K[]> {
  return someKeys(keys, 3).filter((some) => some.length > 0);
}

/** A list with one item for each of some keys, in any order. */
export function forEach<K>(
  keys: fc.Arbitrary<readonly K[]>,
  itemOf: (key: K) => fc.Arbitrary<Fields>,
): fc.Arbitrary<readonly Fields[]> {
  return keys.chain((some) => fc.tuple(...some.map(itemOf)));
}

/** An object with the first fields, and some of the others. */
export function withSome(first: Fields, others: Readonly<Record<string, fc.Arbitrary<unknown>>>) {
  return fc.record(others, { requiredKeys: [] }).map((some): Fields => ({ ...first, ...some }));
}
