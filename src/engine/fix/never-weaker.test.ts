// No fix is ever worse than none: whatever a workload looks like, a patch weakens no security field, touches nothing that
// it does not name, and lets every container start.

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';

import { yamlOf } from '../report/yaml.ts';
import type { Patch } from '../model/fix.ts';
import type { Finding, ImageFacts, OtherImage } from '../model/finding.ts';
import type { ContainerSecurityContext, ContainerSpec, PodManifest } from '../model/pod-manifest.ts';
import type { PodSecurityPolicy } from '../model/pod-security.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { ContainerType, Template } from '../model/pod.ts';
import { effective, verifyRunAsNonRoot } from '../platform/kubelet/kubelet-user.ts';
import { containerNamed, containersOf } from '../platform/kubernetes/pod-containers.ts';
import type { PodPatch } from '../platform/kubernetes/strategic-merge.ts';
import { patchedManifest } from '../platform/kubernetes/strategic-merge.ts';
import { podSecurityViolations } from '../platform/pod-security/pod-security.ts';
import { fixFor } from './fix.ts';
import { hasLoneGroup } from './patch/lone-group.ts';

const users: Readonly<Record<string, Partial<ImageFacts>>> = {
  '': { uid: 0, gid: 0, resolution: 'Resolved' },
  '0': { uid: 0, gid: 0, resolution: 'Resolved' },
  appuser: { uid: 10001, gid: 20001, resolution: 'Resolved' },
  'other:group': { uid: 999, gid: 999, userGroup: 998, resolution: 'Resolved' },
  ghost: { resolution: 'NotInImage' },
  '1000': { uid: 1000, resolution: 'Resolved' },
  '4294967294': { resolution: 'Invalid' },
};

const maybe = <T>(...values: readonly T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
const profile = maybe(
  { type: 'RuntimeDefault' },
  { type: 'Unconfined' },
  { type: 'Localhost', localhostProfile: 'x' },
);

const shared = {
  runAsNonRoot: maybe(true, true, true, false),
  runAsUser: maybe(0, 1000, 10001),
  runAsGroup: maybe(0, 3000),
  seccompProfile: profile,
};

const containerContext = fc.record({
  ...shared,
  allowPrivilegeEscalation: maybe(true, false),
  privileged: maybe(false),
  readOnlyRootFilesystem: maybe(true, false),
  capabilities: maybe(
    { drop: ['ALL'] },
    { drop: ['CHOWN'], add: ['NET_BIND_SERVICE', 'SYS_TIME'] },
    { add: ['CHOWN'] },
  ),
});

const described = fc.record({
  pod: fc.record({ ...shared, fsGroup: maybe(2000) }),
  containers: fc.array(
    fc.record({
      context: containerContext,
      user: fc.constantFrom(...Object.keys(users)),
      isDropping: fc.boolean(),
      volumes: maybe(['/data'], []),
      isInit: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  enforce: maybe('baseline', 'restricted'),
});

type Described = ReturnType<typeof described.generate> extends { readonly value: infer V } ? V : never;

const present = <T extends object>(fields: T): T =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;

/** The failing workload that this describes, and what diagnose() would say of it. */
function situation({ pod, containers, enforce }: Described) {
  const specs = containers.map(({ context, isInit, user }, index) => ({
    isInit: isInit && index < containers.length - 1,
    user,
    spec: { name: `c${index}`, image: `image-${index}`, securityContext: present(context) } as ContainerSpec,
  }));
  const manifest: PodManifest = {
    spec: {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      securityContext: present(pod) as NonNullable<PodManifest['spec']['securityContext']>,
      initContainers: specs.filter(({ isInit }) => isInit).map(({ spec }) => spec),
      containers: specs.filter(({ isInit }) => !isInit).map(({ spec }) => spec),
    },
  };
  const findings: Finding[] = [];
  const others: OtherImage[] = [];
  for (const [index, { spec, user, isInit }] of specs.entries()) {
    const { isDropping = false, volumes } = containers[index] ?? {};
    const settings = effective(manifest, spec);
    const verdict = verifyRunAsNonRoot(settings, user);
    const seen = volumes && { volumes };
    if (verdict.passes === false) {
      const type: ContainerType = isInit ? 'InitContainer' : 'Container';
      const level = spec.securityContext?.runAsUser === undefined ? 'Pod' : 'Container';
      const dropped = { name: 'svc', uid: 777, gid: 778, detail: 'the entrypoint says so' };
      findings.push({
        cause: verdict.cause,
        container: { name: spec.name, type },
        message: '',
        settings: [
          {
            level,
            field: 'spec.template.spec.securityContext.runAsUser',
            value: 0,
            setBy: { is: 'manager', name: 'helm' },
          },
        ],
        image: {
          reference: `image-${index}`,
          user,
          resolution: 'NotAttempted',
          ...users[user],
          ...seen,
          ...(isDropping && users[user]?.uid === 0 && { droppedUser: dropped }),
        },
      });
    } else others.push({ container: spec.name, isPending: false, user, ...seen });
  }
  const template: Template = { path: 'spec.template.spec', manifest };
  const snapshot: Snapshot = {
    key: 'Deployment/shop/web',
    now: '2026-11-22T12:00:00Z',
    workload: {
      ref: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web', uid: 'u' },
      incomplete: false,
      template,
    },
    pods: [],
    nodes: [],
    podsTotal: 0,
    answers: [],
    remembered: {},
    namespace: { name: 'shop', podSecurity: enforce === undefined ? {} : { enforce } },
  };
  return {
    manifest,
    findings,
    others,
    snapshot,
    imageUsers: new Map(specs.map(({ spec, user }) => [spec.name, user])),
  };
}

/** As kubectl reads what we write. */
function patchIn(patch: Patch): PodPatch {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return (parse(yamlOf(patch)) as { readonly spec: { readonly template: PodPatch } }).spec.template;
}

/** `containers/app/securityContext/runAsUser`, for every value in a pod or a patch of one. */
function leaves(value: unknown, path = ''): ReadonlyMap<string, unknown> {
  if (Array.isArray(value)) {
    const named = value.every((item: unknown) => typeof item === 'object' && item !== null);
    if (!named) return new Map([[path, value.join(',')]]);
    return new Map(
      value.flatMap((item: { name?: string; mountPath?: string }) => [
        ...leaves(item, `${path}/${item.mountPath ?? item.name}`),
      ]),
    );
  }
  if (typeof value === 'object' && value !== null)
    return new Map(Object.entries(value).flatMap(([key, inner]) => [...leaves(inner, `${path}/${key}`)]));
  return new Map([[path, value]]);
}

/** What each container may do, field by field, after all defaults and levels. */
function powersOf(manifest: PodManifest, container: ContainerSpec) {
  const own: ContainerSecurityContext = container.securityContext ?? {};
  const { runAsNonRoot = false, runAsUser, runAsGroup } = effective(manifest, container);
  const { fsGroup, supplementalGroups = [] } = manifest.spec.securityContext ?? {};
  const seccomp = (own.seccompProfile ?? manifest.spec.securityContext?.seccompProfile)?.type ?? 'Unconfined';
  return {
    mayBeRoot: !runAsNonRoot,
    isRoot: runAsUser === 0,
    isInRootGroup: [runAsGroup, fsGroup, ...supplementalGroups].includes(0),
    mayEscalate: own.allowPrivilegeEscalation !== false,
    isPrivileged: own.privileged === true,
    isUnconfined: seccomp === 'Unconfined',
    hasWritableRoot: own.readOnlyRootFilesystem !== true,
    keepsCapabilities: !(own.capabilities?.drop ?? []).includes('ALL'),
    addsCapabilities: (own.capabilities?.add ?? []).length,
  };
}

const runs = { numRuns: 2_000 };
const fewer = { numRuns: 500 };

test('no patch gives a container a power that it did not have, or touches what it does not name', () => {
  fc.assert(
    fc.property(described, (description) => {
      const { manifest, findings, others, snapshot } = situation(description);
      const { fix } = fixFor({ findings, failing: [], others }, snapshot, { allowRootExemption: false });
      const patches = [
        fix?.patch,
        fix?.hardenedPatch,
        ...(fix?.alternatives ?? []).map(({ patch }) => patch),
      ];
      for (const whole of patches.filter((one) => one !== undefined)) {
        const patch = patchIn(whole);
        const after = patchedManifest(manifest, patch);
        const names = (pod: PodManifest) => containersOf(pod).map(({ name }) => name);
        expect(names(after)).toEqual(names(manifest)); // init containers start in the order of their list
        for (const container of containersOf(after)) {
          const was = containerNamed(manifest, container.name);
          if (!was) throw new Error(`the patch added container ${container.name}`);
          const [before, now] = [powersOf(manifest, was), powersOf(after, container)];
          for (const [power, value] of Object.entries(now))
            expect([power, Number(value) <= Number(before[power as keyof typeof before])]).toEqual([
              power,
              true,
            ]);
        }
        const named = [...leaves(patch).keys()].map((path) => path.replace(/^\/spec/, '/spec'));
        const [old, changed] = [leaves(manifest), leaves(after)];
        const touched = [...new Set([...old.keys(), ...changed.keys()])].filter(
          (path) => old.get(path) !== changed.get(path),
        );
        for (const path of touched) expect(named).toContain(path);
      }
    }),
    runs,
  );
});

test('what is offered as ready lets every container start, and is admitted where the namespace enforces a level', () => {
  let ready = 0;
  fc.assert(
    fc.property(described, (description) => {
      const { manifest, findings, others, snapshot, imageUsers } = situation(description);
      const { fix } = fixFor({ findings, failing: [], others }, snapshot, { allowRootExemption: false });
      if (fix?.type !== 'WorkloadPatch') return;
      ready += 1;
      for (const [patch, level] of [
        [fix.patch, description.enforce],
        [fix.hardenedPatch, 'restricted'],
      ] as const) {
        if (patch === undefined) continue;
        const after = patchedManifest(manifest, patchIn(patch));
        for (const container of containersOf(after)) {
          const verdict = verifyRunAsNonRoot(effective(after, container), imageUsers.get(container.name));
          expect(verdict).toEqual({ passes: true });
        }
        const policy = { level: level ?? 'privileged', version: 'latest' } as PodSecurityPolicy;
        expect(podSecurityViolations(after, policy)).toEqual([]);
        expect(hasLoneGroup(after)).toBe(false);
      }
    }),
    runs,
  );
  expect(ready).toBeGreaterThan(runs.numRuns / 20);
});

test('a patch that gives what restricted requires gives no more than that', () => {
  let tried = 0;
  fc.assert(
    fc.property(described, (description) => {
      const { manifest, findings, others, snapshot } = situation(description);
      const { fix } = fixFor({ findings, failing: [], others }, snapshot, { allowRootExemption: false });
      if (fix?.type !== 'WorkloadPatch' || !fix.patch || !fix.hardenedPatch) return;
      tried += 1;
      const smallest = new Set(leaves(patchIn(fix.patch)).keys());
      const hardened = patchIn(fix.hardenedPatch);
      for (const path of leaves(hardened).keys()) {
        if (smallest.has(path) || path.endsWith('/runAsGroup')) continue;
        const after = patchedManifest(manifest, without(hardened, path.split('/').slice(1)));
        expect([path, podSecurityViolations(after, restricted).length > 0]).toEqual([path, true]);
      }
    }),
    fewer,
  );
  expect(tried).toBeGreaterThan(fewer.numRuns / 20);
});

const restricted: PodSecurityPolicy = { level: 'restricted', version: 'latest' };

/** The same value without the one leaf at the end of the path, see `leaves`. */
function without<T>(value: T, [first = '', ...rest]: readonly string[]): T {
  const inner = (item: unknown): unknown => (rest.length === 0 ? undefined : without(item, rest));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  if (Array.isArray(value)) return value.map((item) => (item.name === first ? inner(item) : item)) as T;
  return { ...value, [first]: inner(value[first as keyof T]) };
}
