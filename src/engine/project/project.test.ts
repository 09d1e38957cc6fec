// Projections of recorded objects: what is taken over, and what never is.

import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { listAt, objectAt, textAt } from '../platform/data/field.ts';
import { projectEvent } from './project-event.ts';
import { projectNamespace } from './project-namespace.ts';
import { containersOf } from '../platform/kubernetes/pod-containers.ts';
import { projectPod } from './project-pod.ts';
import { projectWorkload } from './project-workload.ts';

const deployment = { apiVersion: 'apps/v1', kind: 'Deployment' };
const cronJob = { apiVersion: 'batch/v1', kind: 'CronJob' };
const barePod = { apiVersion: 'v1', kind: 'Pod' };
const widget = { apiVersion: 'example.com/v1', kind: 'Widget' };

function recording(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../../cases/recordings/${name}.json`, import.meta.url), 'utf8'));
}

function podOf(name: string) {
  const pod = projectPod(listAt(recording(name), 'pods')[0]);
  if (!pod) throw new Error(`no pod in ${name}`);
  return pod;
}

function podWith(metadata: Readonly<Record<string, unknown>>) {
  const raw = objectAt(listAt(recording('bare-pod'), 'pods')[0]);
  const pod = projectPod({ ...raw, metadata: { ...objectAt(raw, 'metadata'), ...metadata } });
  if (!pod) throw new Error('no pod');
  return pod;
}

function ownerOf(name: string, kind: string): unknown {
  return listAt(recording(name), 'owners').find((owner) => textAt(owner, 'kind') === kind);
}

describe('a pod', () => {
  test('keeps what decides: settings, states, and who set what', () => {
    const pod = podOf('run-as-user-zero');
    expect(pod.manifest.spec.securityContext).toEqual({ runAsNonRoot: true, runAsUser: 10001 });
    expect(pod.managers).toEqual({
      runAsNonRoot: 'kube-controller-manager',
      runAsUser: 'kube-controller-manager',
    });
    const uids = containersOf(pod.manifest).map(({ name, type, securityContext }) => [
      name,
      type,
      securityContext?.runAsUser,
    ]);
    expect(uids).toEqual([
      ['app', 'Container', 0],
      ['cache', 'Container', undefined],
    ]);
  });

  test('tells init containers, sidecars and ephemeral containers apart', () => {
    const types = (name: string) =>
      containersOf(podOf(name).manifest).map((container) => `${container.name} ${container.type}`);
    expect(types('init-container')).toEqual(['migrate InitContainer', 'app Container']);
    expect(types('sidecar')).toEqual(['proxy Sidecar', 'app Container']);
    expect(types('ephemeral-container')).toEqual(['app Container', 'debugger EphemeralContainer']);
  });

  test('names the image of the spec, since the status may still name the one before', () => {
    const [app] = podOf('crash-loop-then-nonroot.crashloopbackoff').manifest.spec.containers;
    expect(app).toMatchObject({
      image: 'localhost:5001/root:1',
      state: { is: 'waiting', reason: 'CrashLoopBackOff' },
      lastStartedTime: '2026-11-22T01:38:36Z',
    });
  });

  test('tells how a container last ended, in the words of the runtime and never in those of an application', () => {
    const raw = objectAt(listAt(recording('bare-pod'), 'pods')[0]);
    const ended = (reason: string, message: string) => ({ terminated: { reason, exitCode: 128, message } });
    const read = (status: object) => {
      const containerStatuses = [{ name: 'tool', restartCount: 4, ...status }];
      return projectPod({ ...raw, status: { containerStatuses } })?.manifest.spec.containers[0];
    };
    const startError = ended('StartError', 'exec: "/app": permission denied');
    expect(read({ lastState: startError, state: { waiting: { reason: 'x' } } })).toMatchObject({
      lastTerminated: { reason: 'StartError', exitCode: 128, message: 'exec: "/app": permission denied' },
      restarts: 4,
    });
    const both = read({ state: ended('ContainerCannotRun', 'x'.repeat(9999)), lastState: startError });
    expect(both?.lastTerminated?.message).toHaveLength(4096);
    for (const reason of ['Error', 'OOMKilled', 'Completed', ''])
      expect(read({ state: ended(reason, 'password=hunter2') })?.lastTerminated).toEqual({
        reason,
        exitCode: 128,
      });
    expect(read({ state: { running: {} } })).not.toHaveProperty('lastTerminated');
  });

  test('that has ended for good is marked, and one that may still start is not', () => {
    const raw = objectAt(listAt(recording('bare-pod'), 'pods')[0]);
    expect(projectPod(raw)).not.toHaveProperty('finished');
    for (const phase of ['Succeeded', 'Failed']) {
      expect(projectPod({ ...raw, status: { phase } })).toHaveProperty('finished', true);
    }
  });

  test('that is being deleted is no pod any more', () => {
    const raw = listAt(recording('bare-pod'), 'pods')[0];
    const metadata = { ...objectAt(raw, 'metadata'), deletionTimestamp: '2026-11-22T01:38:36Z' };
    expect(projectPod({ ...objectAt(raw), metadata })).toBeUndefined();
  });

  test.each([[undefined], [null], [[]], ['text'], [{}], [{ metadata: { name: 1 } }], [{ metadata: null }]])(
    'is not made from %j',
    (object) => {
      expect(projectPod(object)).toBeUndefined();
    },
  );

  test('never carries environment variables, annotations or volumes', () => {
    const raw = listAt(recording('missing-secret'), 'pods')[0];
    const spec = objectAt(raw, 'spec');
    const containers = listAt(spec, 'containers').map((container) => ({
      ...objectAt(container),
      env: [{ name: 'PASSWORD', value: 'hunter2' }],
    }));
    const text = JSON.stringify(projectPod({ ...objectAt(raw), spec: { ...spec, containers } }));
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain('last-applied');
    expect(text).not.toContain('secretRef');
  });

  test('knows its labels and its direct controller', () => {
    expect(podOf('deployment-root')).toMatchObject({
      labels: { app: 'web', 'pod-template-hash': '685b9754c7' },
      controller: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-685b9754c7' },
    });
    expect(podOf('bare-pod')).not.toHaveProperty('controller');
  });

  test('takes over no more labels than a bound, and only texts', () => {
    const many = Object.fromEntries(
      Array.from({ length: 100 }, (_none, index) => [`l${index}`, 'x'.repeat(9999)]),
    );
    const { labels = {} } = podWith({ labels: { number: 1, ...many } });
    expect(Object.keys(labels)).toHaveLength(64);
    expect(labels).not.toHaveProperty('number');
    expect(labels['l0']).toHaveLength(317);
  });

  test('names the marks of injectors, and nothing of what stands behind them', () => {
    const pod = podWith({
      annotations: {
        'sidecar.istio.io/status': '{"containers":["istio-proxy"]}',
        'instrumentation.opentelemetry.io/inject-java': 'true',
        'dapr.io/enabled': 'false',
        'example.com/injected': 'true',
      },
      labels: { 'dapr.io/sidecar-injected': 'true' },
    });
    expect(pod.injectionMarks).toEqual([
      'dapr.io/sidecar-injected',
      'instrumentation.opentelemetry.io/inject-java',
      'sidecar.istio.io/status',
    ]);
    expect(JSON.stringify(pod)).not.toContain('istio-proxy');
    expect(podOf('bare-pod')).not.toHaveProperty('injectionMarks');
  });

  test('takes over no more of a message than a bound', () => {
    const raw = listAt(recording('bare-pod'), 'pods')[0];
    const waiting = { reason: 'CreateContainerConfigError', message: 'x'.repeat(1 << 20) };
    const status = { containerStatuses: [{ name: 'tool', state: { waiting } }] };
    const state = projectPod({ ...objectAt(raw), status })?.manifest.spec.containers[0]?.state;
    expect(state?.is === 'waiting' && state.message.length).toBe(16_384);
  });
});

describe('a workload', () => {
  test('knows the manager of each field of its template', () => {
    const { template, selector, desired, ready } = projectWorkload(
      deployment,
      ownerOf('run-as-user-zero', 'Deployment'),
    );
    expect(template?.path).toBe('spec.template.spec');
    expect(template?.managers).toEqual({
      runAsNonRoot: 'kubectl-client-side-apply',
      runAsUser: 'kubectl-client-side-apply',
    });
    expect(template?.manifest.spec.containers[0]).toMatchObject({
      securityContext: { runAsUser: 0 },
      managers: { runAsUser: 'kubectl-client-side-apply' },
    });
    expect([selector, desired, ready]).toEqual(['app=web', 1, 0]);
  });

  test('a CronJob keeps its template two levels down, and selects nothing', () => {
    const { template, selector } = projectWorkload(cronJob, ownerOf('cronjob', 'CronJob'));
    expect(template?.path).toBe('spec.jobTemplate.spec.template.spec');
    expect(selector).toBeUndefined();
  });

  test('a bare Pod is its own template, as it was declared and not as admission left it', () => {
    const raw = listAt(recording('bare-pod'), 'pods')[0];
    expect(projectWorkload(barePod, raw).template?.manifest.spec.securityContext?.runAsNonRoot).toBe(true);
    const applied = JSON.stringify({ spec: { containers: [{ name: 'tool' }] } });
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': applied };
    const metadata = { ...objectAt(raw, 'metadata'), annotations };
    expect(projectWorkload(barePod, { ...objectAt(raw), metadata }).template?.manifest).toEqual({
      spec: { containers: [{ name: 'tool' }] },
    });
  });

  test.each(['{', '[]', '"x"', 'null', '{"spec":1}'])(
    'a damaged record of what was applied (%s) is passed over',
    (text) => {
      const raw = listAt(recording('bare-pod'), 'pods')[0];
      const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': text };
      const metadata = { ...objectAt(raw, 'metadata'), annotations };
      expect(
        projectWorkload(barePod, { ...objectAt(raw), metadata }).template?.manifest.spec.securityContext
          ?.runAsNonRoot,
      ).toBe(true);
    },
  );

  test('writes every form of selector', () => {
    const matchExpressions = [
      { key: 'tier', operator: 'In', values: ['a', 'b'] },
      { key: 'old', operator: 'DoesNotExist' },
      { key: 'x', operator: 'NotIn', values: ['y'] },
      { key: 'app', operator: 'Exists' },
    ];
    const spec = { selector: { matchLabels: { app: 'web' }, matchExpressions } };
    expect(projectWorkload(deployment, { spec }).selector).toBe('app=web,tier in (a,b),!old,x notin (y),app');
  });

  test('a selector of a form that we do not know selects nothing rather than everything', () => {
    const matchExpressions = [{ key: 'tier', operator: 'Gt', values: ['1'] }];
    expect(projectWorkload(widget, { spec: { selector: { matchExpressions } } }).selector).toBeUndefined();
    expect(projectWorkload(widget, { spec: { selector: {} } }).selector).toBeUndefined();
    expect(projectWorkload(widget, { spec: { selector: 'app=web' } }).selector).toBeUndefined();
  });
});

describe('what else is known of a workload', () => {
  test.each<[string, string, unknown, unknown]>([
    [
      'apps/v1',
      'Deployment',
      { strategy: { type: 'Recreate' }, paused: true },
      { strategy: 'Recreate', isPaused: true },
    ],
    [
      'apps/v1',
      'StatefulSet',
      {
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } },
        podManagementPolicy: 'Parallel',
      },
      { strategy: 'RollingUpdate', podManagement: 'Parallel', partition: 2 },
    ],
    ['apps/v1', 'DaemonSet', { updateStrategy: { type: 'OnDelete' } }, { strategy: 'OnDelete' }],
    [
      'batch/v1',
      'CronJob',
      { concurrencyPolicy: 'Forbid', suspend: false },
      { concurrency: 'Forbid', isSuspended: false },
    ],
    ['batch/v1', 'Job', { suspend: true }, { isSuspended: true }],
    [
      'argoproj.io/v1alpha1',
      'Rollout',
      { paused: true, strategy: { canary: { steps: [{ setWeight: 20 }, { pause: {} }] } } },
      { isPaused: true, waitsFor: 'promotion' },
    ],
    [
      'argoproj.io/v1alpha1',
      'Rollout',
      { strategy: { blueGreen: { autoPromotionEnabled: false } } },
      { waitsFor: 'promotion' },
    ],
    [
      'argoproj.io/v1alpha1',
      'Rollout',
      { strategy: { canary: { steps: [{ pause: { duration: 5 } }] } } },
      undefined,
    ],
    [
      'apps.openshift.io/v1',
      'DeploymentConfig',
      { triggers: [{ type: 'ImageChange' }] },
      { waitsFor: 'start' },
    ],
    ['apps.openshift.io/v1', 'DeploymentConfig', { triggers: [{ type: 'ConfigChange' }] }, undefined],
    ['apps.openshift.io/v1', 'DeploymentConfig', {}, undefined],
    ['apps/v1', 'ReplicaSet', { paused: true }, undefined],
    ['apps.kruise.io/v1alpha1', 'StatefulSet', { podManagementPolicy: 'Parallel' }, undefined],
    ['v1', 'constructor', { paused: true }, undefined],
    ['apps/v1', 'Deployment', { strategy: 'Recreate', paused: 'yes' }, undefined],
  ])('%s %s %j replaces its pods so', (apiVersion, kind, spec, expected) => {
    expect(projectWorkload({ apiVersion, kind }, { spec }).rollout).toEqual(expected);
  });

  test('its generation, and who manages its spec: not who writes only its status', () => {
    const { generation, marks } = projectWorkload(deployment, ownerOf('superseded-replicaset', 'Deployment'));
    expect(generation).toBe(3);
    expect(marks?.managers).toEqual(['kubectl-client-side-apply', 'kubectl-set']);
  });

  test('the labels and annotations of tools, and no others', () => {
    const labels = {
      app: 'web',
      'app.kubernetes.io/managed-by': 'Helm',
      'app.kubernetes.io/name': 'web',
      'kustomize.toolkit.fluxcd.io/name': 'apps',
      'helm.sh/chart': 'x'.repeat(5000),
      'olm.ownership': 'none',
    };
    const annotations = {
      'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:shop/web',
      'meta.helm.sh/release-name': 'web',
      'kubectl.kubernetes.io/last-applied-configuration': '{"env":"hunter2"}',
      'config.kubernetes.io/origin': 'repo: https://me:hunter2@git.example/shop',
      'example.com/password': 'hunter2',
    };
    const { marks } = projectWorkload(deployment, { metadata: { labels, annotations } });
    expect(marks).toEqual({
      labels: {
        'app.kubernetes.io/managed-by': 'Helm',
        'kustomize.toolkit.fluxcd.io/name': 'apps',
        'helm.sh/chart': 'x'.repeat(1024),
      },
      annotations: {
        'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:shop/web',
        'meta.helm.sh/release-name': 'web',
        'kubectl.kubernetes.io/last-applied-configuration': '',
        'config.kubernetes.io/origin': '',
      },
      managers: [],
    });
  });
});

describe('a namespace', () => {
  test('says what it asks of its pods, and nothing else', () => {
    const [raw] = listAt(recording('podsecurity-refused'), 'namespaces');
    expect(projectNamespace(raw)).toEqual({
      name: 'podsecurity-refused',
      podSecurity: { enforce: 'restricted' },
    });
    const metadata = {
      name: 'shop',
      labels: {
        'pod-security.kubernetes.io/warn': 'baseline',
        'pod-security.kubernetes.io/warn-version': 'v1.28',
        'pod-security.kubernetes.io/other': 'x',
        team: 'a',
      },
      annotations: { 'openshift.io/sa.scc.uid-range': '1000650000/10000', 'openshift.io/requester': 'me' },
    };
    expect(projectNamespace({ metadata })).toEqual({
      name: 'shop',
      podSecurity: { warn: 'baseline', 'warn-version': 'v1.28' },
      uidRange: '1000650000/10000',
    });
  });

  test.each([[undefined], [null], [{}], [{ metadata: { name: 1 } }]])('is not made from %j', (object) => {
    expect(projectNamespace(object)).toBeUndefined();
  });
});

describe('an Event', () => {
  const failed = () =>
    listAt(recording('crash-loop-then-nonroot.crashloopbackoff'), 'events').find(
      (event) => textAt(event, 'reason') === 'Failed',
    );

  test('of the kubelet about a container names both, and when it last happened', () => {
    expect(projectEvent(failed())).toMatchObject({
      namespace: 'crash-loop-then-nonroot',
      pod: 'api',
      container: 'app',
      type: 'Container',
      reason: 'Failed',
      lastTime: '2026-11-22T01:41:26Z',
    });
  });

  test('of another component, or about another object, does not count', () => {
    const event = objectAt(failed());
    expect(projectEvent({ ...event, source: { component: 'someone' } })).toBeUndefined();
    const about = objectAt(event, 'involvedObject');
    expect(projectEvent({ ...event, involvedObject: { ...about, kind: 'Node' } })).toBeUndefined();
    expect(
      projectEvent({ ...event, involvedObject: { ...about, fieldPath: 'spec.containers' } }),
    ).toBeUndefined();
  });
});
