// `rootcause scan --would-enforce` against the embedded API server: whom a Pod Security policy would refuse, and why.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { showEnforcement } from '../src/commands/scan/show-scan.ts';
import { wouldEnforce } from '../src/scan/would-enforce/would-enforce.ts';
import type { EnforcementOptions } from '../src/scan/would-enforce/would-enforce.ts';
import type { PodSecurityPolicy } from '../src/engine/model/pod-security.ts';
import type { EnforcementReport } from '../src/engine/model/scan.ts';
import { ApiServer } from './apiserver/api-server.ts';
import { forbidden, lists } from './apiserver/faults.ts';
import type { Fault } from './apiserver/faults.ts';
import type { Fields, KubeObject } from './apiserver/object.ts';
import { strategicMergePatch } from './apiserver/patch.ts';
import { customKind } from './apiserver/resource.ts';
import { clusterOf } from './operator.ts';

let server: ApiServer;
let kubeconfig: string;

beforeEach(async () => {
  server = new ApiServer({ resources: [customKind('example.com/v1', 'Rollout')] });
  ({ kubeconfig } = await server.start());
  server.remove('Namespace', '', 'default');
});

afterEach(async () => server.stop());

const restricted: PodSecurityPolicy = { level: 'restricted', version: 'latest' };

async function look(changes: Partial<EnforcementOptions> = {}) {
  const options = { scope: { namespaces: [], excludedNamespaces: [] }, policy: restricted, ...changes };
  return wouldEnforce(options, { cluster: await clusterOf(kubeconfig) }, AbortSignal.timeout(25_000));
}

async function found(changes: Partial<EnforcementOptions> = {}): Promise<EnforcementReport> {
  const report = await look(changes);
  if ('is' in report) throw new Error(`nothing but trouble: ${report.said}`);
  return report;
}

async function shown(
  changes: Partial<EnforcementOptions> = {},
  output: Parameters<typeof showEnforcement>[1] = 'text',
) {
  let text = '';
  let errors = '';
  const terminal = { write: (more: string) => (text += more), complain: (more: string) => (errors += more) };
  const exitCode = showEnforcement(await look(changes), output, terminal);
  return { exitCode, text, errors };
}

/** `Deployment/web 2 web-1`, of all namespaces. */
async function refused(changes: Partial<EnforcementOptions> = {}): Promise<readonly string[]> {
  const { namespaces } = await found(changes);
  return namespaces.flatMap((namespace) =>
    namespace.refused.map(
      ({ workload: { kind, name }, pods, pod = '-' }) => `${kind}/${name} ${pods} ${pod}`,
    ),
  );
}

const always = (when: Fault['when']) => ({ when, times: Infinity });

const good = {
  runAsNonRoot: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};
const specOf = (securityContext: Fields = {}): Fields => ({
  containers: [{ name: 'app', image: 'registry.example/app:1', securityContext }],
});
const template = (securityContext: Fields = {}): Fields => ({ spec: specOf(securityContext) });

let uids = 0;

type Parts = { readonly by?: KubeObject; readonly spec?: Fields; readonly status?: Fields };

/** In namespace shop, controlled by another object where that is said. */
function put(kind: string, name: string, { by, spec = {}, status = {} }: Parts = {}): KubeObject {
  const apiVersion =
    { Pod: 'v1', Job: 'batch/v1', CronJob: 'batch/v1', Rollout: 'example.com/v1' }[kind] ?? 'apps/v1';
  const owner = by && {
    apiVersion: by.apiVersion,
    kind: by.kind,
    name: by.metadata.name,
    uid: by.metadata.uid ?? '',
    controller: true,
  };
  const metadata = {
    name,
    namespace: 'shop',
    uid: `uid-${(uids += 1)}`,
    ...(owner && { ownerReferences: [owner] }),
  };
  return server.put({ apiVersion, kind, metadata, spec, status });
}

const running = (name: string, by?: KubeObject, securityContext: Fields = {}) =>
  put('Pod', name, { ...(by && { by }), spec: specOf(securityContext), status: { phase: 'Running' } });

/** A Deployment with its ReplicaSet, which is returned. */
function deployed(name: string, securityContext: Fields = {}): KubeObject {
  const spec = { template: template(securityContext) };
  return put('ReplicaSet', `${name}-abc`, { by: put('Deployment', name, { spec }), spec });
}

describe('pods', () => {
  test('are told under the workload that a person edits, the same of several once', async () => {
    const web = deployed('web');
    for (const name of ['web-abc-2', 'web-abc-1', 'web-abc-3']) running(name, web);
    running('fine', deployed('fine'), good);
    running('bare');
    expect(await refused()).toEqual(['Deployment/web 3 web-abc-1', 'Pod/bare 1 bare']);
  });

  test('of one workload that are refused for different reasons stand apart', async () => {
    const web = deployed('web');
    running('web-abc-1', web, { ...good, runAsNonRoot: false });
    running('web-abc-2', web, { ...good, allowPrivilegeEscalation: true });
    const { namespaces } = await found();
    expect(namespaces[0]?.refused).toMatchObject([
      {
        pod: 'web-abc-1',
        violations: [
          {
            reason: 'runAsNonRoot != true',
            detail: 'container "app" must not set securityContext.runAsNonRoot=false',
          },
        ],
      },
      { pod: 'web-abc-2', violations: [{ reason: 'allowPrivilegeEscalation != false' }] },
    ]);
  });

  test('that are finished, or on their way out, count as the API server counts them', async () => {
    put('Pod', 'done', { spec: specOf(), status: { phase: 'Succeeded' } });
    const leaving = running('leaving');
    server.put({ ...leaving, metadata: { ...leaving.metadata, deletionTimestamp: '2026-01-02T03:04:05Z' } });
    expect(await refused()).toEqual(['Pod/done 1 done', 'Pod/leaving 1 leaving']);
  });

  test('of a custom controller are told under its object', async () => {
    const rollout = put('Rollout', 'web');
    running('web-1', put('ReplicaSet', 'web-abc', { by: rollout, spec: { template: template() } }));
    expect(await refused()).toEqual(['Rollout/web 1 web-1']);
  });

  test('are judged by the level and version that was asked for', async () => {
    const rootless = { ...good, runAsUser: 0 };
    running('root', undefined, rootless);
    running('host', undefined, { ...good, privileged: true });
    expect(await refused({ policy: { level: 'baseline', version: 'latest' } })).toEqual(['Pod/host 1 host']);
    expect(await refused({ policy: { level: 'restricted', version: 22 } })).toEqual(['Pod/host 1 host']);
    expect(await refused({ policy: { level: 'restricted', version: 23 } })).toEqual([
      'Pod/host 1 host',
      'Pod/root 1 root',
    ]);
  });
});

describe('templates', () => {
  const spec = { template: template() };
  const jobTemplate = { spec: { template: template() } };

  test('speak for workloads without a pod', async () => {
    put('Deployment', 'off', { spec: { replicas: 0, ...spec } });
    put('StatefulSet', 'db', { spec });
    put('DaemonSet', 'agent', { spec });
    put('ReplicaSet', 'bare', { spec });
    put('Job', 'suspended', { spec: { suspend: true, ...spec } });
    put('CronJob', 'nightly', { spec: { jobTemplate } });
    put('Deployment', 'fine', { spec: { template: template(good) } });
    expect(await refused()).toEqual([
      'CronJob/nightly 0 -',
      'DaemonSet/agent 0 -',
      'Deployment/off 0 -',
      'Job/suspended 0 -',
      'ReplicaSet/bare 0 -',
      'StatefulSet/db 0 -',
    ]);
  });

  test('are silent where pods speak, which may have been completed on the way', async () => {
    running('web-abc-1', deployed('web'), good);
    expect(await refused()).toEqual([]);
  });

  test('of which no pod will be made are left out', async () => {
    const isDone = { conditions: [{ type: 'Complete', status: 'True' }] };
    put('Job', 'done', { spec, status: isDone });
    put('ReplicaSet', 'old', { by: put('Rollout', 'web'), spec });
    const nightly = put('CronJob', 'nightly', {
      spec: { jobTemplate: { spec: { template: template(good) } } },
    });
    put('Job', 'nightly-1', { by: nightly, spec });
    deployed('fine', good);
    expect(await refused()).toEqual([]);
  });

  test('and finished pods that are refused for the same reasons are told of once', async () => {
    const nightly = put('CronJob', 'nightly', { spec: { jobTemplate } });
    const job = put('Job', 'nightly-1', { by: nightly, spec });
    put('Pod', 'nightly-1-x', { by: job, spec: specOf(), status: { phase: 'Succeeded' } });
    expect(await refused()).toEqual(['CronJob/nightly 1 nightly-1-x']);
  });
});

describe('a namespace', () => {
  const label = (name: string, labels: Fields) =>
    server.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });

  test('is told with what it asks for now; one in which nothing would be refused is ready', async () => {
    label('bank', {
      'pod-security.kubernetes.io/enforce': 'baseline',
      'pod-security.kubernetes.io/audit': 'restricted',
      'pod-security.kubernetes.io/audit-version': 'v1.28',
    });
    running('web');
    expect(await shown({}, 'wide')).toEqual({
      exitCode: 1,
      errors: '',
      text: [
        'Ready: bank (enforce baseline:latest, warn baseline:latest, audit restricted:v1.28)',
        'shop (no label)',
        '  Pod/web, pod web',
        '    allowPrivilegeEscalation != false (container "app" must set securityContext.allowPrivilegeEscalation=false)',
        '    unrestricted capabilities (container "app" must set securityContext.capabilities.drop=["ALL"])',
        '    runAsNonRoot != true (pod or container "app" must set securityContext.runAsNonRoot=true)',
        '    seccompProfile (pod or container "app" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
        '',
        "Exemptions and defaults in the API server's own configuration cannot be read, so they are not considered.",
        "Pod Security does not read images: run 'rootcause scan' to see which images the kubelet refuses.",
        'Of 2 namespaces 1 is ready for restricted:latest; 1 workload would be refused.',
        '',
      ].join('\n'),
    });
  });

  test('and all that is refused in it is one object as JSON', async () => {
    label('bank', {});
    running('web', undefined, { ...good, runAsNonRoot: false });
    const { text, exitCode } = await shown({ policy: { level: 'restricted', version: 28 } }, 'json');
    expect(JSON.parse(text)).toEqual({
      policy: 'restricted:v1.28',
      namespaces: [
        { name: 'bank', labels: {}, ready: true, refused: [] },
        {
          name: 'shop',
          labels: {},
          ready: false,
          refused: [
            {
              workload: { apiVersion: 'v1', kind: 'Pod', name: 'web' },
              pods: 1,
              pod: 'web',
              violations: [
                {
                  reason: 'runAsNonRoot != true',
                  detail: 'container "app" must not set securityContext.runAsNonRoot=false',
                  containers: ['app'],
                },
              ],
              remedy: { is: 'none', because: 'the fields of a pod cannot be changed: create it again' },
            },
          ],
        },
      ],
      unread: [],
    });
    expect(exitCode).toBe(1);
  });

  test('that is excluded is not mentioned, and one that is named is the only one', async () => {
    label('kube-system', {});
    label('bank', {});
    running('web');
    const names = async (scope: EnforcementOptions['scope']) =>
      (await found({ scope })).namespaces.map(({ name }) => name);
    expect(await names({ namespaces: [], excludedNamespaces: [] })).toEqual(['bank', 'kube-system', 'shop']);
    expect(await names({ namespaces: [], excludedNamespaces: ['kube-system', 'shop'] })).toEqual(['bank']);
    expect(await names({ namespaces: ['shop'], excludedNamespaces: [] })).toEqual(['shop']);
    expect(await refused({ scope: { namespaces: ['bank'], excludedNamespaces: [] } })).toEqual([]);
  });

  test('that is ready, like all others, ends it with 0', async () => {
    running('fine', undefined, good);
    const { exitCode, text } = await shown();
    expect(exitCode).toBe(0);
    expect(
      text.endsWith('\nOf 1 namespace 1 is ready for restricted:latest; no workload would be refused.\n'),
    ).toBe(true);
  });
});

describe('without the details', () => {
  test('workloads that are refused for the same reasons stand together, each with its containers', async () => {
    const both = { containers: [{ name: 'app' }, { name: 'proxy' }] };
    put('Deployment', 'web', { spec: { template: { spec: both } } });
    put('Deployment', 'api', { spec: { template: template() } });
    put('DaemonSet', 'agent', { spec: { template: { spec: { ...specOf(good), hostNetwork: true } } } });
    const lines = (await shown()).text.split('\n');
    expect(lines.slice(0, 5)).toEqual([
      'shop (no label)',
      '  host namespaces (hostNetwork=true)',
      '    DaemonSet/agent',
      '  allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile',
      '    Deployment/api (app), Deployment/web (app proxy)',
    ]);
  });

  test('many namespaces and workloads fit the width of a table', async () => {
    for (let index = 0; index < 40; index += 1) {
      server.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: `team-${index}` } });
      put('Deployment', `a-service-of-the-shop-${index}`, { spec: { template: template() } });
    }
    const lines = (await shown()).text.split('\n').slice(0, -5);
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    expect(lines.length).toBeLessThan(40);
  });
});

describe('the patches', () => {
  const script = async (level: 'baseline' | 'restricted' = 'restricted') =>
    (await shown({ policy: { level, version: 'latest' } }, 'patch')).text;

  /** Runs what the script says, with a kubectl that sends each patch to the server. */
  function applied(text: string): void {
    const command = /^kubectl -n shop patch (\w+)\/(\S+) -p '(.*)'$/gm;
    for (const [, kind = '', name = '', patch = ''] of text.matchAll(command)) {
      const object = server.list(kinds[kind] ?? '').find(({ metadata }) => metadata.name === name);
      const { spec } = strategicMergePatch(object, JSON.parse(patch) as Fields) as Fields;
      if (object && spec !== undefined) server.put({ ...object, spec });
    }
  }
  const kinds: Readonly<Record<string, string>> = {
    deployment: 'Deployment',
    statefulset: 'StatefulSet',
    cronjob: 'CronJob',
  };

  test('make every workload pass for which there is one', async () => {
    const worst = {
      privileged: true,
      runAsUser: 0,
      runAsNonRoot: false,
      capabilities: { add: ['NET_ADMIN'] },
    };
    put('Deployment', 'web', { spec: { template: template(worst) } });
    put('StatefulSet', 'db', { spec: { template: template() } });
    put('CronJob', 'nightly', { spec: { jobTemplate: { spec: { template: template() } } } });
    const text = await script();
    expect(text.match(/^kubectl /gm)).toHaveLength(3);
    applied(text);
    expect(await refused()).toEqual([]);
  });

  test('begin with what to check of the images, where the kubelet did not look at them before', async () => {
    put('Deployment', 'web', { spec: { template: template() } });
    put('Deployment', 'numbered', { spec: { template: template({ runAsUser: 1000 }) } });
    const text = await script();
    expect(text).toContain(
      '# shop Deployment/web; first check that no image runs as root: rootcause image registry.example/app:1\nkubectl ',
    );
    expect(text).toContain('# shop Deployment/numbered\nkubectl ');
  });

  test('are a script: where there is none, and what could not be read, are comments', async () => {
    put('DaemonSet', 'agent', { spec: { template: { spec: { ...specOf(), hostNetwork: true } } } });
    put('Job', 'once', { spec: { template: template() } });
    running('bare');
    running(
      'web-1',
      put('ReplicaSet', 'web-abc', { by: put('Rollout', 'web'), spec: { template: template() } }),
    );
    const text = await script();
    expect(text).not.toContain('kubectl');
    expect(text).toContain('# shop DaemonSet/agent: no patch: host namespaces (hostNetwork=true)\n');
    expect(text).toContain(
      '# shop Job/once: no patch: the template of a Job cannot be changed: create it again\n',
    );
    expect(text).toContain('# shop Pod/bare: no patch: ');
    expect(text).toContain('# shop Rollout/web: no patch: ');
    expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('# '))).toEqual([]);
  });

  test('of baseline ask for nothing but what baseline refuses', async () => {
    put('Deployment', 'web', { spec: { template: template({ privileged: true }) } });
    expect(await script('baseline')).toContain(
      `# shop Deployment/web\nkubectl -n shop patch deployment/web -p '{"spec":{"template":{"spec":{"containers":[{"name":"app","securityContext":{"privileged":false}}]}}}}'\n`,
    );
  });
});

describe('it only looks', () => {
  test('nothing is watched and nothing written', async () => {
    running('web-abc-1', deployed('web'));
    await found();
    const verbs = new Set(server.requests().map(({ verb }) => verb));
    expect([...verbs].toSorted()).toEqual(['get', 'list']);
  });

  test('a kind that may not be listed is told of, and then no namespace is known to be ready', async () => {
    running('fine', undefined, good);
    server.inject(forbidden(always(lists('deployments'))));
    const { exitCode, text } = await shown();
    expect(text).toContain('\nNot read: every Deployment in all namespaces: ');
    expect(exitCode).toBe(1);
  });

  test.each(['namespaces', 'pods'])(
    'without the right to list %s there is nothing to say',
    async (resource) => {
      running('web');
      server.inject(forbidden(always(lists(resource))));
      expect(await shown()).toMatchObject({
        exitCode: 2,
        text: '',
        errors: expect.stringMatching(/^rootcause: This account has no permission[^\n]*\n$/),
      });
    },
  );

  test('labels that may not be read keep nobody from judging the pods', async () => {
    running('web');
    server.inject(forbidden(always(({ verb, resource }) => verb === 'get' && resource === 'namespaces')));
    const { namespaces, unread } = await found({ scope: { namespaces: ['shop'], excludedNamespaces: [] } });
    expect(namespaces).toMatchObject([{ name: 'shop', labels: {}, ready: false }]);
    expect(unread).toMatchObject([{ kind: 'Namespace', name: 'shop' }]);
  });
});
