// The fix of each cause: what it changes, where, how sure it is, what proves it, and what it never proposes.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';

import { manifestOf } from '../../../test/snapshot.ts';
import { causes } from '../model/cause.ts';
import type { RecordedFix, DiagnosisStatus } from '../model/diagnosis.ts';
import type { FieldSetter, Finding, ImageFacts, OtherImage } from '../model/finding.ts';
import type { PodManifest } from '../model/pod-manifest.ts';
import type { Snapshot, Workload } from '../model/snapshot.ts';
import type { ContainerType, KnownContainer, SecuritySettings } from '../model/pod.ts';
import type { Answer } from '../model/question.ts';
import { objectAt } from '../platform/data/field.ts';
import type { PodPatch } from '../platform/kubernetes/strategic-merge.ts';
import { patchedManifest } from '../platform/kubernetes/strategic-merge.ts';
import { diagnosisStatus } from '../report/status/diagnosis-status.ts';
import { fixFor } from './fix.ts';
import type { FixPolicy } from './fix-input.ts';
import type { PlannedFix } from './patch/patch-fix.ts';

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
const rootImage = image({ user: '', uid: 0, gid: 0, resolution: 'Resolved' });

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

const rootUser = (level: 'Pod' | 'Container', setBy: FieldSetter = { is: 'manager', name: 'helm' }) =>
  finding({
    cause: 'RunAsUserIsRoot',
    settings: [
      {
        level: 'Pod',
        field: 'spec.template.spec.securityContext.runAsNonRoot',
        value: true,
        setBy: { is: 'manager', name: 'helm' },
      },
      { level, field: 'spec.template.spec.containers[name=app].securityContext.runAsUser', value: 0, setBy },
    ],
  });

const rootUserOf = (facts: Partial<ImageFacts>): Finding => ({ ...rootUser('Pod'), image: image(facts) });

const noRef = { apiVersion: '', kind: '', namespace: '', name: '', uid: '' };

function manifestIn({ workload }: Snapshot): PodManifest {
  if (!workload?.template) throw new Error('no template');
  return workload.template.manifest;
}

const patchOfPod = (patch: unknown): PodPatch => objectAt(patch, 'spec', 'jobTemplate', 'spec', 'template');

type WrittenSpec = { readonly securityContext?: object; readonly containers?: readonly object[] };

type Declared = {
  readonly name: string;
  readonly type?: ContainerType;
  readonly security?: SecuritySettings;
};

type Given = {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly pod?: SecuritySettings;
  readonly containers?: readonly Declared[];
  readonly manifest?: PodManifest;
  readonly podSecurity?: Readonly<Record<string, string>>;
  readonly uidRange?: string;
  readonly workload?: Partial<Workload>;
  readonly answers?: readonly Answer[];
};

const paths: Readonly<Record<string, string>> = {
  Pod: 'spec',
  CronJob: 'spec.jobTemplate.spec.template.spec',
};

function snapshot(given: Given = {}): Snapshot {
  const { kind = 'Deployment', apiVersion = 'apps/v1', pod = {}, containers = [{ name: 'app' }] } = given;
  const path = paths[kind] ?? 'spec.template.spec';
  const security = { runAsNonRoot: true, ...pod };
  const listed = containers.map(({ name, type = 'Container', security: securityContext = {} }) => ({
    name,
    type,
    image: `registry.example/${name}:1`,
    securityContext,
  }));
  const manifest = given.manifest ?? manifestOf(security, listed);
  const workload: Workload = {
    ref: { apiVersion, kind, namespace: 'shop', name: 'web', uid: 'u-1' },
    incomplete: false,
    template: { path, manifest },
    generation: 3,
    ...given.workload,
  };
  const { podSecurity = {}, uidRange, answers = [] } = given;
  return {
    key: `${kind}/shop/web`,
    now: '2026-11-22T12:00:00Z',
    workload,
    pods: [],
    nodes: [],
    podsTotal: 0,
    answers,
    remembered: {},
    namespace: { name: 'shop', podSecurity, ...(uidRange !== undefined && { uidRange }) },
  };
}

const careful: FixPolicy = { allowRootExemption: false };

type Beside = { readonly others?: readonly OtherImage[]; readonly policy?: FixPolicy };

function planned(
  findings: readonly Finding[],
  given: Snapshot,
  { others = [], policy = careful }: Beside = {},
): PlannedFix {
  return fixFor({ findings, failing: given.pods, others }, given, policy);
}

function fixOf(findings: readonly Finding[], given = snapshot(), beside: Beside = {}): RecordedFix {
  return inWords(planned(findings, given, beside), findings, given);
}

/** As the Diagnosis would have it. */
function inWords(plan: PlannedFix, findings: readonly Finding[], given: Snapshot): RecordedFix {
  const readiness = { isReady: false, olderPods: 0, isProved: false };
  const verdict = { findings, failingPods: 1, failingPodsCounted: 1, nodes: [] };
  const fix = diagnosisStatus({ verdict, readiness }, plan, given)?.fix;
  if (!fix) throw new Error('no fix');
  return fix;
}

const specOf = (patch: string | undefined): unknown => {
  const parsed: unknown = patch === undefined ? undefined : parse(patch);
  return (parsed as { spec: { template: { spec: unknown } } } | undefined)?.spec.template.spec;
};

const patchOf = (findings: readonly Finding[], given = snapshot()): unknown =>
  specOf(fixOf(findings, given).patch);

const resultOf = ({ checks = [] }: RecordedFix, name: string) => checks.find((check) => check.name === name);

describe('a user that the image names', () => {
  test('is written as its number, with the group that USER means', () => {
    const fix = fixOf([finding({ image: appuser })]);
    expect(fix).toMatchObject({
      type: 'WorkloadPatch',
      certainty: 'Certain',
      summary: 'runAsUser 10001',
      dockerfile: 'USER 10001:20002\n',
      dockerfileCertainty: 'Certain',
    });
    expect(resultOf(fix, 'KubeletUser')).toMatchObject({ result: 'Passed' });
    expect(resultOf(fix, 'KubeletUser')?.message).toContain('GID 20002 (of USER)');
    expect(parse(fix.patch ?? '')).toEqual({
      spec: {
        template: {
          spec: { containers: [{ name: 'app', securityContext: { runAsUser: 10001, runAsGroup: 20002 } }] },
        },
      },
    });
  });

  test('without a group of its own gets that of its passwd entry', () => {
    const { userGroup: _none, ...facts } = appuser;
    const fix = fixOf([finding({ image: facts })]);
    expect(fix.patch).toContain('runAsGroup: 20001');
    expect(resultOf(fix, 'KubeletUser')?.message).toContain('GID 20001 (of its passwd entry)');
  });

  test('is to be tested first where the image shows a risk', () => {
    const risks = [{ code: 'RootOwnedPath', detail: '/var/data is 0:0 0755' }] as const;
    expect(fixOf([finding({ image: appuser, risks })]).certainty).toBe('TestFirst');
  });

  test('is a template while its number is unknown, and no number is made up', () => {
    const fix = fixOf([finding({ image: image({ user: 'appuser' }) })]);
    expect(fix).toMatchObject({ type: 'ImageChange', certainty: 'Template' });
    expect(fix).not.toHaveProperty('patch');
    expect(JSON.stringify(fix)).not.toMatch(/\b(1000|10001|65532|65534)\b/);
  });

  test.each([image({ user: 'root' }), image({ user: 'toor', uid: 0, gid: 0, resolution: 'Resolved' })])(
    'that is root gets no runAsUser: %j',
    (facts) => {
      const fix = fixOf([finding({ image: facts })]);
      expect(fix.type).toBe('ImageChange');
      expect(fix).not.toHaveProperty('patch');
    },
  );

  test('beyond what Kubernetes takes gets no runAsUser', () => {
    const facts = image({ user: 'odd', uid: 4_294_967_294, resolution: 'Resolved' });
    expect(fixOf([finding({ image: facts })])).not.toHaveProperty('patch');
  });
});

describe('an image that runs as root', () => {
  const dropping = {
    ...rootImage,
    droppedUser: { name: 'redis', uid: 999, gid: 1000, detail: '/entrypoint.sh line 9 switches to redis' },
  };

  test('gets no uid from us', () => {
    const fix = fixOf([finding({ cause: 'ImageRunsAsRoot', image: rootImage })]);
    expect(fix.type).toBe('ImageChange');
    expect(fix.dockerfile).toContain('USER');
    expect(fix).not.toHaveProperty('patch');
  });

  test('whose entrypoint drops to one user of its own may be tried as that user', () => {
    const fix = fixOf([finding({ cause: 'ImageRunsAsRoot', image: dropping })]);
    expect(fix).toMatchObject({ type: 'WorkloadPatch', certainty: 'TestFirst', summary: 'runAsUser 999' });
    expect(specOf(fix.patch)).toEqual({
      containers: [{ name: 'app', securityContext: { runAsUser: 999, runAsGroup: 1000 } }],
    });
    expect(resultOf(fix, 'KubeletUser')?.message).toContain('/entrypoint.sh line 9 switches to redis');
  });

  test('is exempted only where that was asked for, in the one container, and says so', () => {
    const found = [finding({ cause: 'ImageRunsAsRoot', image: rootImage })];
    const containers = [{ name: 'app' }, { name: 'other' }];
    const asked = { policy: { allowRootExemption: true } };
    const [exemption] = fixOf(found, snapshot({ containers }), asked).alternatives ?? [];
    expect(exemption?.summary).toContain('--allow-root-exemption');
    expect(specOf(exemption?.patch)).toEqual({
      containers: [{ name: 'app', securityContext: { runAsNonRoot: false } }],
    });
    expect(JSON.stringify(fixOf(found, snapshot({ containers })))).not.toContain('runAsNonRoot');
    const strict = snapshot({ containers, podSecurity: { enforce: 'restricted' } });
    expect(JSON.stringify(fixOf(found, strict, asked))).not.toContain('runAsNonRoot: false');
  });
});

describe('runAsUser 0 in the spec', () => {
  const numeric = image({ user: '10001', uid: 10001, resolution: 'Resolved' });

  test('of a container below a pod with another user is removed', () => {
    const given = snapshot({
      pod: { runAsUser: 10001 },
      containers: [{ name: 'app', security: { runAsUser: 0 } }],
    });
    const fix = fixOf([rootUser('Container')], given);
    expect(fix).toMatchObject({
      type: 'WorkloadPatch',
      certainty: 'TestFirst',
      summary: 'remove runAsUser 0 from container app',
    });
    expect(specOf(fix.patch)).toEqual({
      containers: [{ name: 'app', securityContext: { runAsUser: null } }],
    });
    expect(resultOf(fix, 'KubeletUser')).toMatchObject({ result: 'Passed' });
  });

  test('of the pod is removed where the image has a number of its own', () => {
    const found = { ...rootUser('Pod'), image: numeric };
    expect(patchOf([found], snapshot({ pod: { runAsUser: 0 } }))).toEqual({
      securityContext: { runAsUser: null },
    });
  });

  test('of the pod stays for a container that may run as root', () => {
    const found = { ...rootUser('Pod'), image: numeric };
    const containers = [{ name: 'app' }, { name: 'setup', security: { runAsNonRoot: false } }];
    expect(patchOf([found], snapshot({ pod: { runAsUser: 0 }, containers }))).toEqual({
      containers: [{ name: 'app', securityContext: { runAsUser: 10001 } }],
    });
  });

  test('of a pod with a group stays there, as no runtime takes a group without a user', () => {
    const found = { ...rootUser('Pod'), image: numeric };
    expect(patchOf([found], snapshot({ pod: { runAsUser: 0, runAsGroup: 0 } }))).toEqual({
      containers: [{ name: 'app', securityContext: { runAsUser: 10001 } }],
    });
  });

  test('gives way to the number of the user that the image names', () => {
    expect(patchOf([{ ...rootUser('Container'), image: appuser }])).toEqual({
      containers: [{ name: 'app', securityContext: { runAsUser: 10001, runAsGroup: 20002 } }],
    });
  });

  test.each([
    ['the image has not been read', rootUser('Container')],
    ['the image is root, too', { ...rootUser('Container'), image: rootImage }],
    ['admission put it there', rootUser('Container', { is: 'admission' })],
  ])('is only named where %s', (_why, found) => {
    const fix = fixOf([found]);
    expect(fix.type).toBe('Manual');
    expect(fix.summary).toContain('remove runAsUser 0 from container app');
    expect(fix).not.toHaveProperty('patch');
  });
});

describe('where the patch goes', () => {
  test('a CronJob keeps its template two levels down', () => {
    const { patch } = fixOf(
      [finding({ image: appuser })],
      snapshot({ kind: 'CronJob', apiVersion: 'batch/v1' }),
    );
    expect(parse(patch ?? '')).toHaveProperty('spec.jobTemplate.spec.template.spec.containers');
  });

  test.each([
    ['Pod', 'v1'],
    ['Job', 'batch/v1'],
  ])('a live %s cannot take it: it is created again', (kind, apiVersion) => {
    const fix = fixOf([finding({ image: appuser })], snapshot({ kind, apiVersion }));
    expect(fix).toMatchObject({ type: 'Recreate', certainty: 'Certain' });
    expect(fix.patch).toContain('runAsUser: 10001');
    expect(fix.followUp?.[0]).toContain(`An existing ${kind} cannot be patched`);
    expect(fix).not.toHaveProperty('digest');
    expect(resultOf(fix, 'DryRun')).toMatchObject({ result: 'Skipped' });
  });

  test('a custom resource gets none, since its controller would undo it', () => {
    const fix = fixOf(
      [finding({ image: appuser })],
      snapshot({ kind: 'Widget', apiVersion: 'example.com/v1' }),
    );
    expect(fix).toMatchObject({
      type: 'Manual',
      summary: 'runAsUser 10001',
      managedBy: { tool: 'Operator', name: 'Widget.example.com/web' },
    });
    expect(fix).not.toHaveProperty('patch');
  });

  test.each([
    ['Deployment', 'apps/v1'],
    ['Rollout', 'argoproj.io/v1alpha1'],
    ['Pod', 'v1'],
  ])('a fix of a %s writes only fields that a container has in Kubernetes', (kind, apiVersion) => {
    const app: KnownContainer = {
      name: 'app',
      image: 'registry.example/app:1',
      managers: { runAsUser: 'helm' },
      state: { is: 'running' },
      statusImage: { reference: 'registry.example/app:0', id: 'sha256:0' },
      lastStartedTime: '2026-11-22T11:00:00Z',
      lastTerminated: { reason: 'Error', exitCode: 1 },
      restarts: 3,
    };
    const manifest = { spec: { containers: [app, { ...app, name: 'proxy' }] } };
    const managers = { runAsNonRoot: 'helm' };
    const pod = { name: 'web-0', namespace: 'shop', uid: 'u-2', createdTime: '2026-11-22T10:00:00Z' };
    const given = { ...snapshot({ kind, apiVersion, manifest }), pods: [{ ...pod, manifest, managers }] };
    const { patch, hardenedPatch, alternatives = [] } = fixOf([finding({ image: appuser })], given);
    expect(patch).toContain('runAsUser');
    const written = [patch, hardenedPatch, ...alternatives.map((one) => one.patch)].join('\n');
    expect(written).not.toMatch(/managers|state|statusImage|lastStartedTime|lastTerminated|restarts/);
    expect(written).not.toMatch(/type: (?:Init)?Container/);
  });

  test('an Argo Rollout gets a JSON patch, which the command says', () => {
    const containers = [{ name: 'proxy' }, { name: 'app' }];
    const given = snapshot({ kind: 'Rollout', apiVersion: 'argoproj.io/v1alpha1', containers });
    const fix = fixOf([finding({ image: appuser })], given);
    const place = '/spec/template/spec/containers/1';
    expect(parse(fix.patch ?? '')).toEqual([
      { op: 'test', path: `${place}/name`, value: 'app' },
      { op: 'add', path: `${place}/securityContext/runAsUser`, value: 10001 },
      { op: 'add', path: `${place}/securityContext/runAsGroup`, value: 20002 },
    ]);
    expect(fix.command).toMatch(/ patch rollouts\.argoproj\.io\/web --type=json -p '\[.*\]'$/);
    expect(fix).not.toHaveProperty('managedBy');
  });

  test('a DeploymentConfig is a type of its own API server, with merge keys', () => {
    const given = snapshot({ kind: 'DeploymentConfig', apiVersion: 'apps.openshift.io/v1' });
    const fix = fixOf([finding({ image: appuser })], given);
    expect(specOf(fix.patch)).toHaveProperty('containers');
    expect(fix.command).toMatch(/ patch deploymentconfigs\.apps\.openshift\.io\/web -p /);
  });

  test('containers that need different users get them in their own list', () => {
    const migrate = finding({
      container: { name: 'migrate', type: 'InitContainer' },
      image: { ...appuser, uid: 999 },
    });
    const containers = [{ name: 'migrate', type: 'InitContainer' as const }, { name: 'app' }];
    expect(patchOf([migrate, finding({ image: appuser })], snapshot({ containers }))).toEqual({
      initContainers: [{ name: 'migrate', securityContext: { runAsUser: 999, runAsGroup: 20002 } }],
      containers: [{ name: 'app', securityContext: { runAsUser: 10001, runAsGroup: 20002 } }],
    });
  });

  const both = [
    finding({ image: appuser }),
    finding({ container: { name: 'proxy', type: 'Container' }, image: appuser }),
  ];

  test('the pod says it once where all containers agree', () => {
    const containers = [{ name: 'app' }, { name: 'proxy' }];
    expect(patchOf(both, snapshot({ containers }))).toEqual({
      securityContext: { runAsUser: 10001, runAsGroup: 20002 },
    });
  });

  test('the containers say it where a third one has no such need', () => {
    const containers = [{ name: 'app' }, { name: 'proxy' }, { name: 'third' }];
    expect(patchOf(both, snapshot({ containers }))).toEqual({
      containers: ['app', 'proxy'].map((name) => ({
        name,
        securityContext: { runAsUser: 10001, runAsGroup: 20002 },
      })),
    });
  });

  test('a group that is set already stays, in the container or in the pod', () => {
    const own = [{ name: 'app', security: { runAsGroup: 5 } }, { name: 'proxy' }];
    expect(patchOf(both, snapshot({ containers: own }))).toEqual({
      containers: [
        { name: 'app', securityContext: { runAsUser: 10001 } },
        { name: 'proxy', securityContext: { runAsUser: 10001, runAsGroup: 20002 } },
      ],
    });
    const containers = [{ name: 'app' }, { name: 'proxy' }];
    expect(patchOf(both, snapshot({ containers, pod: { runAsGroup: 5 } }))).toEqual({
      securityContext: { runAsUser: 10001 },
    });
  });

  test('there is none if it would cure only one of two containers, and the other cure is named', () => {
    const other = finding({
      cause: 'ImageRunsAsRoot',
      container: { name: 'proxy', type: 'Container' },
      image: rootImage,
    });
    const containers = [{ name: 'app' }, { name: 'proxy' }];
    const fix = fixOf([finding({ image: appuser }), other], snapshot({ containers }));
    expect(fix).not.toHaveProperty('patch');
    expect(fix.type).toBe('ImageChange');
    expect(fix.summary).toBe('container proxy: numeric non-root USER in the image');
    expect(fix.alternatives?.[0]?.summary).toBe('container app: runAsUser 10001');
    expect(fix.alternatives?.[0]?.patch).toContain('runAsUser: 10001');
  });

  test('an ephemeral container stands in no template', () => {
    const debug = finding({ container: { name: 'debug', type: 'EphemeralContainer' }, image: appuser });
    const fix = fixOf([debug]);
    expect(fix.type).toBe('Manual');
    expect(fix).not.toHaveProperty('patch');
  });

  test('a container that the template lacks is its injector’s', () => {
    const added = (name: string) =>
      fixOf([finding({ container: { name, type: 'Container' }, image: appuser })]);
    expect(added('log-shipper').type).toBe('Manual');
    expect(added('log-shipper').summary).toContain('log-shipper is added by an admission webhook');
    expect(added('log-shipper')).not.toHaveProperty('patch');
    expect(added('istio-proxy').summary).toContain('istio-proxy is added by Istio');
  });

  test('an object that a tool writes is to be changed in its source', () => {
    const marks = {
      labels: {},
      annotations: { 'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:shop/web' },
      managers: [],
    };
    const fix = fixOf([finding({ image: appuser })], snapshot({ workload: { marks } }));
    expect(fix.managedBy).toMatchObject({ tool: 'ArgoCD', name: 'shop' });
    expect(fix.followUp?.[0]).toContain("the application's source");
    expect(fix).not.toHaveProperty('command');
  });
});

describe('pods that Pod Security refuses', () => {
  const refusedFor = (reason: string, facts: ImageFacts) =>
    finding({
      cause: 'PodSecurityViolation',
      policy: { level: 'restricted', version: 'latest' },
      violations: [{ reason, detail: '', containers: ['app'] }],
      image: facts,
    });

  test('get what is missing, and the user that the kubelet asks for next', () => {
    const fix = fixOf(
      [refusedFor('seccompProfile', appuser)],
      snapshot({ podSecurity: { enforce: 'restricted' } }),
    );
    expect(fix.type).toBe('WorkloadPatch');
    expect(fix.patch).toContain('runAsUser: 10001');
    expect(fix.patch).toContain('type: RuntimeDefault');
    expect(resultOf(fix, 'PodSecurity')).toMatchObject({ result: 'Passed' });
  });

  test('of an image that is root need another image first', () => {
    const fix = fixOf(
      [refusedFor('runAsNonRoot != true', rootImage)],
      snapshot({ podSecurity: { enforce: 'restricted' } }),
    );
    expect(fix.type).toBe('ImageChange');
    expect(fix.alternatives?.[0]?.patch).toContain('allowPrivilegeEscalation: false');
  });
});

describe('proofs', () => {
  const cured = [finding({ image: appuser })];

  test('another container that could not start either is a failed proof', () => {
    const containers = [{ name: 'app' }, { name: 'proxy' }];
    const others = [{ container: 'proxy', isPending: false, user: '0' }];
    const fix = fixOf(cured, snapshot({ containers }), { others });
    expect(resultOf(fix, 'KubeletUser')).toMatchObject({ result: 'Failed' });
    expect(fix.type).toBe('Manual');
    expect(fix).not.toHaveProperty('digest');
    expect(fix).not.toHaveProperty('patch');
  });

  test('an image that was not read leaves the check open, and the fix to be tested', () => {
    const containers = [{ name: 'app' }, { name: 'proxy' }];
    const fix = fixOf(cured, snapshot({ containers }), {
      others: [{ container: 'proxy', isPending: false }],
    });
    expect(resultOf(fix, 'KubeletUser')).toMatchObject({ result: 'Skipped' });
    expect(fix).toMatchObject({ type: 'WorkloadPatch', certainty: 'TestFirst' });
    expect(fix).not.toHaveProperty('hardenedPatch');
  });

  test('a namespace that enforces restricted gets the patch that it admits', () => {
    const fix = fixOf(cured, snapshot({ podSecurity: { enforce: 'restricted' } }));
    expect(resultOf(fix, 'PodSecurity')).toMatchObject({ result: 'Passed' });
    expect(fix.type).toBe('WorkloadPatch');
    expect(fix.patch).toContain('allowPrivilegeEscalation: false');
    expect(fix).not.toHaveProperty('hardenedPatch');
  });

  test('what restricted requires is no read-only root and no emptyDir: that is an alternative, and says what it hides', () => {
    const served = { ...appuser, volumes: ['/srv/app'] };
    const given = snapshot({ podSecurity: { enforce: 'restricted' } });
    for (const fix of [fixOf([finding({ image: served })], given), fixOf([finding({ image: served })])]) {
      expect(`${fix.patch}${fix.hardenedPatch}`).toContain('RuntimeDefault');
      expect(`${fix.patch}${fix.hardenedPatch}`).not.toMatch(/readOnlyRootFilesystem|emptyDir|volumeMounts/);
      expect(fix.alternatives).toMatchObject([
        {
          summary:
            'the same with a read-only root file system, with an emptyDir that hides what the image has at /tmp, /srv/app; writes to other paths fail',
          certainty: 'TestFirst',
          patch: expect.stringContaining('readOnlyRootFilesystem: true'),
        },
      ]);
    }
  });

  test.each([
    ['an image whose user is a number', { user: '11001', uid: 11001, resolution: 'Resolved' as const }],
    ['an image that names its user', appuser],
  ])('a pod does not keep the group of its root user alone: %s', (_, facts) => {
    const pod = { runAsUser: 0, runAsGroup: 0 };
    for (const podSecurity of [{}, { enforce: 'restricted' }]) {
      const fix = fixOf([rootUserOf(facts)], snapshot({ pod, podSecurity }));
      const { securityContext, containers } = specOf(fix.hardenedPatch ?? fix.patch) as WrittenSpec;
      expect(securityContext).toMatchObject({ runAsUser: null, runAsGroup: null });
      expect(containers).toMatchObject([{ securityContext: { runAsUser: facts.uid, runAsGroup: 0 } }]);
    }
  });

  test('no patch is offered that would leave a group without a user where a webhook adds the group', () => {
    const given = snapshot({ pod: { runAsUser: 0 }, podSecurity: { enforce: 'restricted' } });
    const made = manifestOf({ runAsNonRoot: true, runAsUser: 0, runAsGroup: 3000 }, [
      { name: 'app', type: 'Container', image: 'registry.example/app:1' },
    ]);
    const pods = [{ name: 'web-1', namespace: 'shop', uid: 'p', createdTime: given.now, manifest: made }];
    const policy = { level: 'restricted', version: 'latest' } as const;
    const refused = { ...rootUserOf(appuser), cause: 'PodSecurityViolation', policy } as const;
    const fix = fixOf([refused], { ...given, pods });
    expect(fix).toMatchObject({ type: 'Manual' });
    expect(fix).not.toHaveProperty('patch');
    expect(resultOf(fix, 'KubeletUser')).toMatchObject({
      result: 'Failed',
      message: 'The pod would have runAsGroup 3000 without runAsUser, and no runtime makes a sandbox for it.',
    });
  });

  test('a CronJob that is fixed already gets no empty patch: its refused Job of before is named', () => {
    const violations = [{ reason: 'runAsNonRoot != true', detail: '' }];
    const policy = { level: 'restricted', version: 'latest' } as const;
    const refused = finding({ cause: 'PodSecurityViolation', policy, violations, image: appuser });
    const owner = { apiVersion: 'batch/v1', kind: 'Job', name: 'web-29' };
    const answers = [
      {
        question: { ask: 'createFailures', workload: snapshot().workload?.ref ?? noRef },
        createFailures: [{ owner, message: '', lastTime: '2026-11-22T11:59:00Z' }],
      },
    ] as const;
    const workload = { rollout: { concurrency: 'Forbid' } };
    const podSecurity = { enforce: 'restricted' };
    const before = snapshot({ kind: 'CronJob', apiVersion: 'batch/v1', workload, podSecurity, answers });
    const offered = planned([refused], before).fix;
    const manifest = patchedManifest(manifestIn(before), patchOfPod(offered?.patch));
    const fixed = snapshot({
      kind: 'CronJob',
      apiVersion: 'batch/v1',
      workload,
      podSecurity,
      answers,
      manifest,
    });
    for (const given of [before, fixed])
      expect(fixOf([refused], given).followUp).toEqual([
        expect.stringMatching(/Forbid it blocks later runs; delete it: kubectl -n shop delete job web-29$/),
      ]);
    const fix = fixOf([refused], fixed);
    expect(fix).toMatchObject({
      type: 'Manual',
      summary: expect.stringMatching(/^the workload already has /),
    });
    expect(fix).not.toHaveProperty('patch');
    expect(fix).not.toHaveProperty('command');
  });

  test('a container that was renamed in the template is not blamed on a webhook: the steps delete its old pod', () => {
    const given = snapshot({ kind: 'StatefulSet', containers: [{ name: 'new' }] });
    const old = { ...finding({ image: appuser }), container: { name: 'old', type: 'Container' } } as const;
    const podWith = (...names: readonly string[]) => ({
      name: 'web-0',
      namespace: 'shop',
      uid: 'p',
      createdTime: given.now,
      manifest: manifestOf(
        {},
        names.map((name) => ({ name, type: 'Container', image: '' })),
      ),
    });
    const fix = fixOf([old], { ...given, pods: [podWith('old')] });
    expect(fix.summary).toBe(
      'container old is no longer in the template: its pod was made from an older one',
    );
    expect(fix.followUp).toEqual([expect.stringMatching(/: kubectl -n shop delete pod web-0$/)]);
    const injected = fixOf([old], { ...given, pods: [podWith('new', 'old')] });
    expect(injected.summary).toMatch(/is added by an admission webhook/);
    expect(injected).not.toHaveProperty('followUp');
  });

  test('init container and app with the same named user get it once, in the pod', () => {
    const containers = [{ name: 'init', type: 'InitContainer' as const }, { name: 'app' }];
    const init = finding({ image: appuser, container: { name: 'init', type: 'InitContainer' } });
    const fix = fixOf([init, finding({ image: appuser })], snapshot({ containers }));
    expect(fix).toMatchObject({ type: 'WorkloadPatch', certainty: 'Certain', summary: 'runAsUser 10001' });
    expect(specOf(fix.patch)).toEqual({ securityContext: { runAsUser: 10001, runAsGroup: 20002 } });
  });

  test('a static pod gets no command: what has to change is a file on its node', () => {
    const fix = fixOf(cured, snapshot({ kind: 'Pod', apiVersion: 'v1', workload: { isStatic: true } }));
    expect(fix).toMatchObject({ type: 'Recreate', patch: expect.stringContaining('runAsUser: 10001') });
    expect(fix).not.toHaveProperty('command');
    expect(fix.followUp).toEqual([expect.stringMatching(/^This is a static pod: .*file on/)]);
  });

  test('a template that needs no change gets no empty patch', () => {
    const manifest: PodManifest = {
      spec: {
        securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'app',
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          },
        ],
      },
    };
    const violations = [{ reason: 'runAsNonRoot != true', detail: '' }];
    const refused = finding({
      cause: 'PodSecurityViolation',
      policy: { level: 'restricted', version: 'latest' },
      violations,
      image: { ...appuser, user: '10001' },
    });
    const given = snapshot({ manifest, podSecurity: { enforce: 'restricted' } });
    const fix = fixOf([refused], given);
    expect(fix).toMatchObject({
      type: 'Manual',
      summary: 'the workload already has what restricted:latest requires',
    });
    expect(fix).not.toHaveProperty('patch');
    expect(fix).not.toHaveProperty('command');
    expect(planned([refused], given).questions).toEqual([]);
  });

  test('what no patch can fix is shown with the check that fails, and not offered as ready', () => {
    const manifest: PodManifest = {
      spec: {
        hostNetwork: true,
        securityContext: { runAsNonRoot: true },
        containers: [{ name: 'app' }],
      },
    };
    const fix = fixOf(cured, snapshot({ manifest, podSecurity: { enforce: 'baseline' } }));
    expect(resultOf(fix, 'PodSecurity')).toMatchObject({ result: 'Failed' });
    expect(resultOf(fix, 'PodSecurity')?.message).toContain('host namespaces');
    expect(fix).toMatchObject({ type: 'Manual', summary: 'runAsUser 10001 does not pass PodSecurity' });
    expect(fix).not.toHaveProperty('digest');
  });

  test('without labels the unreadable defaults of the API server are named', () => {
    const check = resultOf(fixOf(cured), 'PodSecurity');
    expect(check?.result).toBe('Passed');
    expect(check?.message).toContain('defaults and exemptions cannot be read');
  });

  test.each([
    ['1000680000/10000', 'Failed'],
    ['10000-10010', 'Passed'],
  ])('on OpenShift the uid must lie in the range %s', (uidRange, result) => {
    expect(resultOf(fixOf(cured, snapshot({ uidRange })), 'OpenShiftRange')).toMatchObject({ result });
  });

  test('elsewhere OpenShift has no say', () => {
    expect(resultOf(fixOf(cured), 'OpenShiftRange')).toMatchObject({ result: 'Skipped' });
  });

  test('the API server is asked once the other proofs hold', () => {
    const { questions, fix } = planned(cured, snapshot());
    expect(questions).toMatchObject([{ ask: 'dryRun', generation: 3, patch: fix?.patch }]);
    expect(resultOf(fixOf(cured), 'DryRun')).toMatchObject({ result: 'Skipped' });
  });

  const tried = (result: 'accepted' | 'refused' | 'untried') => {
    const [question] = planned(cured, snapshot()).questions;
    if (!question) throw new Error('no question');
    const answer: Answer = {
      question,
      tried:
        result === 'accepted' ? { is: result, warnings: ['look out'] } : { is: result, because: 'policy x' },
    };
    const given = snapshot({ answers: [answer] });
    const plan = planned(cured, given);
    return { questions: plan.questions, fix: inWords(plan, cured, given) };
  };

  test('what it accepts is proved, with its warnings', () => {
    const { fix, questions } = tried('accepted');
    expect(questions).toEqual([]);
    expect(resultOf(fix, 'DryRun')).toMatchObject({ result: 'Passed' });
    expect(resultOf(fix, 'DryRun')?.message).toContain('look out');
  });

  test('what it refuses is not offered as ready', () => {
    const { fix } = tried('refused');
    expect(fix).toMatchObject({ type: 'Manual', summary: 'runAsUser 10001 does not pass DryRun' });
    expect(resultOf(fix, 'DryRun')?.message).toContain('policy x');
  });

  test('what it refused stays refused while it is asked again, and what it accepted stays proved', () => {
    for (const result of ['accepted', 'refused'] as const) {
      const { fix } = tried(result);
      const given = snapshot();
      const status = { state: 'Failing', fix, findings: [], conditions: [] } as unknown as DiagnosisStatus;
      const recorded = {
        name: 'x',
        namespace: 'shop',
        uid: 'd',
        generation: 1,
        spec: given.workload?.ref,
        status,
      };
      const seen = { ...given, recorded: recorded as unknown as NonNullable<Snapshot['recorded']> };
      const again = planned(cured, seen);
      expect(inWords(again, cured, seen)).toEqual(fix);
      expect(again.questions).toHaveLength(1);
    }
  });

  test('where it may not be asked, the other proofs carry the fix', () => {
    const { fix, questions } = tried('untried');
    expect(questions).toEqual([]);
    expect(fix).toMatchObject({ type: 'WorkloadPatch', certainty: 'Certain' });
    expect(resultOf(fix, 'DryRun')).toMatchObject({ result: 'Skipped', message: 'policy x' });
  });
});

test('the digest follows the workload, the image and the patch', () => {
  const digestAt = (facts: ImageFacts) => fixOf([finding({ image: facts })]).digest;
  expect(digestAt({ ...appuser, digest: 'sha256:a' })).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(digestAt({ ...appuser, digest: 'sha256:a' })).not.toBe(digestAt({ ...appuser, digest: 'sha256:b' }));
  expect(digestAt(appuser)).not.toBe(digestAt({ ...appuser, uid: 10002 }));
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
        const text = JSON.stringify(fixOf([found], snapshot({ kind })));
        expect(text).not.toMatch(/runAsNonRoot: false/);
        expect(text).not.toMatch(/runAs(User|Group)\\?"?: ?0\b/);
        for (const [, number] of text.matchAll(/runAsUser: (\d+)/g)) expect(Number(number)).toBe(uid);
      },
    ),
  );
});
