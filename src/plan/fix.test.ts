// The fix of each cause: what it changes, how sure it is, and what it never proposes.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';

import { causes } from '../model/cause.ts';
import type { Finding, ImageFacts } from '../model/finding.ts';
import type { Snapshot, Workload } from '../model/snapshot.ts';
import { manifestOf } from '../../test/snapshot.ts';
import { fixFor } from './fix.ts';

const image = (facts: Partial<ImageFacts> = {}): ImageFacts => ({
  reference: 'web:1',
  resolution: 'NotAttempted',
  ...facts,
});
const appuser = image({
  user: 'appuser:appgroup',
  uid: 10001,
  gid: 20001,
  userGroup: 20002,
  resolution: 'Resolved',
});

function finding(parts: Partial<Finding>): Finding {
  return {
    cause: 'NonNumericUser',
    container: { name: 'app', type: 'Container' },
    message: '',
    settings: [],
    image: image(),
    ...parts,
  };
}

const rootUser = (level: 'Pod' | 'Container', setBy = 'helm') =>
  finding({
    cause: 'RunAsUserIsRoot',
    settings: [
      { level: 'Pod', field: 'spec.template.spec.securityContext.runAsNonRoot', value: true, setBy: 'helm' },
      { level, field: 'spec.template.spec.containers[name=app].securityContext.runAsUser', value: 0, setBy },
    ],
  });

function snapshot(kind = 'Deployment', podUser?: number, apiVersion = 'apps/v1'): Snapshot {
  const path =
    kind === 'Pod'
      ? 'spec'
      : kind === 'CronJob'
        ? 'spec.jobTemplate.spec.template.spec'
        : 'spec.template.spec';
  const security = { runAsNonRoot: true, ...(podUser !== undefined && { runAsUser: podUser }) };
  const app = { name: 'app', type: 'Container', security: {} } as const;
  const workload: Workload = {
    ref: { apiVersion, kind, namespace: 'shop', name: 'web', uid: 'u-1' },
    incomplete: false,
    template: { path, security, containers: [app], manifest: manifestOf(security, [app]) },
  };
  const nothing = { pods: [], nodes: [], podsTotal: 0, answers: [], remembered: {} };
  return { key: `${kind}/shop/web`, now: '2026-11-22T12:00:00Z', workload, ...nothing };
}

const patchOf = (found: readonly Finding[], given = snapshot()): unknown => {
  const patch = fixFor(found, given)?.patch;
  return patch === undefined ? undefined : parse(patch);
};

describe('a user that the image names', () => {
  test('is written as its number, with the group that USER means', () => {
    const fix = fixFor([finding({ image: appuser })], snapshot());
    expect(fix).toMatchObject({
      type: 'WorkloadPatch',
      certainty: 'Certain',
      summary: 'runAsUser 10001',
      dockerfile: 'USER 10001:20002\n',
      checks: [{ name: 'KubeletUser', result: 'Passed' }],
    });
    expect(fix?.checks?.[0]?.message).toContain('group 20002 (of USER)');
    expect(parse(fix?.patch ?? '')).toEqual({
      spec: {
        template: {
          spec: { containers: [{ name: 'app', securityContext: { runAsUser: 10001, runAsGroup: 20002 } }] },
        },
      },
    });
  });

  test('without a group of its own gets that of its passwd entry', () => {
    const { userGroup: _none, ...facts } = appuser;
    const fix = fixFor([finding({ image: facts })], snapshot());
    expect(fix?.patch).toContain('runAsGroup: 20001');
    expect(fix?.checks?.[0]?.message).toContain('group 20001 (of its passwd entry)');
  });

  test('is to be tested first where the image shows a risk', () => {
    const risks = [{ code: 'RootOwnedPath', detail: '/var/data is 0:0 0755' }] as const;
    expect(fixFor([finding({ image: appuser, risks })], snapshot())?.certainty).toBe('TestFirst');
  });

  test('is a template while its number is unknown, and no number is made up', () => {
    const fix = fixFor([finding({ image: image({ user: 'appuser' }) })], snapshot());
    expect(fix).toMatchObject({
      type: 'ImageChange',
      certainty: 'Template',
      summary: 'USER <uid of appuser> in the image',
    });
    expect(fix).not.toHaveProperty('patch');
    expect(JSON.stringify(fix)).not.toMatch(/\b(1000|10001|65532|65534)\b/);
  });

  test.each([image({ user: 'root' }), image({ user: 'toor', uid: 0, gid: 0, resolution: 'Resolved' })])(
    'that is root gets no runAsUser: %j',
    (facts) => {
      const fix = fixFor([finding({ image: facts })], snapshot());
      expect(fix?.summary).toBe('numeric non-root USER in the image');
      expect(fix).not.toHaveProperty('patch');
    },
  );

  test('beyond what Kubernetes takes gets no runAsUser', () => {
    const facts = image({ user: 'odd', uid: 4_294_967_294, resolution: 'Resolved' });
    expect(fixFor([finding({ image: facts })], snapshot())).not.toHaveProperty('patch');
  });
});

describe('runAsUser 0 in the spec', () => {
  test('of a container below a pod with another user is removed', () => {
    const fix = fixFor([rootUser('Container')], snapshot('Deployment', 10001));
    expect(fix).toMatchObject({
      type: 'WorkloadPatch',
      certainty: 'TestFirst',
      summary: 'remove runAsUser 0 from container app',
    });
    expect(parse(fix?.patch ?? '')).toEqual({
      spec: { template: { spec: { containers: [{ name: 'app', securityContext: { runAsUser: null } }] } } },
    });
  });

  test('of the pod is removed where the image has a number of its own', () => {
    const found = { ...rootUser('Pod'), image: image({ user: '10001', uid: 10001, resolution: 'Resolved' }) };
    expect(patchOf([found])).toEqual({
      spec: { template: { spec: { securityContext: { runAsUser: null } } } },
    });
  });

  test('gives way to the number of the user that the image names', () => {
    expect(patchOf([{ ...rootUser('Container'), image: appuser }])).toEqual({
      spec: {
        template: {
          spec: { containers: [{ name: 'app', securityContext: { runAsUser: 10001, runAsGroup: 20002 } }] },
        },
      },
    });
  });

  test.each([
    ['nobody knows the image', rootUser('Container'), 'Deployment'],
    [
      'the image is root, too',
      { ...rootUser('Container'), image: image({ user: '', uid: 0, resolution: 'Resolved' }) },
      'Deployment',
    ],
    ['admission put it there', rootUser('Container', 'admission, unnamed'), 'Deployment'],
  ] as const)('is only named where %s', (_why, found, kind) => {
    const fix = fixFor([found], snapshot(kind));
    expect(fix).toMatchObject({ type: 'Manual', summary: 'remove runAsUser 0 from container app' });
    expect(fix).not.toHaveProperty('patch');
  });
});

describe('where the patch goes', () => {
  test('a CronJob keeps its template two levels down', () => {
    expect(patchOf([finding({ image: appuser })], snapshot('CronJob', undefined, 'batch/v1'))).toHaveProperty(
      'spec.jobTemplate.spec.template.spec.containers',
    );
  });

  test.each(['Pod', 'Job'])('a live %s cannot take it: it is created again', (kind) => {
    const fix = fixFor(
      [finding({ image: appuser })],
      snapshot(kind, undefined, kind === 'Pod' ? 'v1' : 'batch/v1'),
    );
    expect(fix).toMatchObject({ type: 'Recreate', certainty: 'Certain' });
    expect(fix).not.toHaveProperty('patch');
    expect(fix?.followUp?.[0]).toContain('runAsUser: 10001');
  });

  test('a custom resource gets none, since its controller would undo it', () => {
    const fix = fixFor([finding({ image: appuser })], snapshot('Widget', undefined, 'example.com/v1'));
    expect(fix).toMatchObject({ type: 'Manual', summary: 'runAsUser 10001' });
  });

  test('init containers are patched in their own list, and one patch cures all containers', () => {
    const migrate = finding({
      container: { name: 'migrate', type: 'InitContainer' },
      image: { ...appuser, uid: 999 },
    });
    expect(patchOf([migrate, finding({ image: appuser })])).toMatchObject({
      spec: {
        template: {
          spec: {
            initContainers: [{ name: 'migrate', securityContext: { runAsUser: 999 } }],
            containers: [{ name: 'app', securityContext: { runAsUser: 10001 } }],
          },
        },
      },
    });
  });

  test('there is none if it would cure only one of two containers', () => {
    const other = finding({ cause: 'ImageRunsAsRoot', container: { name: 'proxy', type: 'Container' } });
    const fix = fixFor([finding({ image: appuser }), other], snapshot());
    expect(fix).not.toHaveProperty('patch');
    expect(fix?.alternatives).toHaveLength(1);
  });

  test('an ephemeral container stands in no template', () => {
    const debug = finding({ container: { name: 'debug', type: 'EphemeralContainer' }, image: appuser });
    expect(fixFor([debug], snapshot())).not.toHaveProperty('patch');
  });
});

test('the digest follows the workload, the image and the patch', () => {
  const at = (facts: ImageFacts) => fixFor([finding({ image: facts })], snapshot())?.digest;
  expect(at({ ...appuser, digest: 'sha256:a' })).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(at({ ...appuser, digest: 'sha256:a' })).not.toBe(at({ ...appuser, digest: 'sha256:b' }));
  expect(at(appuser)).not.toBe(at({ ...appuser, uid: 10002 }));
});

test('no fix switches the check off, asks for root or names an unknown uid', () => {
  const facts = fc.record({
    user: fc.constantFrom('', '0', 'root', 'appuser', '1000', 'app:0'),
    uid: fc.option(fc.constantFrom(0, 1000, 10001, 4_294_967_294), { nil: undefined }),
    gid: fc.option(fc.constantFrom(0, 1000), { nil: undefined }),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...causes),
      facts,
      fc.constantFrom('Deployment', 'Pod', 'CronJob'),
      (cause, known, kind) => {
        const { uid, gid, user } = known;
        const found = finding({
          cause,
          image: image({ user, ...(uid !== undefined && { uid }), ...(gid !== undefined && { gid }) }),
        });
        const text = JSON.stringify(fixFor([found], snapshot(kind)));
        expect(text).not.toMatch(/runAsNonRoot/);
        expect(text).not.toMatch(/runAs(User|Group)\\?"?: ?0\b/);
        for (const [, number] of text.matchAll(/runAsUser: (\d+)/g)) expect(Number(number)).toBe(uid);
      },
    ),
  );
});
