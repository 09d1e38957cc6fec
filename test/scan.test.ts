// `rootcause scan` against the embedded API server: what it says, what it asks, and what it says where it cannot look.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';

import type { ScanOutput } from '../src/commands/flags/terminal.ts';
import { showScan } from '../src/commands/scan/show-scan.ts';
import { loadImageAccess } from '../src/images/image-access.ts';
import { scan } from '../src/scan/scan.ts';
import type { ScanOptions } from '../src/scan/scan.ts';
import { diagnose } from '../src/engine/diagnose/diagnose.ts';
import type { RecordedFinding } from '../src/engine/model/diagnosis.ts';
import { recordedFinding } from '../src/engine/report/status/recorded-finding.ts';
import type { ScanProgress, ScanReport } from '../src/engine/model/scan.ts';
import type { Snapshot } from '../src/engine/model/snapshot.ts';
import { ApiServer } from './apiserver/api-server.ts';
import { forbidden, internalError, lists, radioSilence } from './apiserver/faults.ts';
import type { Fault } from './apiserver/faults.ts';
import {
  crashLoopBackOff,
  deployment,
  imagePullBackOff,
  imageRunsAsRoot,
  nonNumericUser,
  play,
  playRecording,
  pod,
  replicaSet,
  secretNotFound,
  statefulSet,
} from './apiserver/story.ts';
import { refused } from './apiserver/story-refusal.ts';
import { clusterOf, until } from './operator.ts';
import { image, layer } from './registry/image.ts';
import { RegistryServer } from './registry/registry-server.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const noImages = { inspect: false, registries: [], bytesPerMinute: 0, pullSecrets: false };
const everywhere = { namespaces: [], excludedNamespaces: [] };

let server: ApiServer;
let kubeconfig: string;

beforeEach(async () => {
  server = new ApiServer();
  ({ kubeconfig } = await server.start());
});

afterEach(async () => server.stop());

type Seen = { readonly exitCode: number; readonly text: string; readonly errors: string };

async function look(changes: Partial<ScanOptions> = {}, onProgress?: (progress: ScanProgress) => void) {
  const options: ScanOptions = {
    scope: everywhere,
    images: noImages,
    dryRun: false,
    readLogs: true,
    policy: { allowRootExemption: false },
    ...changes,
  };
  const access = await loadImageAccess(options.images);
  const means = { cluster: await clusterOf(kubeconfig), ...(onProgress && { onProgress }) };
  return scan(options, access, means, AbortSignal.timeout(25_000));
}

async function found(changes: Partial<ScanOptions> = {}): Promise<ScanReport> {
  const report = await look(changes);
  if ('is' in report) throw new Error(`nothing but trouble: ${report.said}`);
  return report;
}

async function shown(changes: Partial<ScanOptions> = {}, output: ScanOutput = 'text'): Promise<Seen> {
  let text = '';
  let errors = '';
  const terminal = { write: (more: string) => (text += more), complain: (more: string) => (errors += more) };
  const exitCode = showScan(await look(changes), output, terminal);
  return { exitCode, text, errors };
}

const requests = () => server.requests().map(({ verb, resource }) => `${verb} ${resource}`);

const always = (when: Fault['when']) => ({ when, times: Infinity });

const broken = (name: string, namespace = 'shop') =>
  pod(`${name}-abc-1`)
    .in(namespace)
    .of(replicaSet(`${name}-abc`).of(deployment(name)))
    .waiting('app', imageRunsAsRoot());

/** What does not depend on when it is looked at, nor on images. */
const essence = ({ cause, container, message, settings }: RecordedFinding) => ({
  cause,
  container,
  message,
  settings,
});

describe('of every recorded cluster it says what the operator says', () => {
  const recordings = readdirSync(`${root}cases/recordings`).map((name) => name.slice(0, -'.json'.length));
  const causes = readdirSync(`${root}cases`, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !['recordings', 'scenarios', 'silent'].includes(entry.name))
    .map(({ name }) => name);

  /** The failing workload of a recording, as the tests of cases/ hold it. */
  function snapshotOf(recording: string): Snapshot | undefined {
    const file = causes
      .map((cause) => `${root}cases/${cause}/${recording}.json`)
      .find((path) => existsSync(path));
    return file === undefined ? undefined : (JSON.parse(readFileSync(file, 'utf8')) as Snapshot);
  }

  /** The images of the recordings are in no registry that this test has. */
  const withoutImages = (snapshot: Snapshot): Snapshot => ({
    ...snapshot,
    answers: snapshot.answers.map((answer) =>
      'reading' in answer ? { ...answer, reading: { is: 'notAttempted', because: '' } } : answer,
    ),
  });

  function expectedOf(snapshot: Snapshot) {
    const { findings, failingPods } = diagnose(snapshot).verdict;
    const workload = `${snapshot.workload?.ref.kind}/${snapshot.workload?.ref.name}`;
    return findings.length > 0
      ? [{ workload, findings: findings.map(recordedFinding).map(essence), failing: failingPods }]
      : [];
  }

  type Recorded = {
    readonly logs?: readonly { readonly pod: string; readonly container: string; readonly text: string }[];
  };

  function playWithLogs(recording: string): void {
    playRecording(server, recording);
    const text = readFileSync(`${root}cases/recordings/${recording}.json`, 'utf8');
    const { logs = [] } = JSON.parse(text) as Recorded;
    for (const log of logs) {
      const writer = server.list('Pod').find(({ metadata }) => metadata.name === log.pod);
      server.setLog(writer?.metadata.namespace ?? '', log.pod, log.container, log.text);
    }
  }

  test.each(recordings)('%s', async (recording) => {
    playWithLogs(recording);
    const { diagnoses, unread } = await found();
    const snapshot = snapshotOf(recording);
    const expected = snapshot ? expectedOf(withoutImages(snapshot)) : [];
    expect(
      diagnoses.map(({ status }) => ({
        workload: status.workload,
        findings: status.findings.map(essence),
        failing: status.pods.failing,
      })),
    ).toEqual(expected);
    expect(unread).toEqual([]);
  });
});

describe('what it finds', () => {
  test('is sorted by namespace and workload, and counted in the last line', async () => {
    play(server, broken('web', 'shop'), broken('api', 'shop'), broken('zoo', 'bank'));
    play(
      server,
      pod('fine').in('shop').running('app'),
      pod('other').in('shop').waiting('app', secretNotFound('x')),
    );
    const { text, exitCode, errors } = await shown();
    const heads = text.split('\n').filter((line) => /^\S.*: Failing since/.test(line));
    expect(heads.map((line) => line.slice(0, line.indexOf(':')))).toEqual([
      'Deployment/zoo in bank',
      'Deployment/api in shop',
      'Deployment/web in shop',
    ]);
    expect(text).toContain('\n  ImageRunsAsRoot\n    Container app cannot start: ');
    expect(text.endsWith('\n3 workloads fail; 0 with a proved fix.\n')).toBe(true);
    expect(exitCode).toBe(1);
    expect(errors).toBe('');
  });

  const rowsIn = (text: string): readonly string[] =>
    text.split('\n').flatMap((line) => /^shop +Deployment\/(\S+)/.exec(line)?.[1] ?? []);

  test('begins with a table of one row for each workload', async () => {
    play(server, broken('web'), broken('api'));
    const lines = (await shown()).text.split('\n');
    expect(lines.slice(0, 4)).toEqual([
      expect.stringMatching(/^NAMESPACE {2}WORKLOAD +CAUSE +CONTAINER {2}USER {2}FIX +PODS$/),
      expect.stringMatching(/^shop +Deployment\/api {2}ImageRunsAsRoot {2}app +- +\S.* {2}1\/1$/),
      expect.stringMatching(/^shop +Deployment\/web {2}ImageRunsAsRoot {2}app +- +\S.* {2}1\/1$/),
      '',
    ]);
    for (const line of lines.slice(0, 3)) expect(line.length).toBeLessThanOrEqual(100);
  });

  test('of more than five workloads is the table alone, unless all details are asked for', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    play(server, ...names.map((name) => broken(name)));
    const { text } = await shown();
    expect(rowsIn(text)).toEqual(names);
    expect(text).not.toContain('Failing since');
    expect(text).toMatch(/\n6 workloads fail; 0 with a proved fix\. [^\n]*-o wide[^\n]*\n$/);
    const wide = (await shown({}, 'wide')).text;
    expect(rowsIn(wide)).toEqual(names);
    expect(wide.match(/: Failing since/g)).toHaveLength(6);
  });

  test('is the same object as YAML', async () => {
    play(server, broken('web'));
    const json = JSON.parse((await shown({}, 'json')).text) as ScanReport;
    const yaml = parse((await shown({}, 'yaml')).text) as ScanReport;
    expect(yaml.diagnoses.map(({ workload }) => workload)).toEqual(
      json.diagnoses.map(({ workload }) => workload),
    );
    expect(Object.keys(yaml)).toEqual(Object.keys(json));
  });

  test('is one object as JSON, with the status of each Diagnosis', async () => {
    play(server, broken('web'));
    const { text, exitCode } = await shown({}, 'json');
    expect(JSON.parse(text)).toEqual({
      diagnoses: [
        {
          namespace: 'shop',
          workload: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
          status: expect.objectContaining({
            state: 'Failing',
            workload: 'Deployment/web',
            cause: 'ImageRunsAsRoot',
            pods: { failing: 1, total: 1, summary: '1/1' },
          }),
        },
      ],
      neighbours: [],
      unread: [],
    });
    expect(exitCode).toBe(1);
  });

  test('names other reasons, one row for a workload and reason, and does not count them', async () => {
    const web = (nth: number) =>
      pod(`web-abc-${nth}`)
        .in('shop')
        .of(replicaSet('web-abc').of(deployment('web')))
        .waiting('app', secretNotFound('db-password'));
    play(server, web(1), web(2), pod('api').in('shop').waiting('app', secretNotFound('token')));
    play(
      server,
      pod('mail').in('shop').waiting('app', imageRunsAsRoot()),
      pod('group').in('bank').waiting('app', imagePullBackOff('x')),
    );
    const group = server.list('Pod').find(({ metadata }) => metadata.name === 'group');
    server.put({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'group.1', namespace: 'bank' },
      type: 'Warning',
      reason: 'FailedCreatePodSandBox',
      message: 'Failed to create pod sandbox: user group "107" is specified without user',
      involvedObject: { kind: 'Pod', namespace: 'bank', name: 'group', uid: group?.metadata['uid'] },
    });
    const { text } = await shown();
    expect(text).toContain(`Not one of ours:
  Pod/group in bank: runAsGroup 107 is set without runAsUser; set runAsUser at the same level, or remove runAsGroup.
  Deployment/web in shop, container app: Secret db-password is missing; create it, or mark the reference to it as optional.
  Pod/api in shop, container app: Secret token is missing; create it, or mark the reference to it as optional.

1 workload fails`);
  });

  test('is what only an Event tells of, too', async () => {
    play(
      server,
      pod('api')
        .in('shop')
        .crashed('app', 1, crashLoopBackOff())
        .failedEvent('app', imageRunsAsRoot(), 9, '2026-01-02T04:04:05Z'),
    );
    const { diagnoses } = await found();
    expect(diagnoses.map(({ status }) => status.workload)).toEqual(['Pod/api']);
  });

  test('is also whose pods were never made, whether Events tell so or their ReplicaSet', async () => {
    const web = replicaSet('web-abc').of(deployment('web'));
    play(server, refused(statefulSet('db')).in('shop'), refused(web).in('shop').withoutEvents());
    const { diagnoses } = await found();
    expect(diagnoses.map(({ status }) => [status.workload, status.cause])).toEqual([
      ['Deployment/web', 'PodSecurityViolation'],
      ['StatefulSet/db', 'PodSecurityViolation'],
    ]);
  });

  test('leaves out other namespaces than those that are named, and those that are excluded', async () => {
    play(server, broken('web', 'shop'), broken('api', 'bank'), broken('zoo', 'zoo'));
    const namesIn = async (scope: ScanOptions['scope']) =>
      (await found({ scope })).diagnoses.map(({ namespace }) => namespace);
    expect(await namesIn({ namespaces: ['shop', 'zoo'], excludedNamespaces: [] })).toEqual(['shop', 'zoo']);
    expect(await namesIn({ namespaces: [], excludedNamespaces: ['shop'] })).toEqual(['bank', 'zoo']);
    expect(await namesIn({ namespaces: ['shop'], excludedNamespaces: ['shop'] })).toEqual([]);
  });

  test('is nothing in an empty cluster, which is well', async () => {
    expect(await shown()).toEqual({ exitCode: 0, text: 'No failing workloads.\n', errors: '' });
  });

  test('obeys no terminal commands', async () => {
    const hostile = '\u001B]0;owned\u0007\u009B2J';
    const odd = broken('web').pod();
    server.put({
      ...odd,
      metadata: {
        ...odd.metadata,
        ownerReferences: [
          { apiVersion: 'example.com/v1', kind: hostile, name: 'x', uid: '1', controller: true },
        ],
      },
    });
    const { text } = await shown();
    expect(text).toContain('cannot start');
    // oxlint-disable-next-line no-control-regex -- these are what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/);
  });
});

describe('it only looks', () => {
  test('nothing is watched, nothing is written', async () => {
    play(server, broken('web'), broken('api'));
    const before = server.list('Pod');
    await found();
    const others = requests().filter((request) => !/^(get|list) /.test(request));
    expect(new Set(others)).toEqual(new Set(['create selfsubjectaccessreviews']));
    expect(server.list('Pod')).toEqual(before);
    expect(server.list('Diagnosis')).toEqual([]);
  });

  test('what an operator has recorded counts where Events have expired, and stays as it is', async () => {
    const story = pod('api').in('shop').crashed('app', 1, crashLoopBackOff());
    play(server, story.failedEvent('app', imageRunsAsRoot(), 9, '2026-01-02T04:04:05Z'));
    const [before] = (await found()).diagnoses;
    for (const { metadata } of server.list('Event')) server.remove('Event', 'shop', metadata.name);
    expect((await found()).diagnoses).toEqual([]);
    const record = server.put({
      apiVersion: 'rootcause.dev/v1alpha1',
      kind: 'Diagnosis',
      metadata: { name: 'pod-api', namespace: 'shop' },
      spec: { workloadRef: { ...before?.workload } },
      status: JSON.parse(JSON.stringify({ ...before?.status, firstSeenTime: '2026-01-02T03:30:00Z' })),
    });
    const { diagnoses } = await found();
    expect(diagnoses).toMatchObject([
      { workload: before?.workload, status: { firstSeenTime: '2026-01-02T03:30:00Z' } },
    ]);
    expect(server.get('Diagnosis', 'shop', 'pod-api')).toEqual(record);
  });

  test('tells how far it has come', async () => {
    play(server, broken('web'));
    const progress: ScanProgress[] = [];
    await look({}, (step) => progress.push(step));
    expect(progress).toContainEqual({ stage: 'listing', kind: 'Pod', read: 100, found: 0 });
    expect(progress.at(-1)).toEqual({ stage: 'looking', done: 1, of: 1 });
  });
});

describe('images', () => {
  let registry: RegistryServer;

  beforeEach(async () => {
    registry = await new RegistryServer().listen();
    const passwd = 'root:x:0:0:root:/root:/bin/sh\nappuser:x:10001:20001:app:/srv:/bin/sh\n';
    const built = image([layer([{ name: 'etc/passwd', content: passwd }])], { user: 'appuser' });
    registry.push('web', '1', built);
    const names = [`${registry.host}/web@${built.manifest.digest}`, `${registry.host}/web:1`];
    const nodeInfo = { operatingSystem: 'linux', architecture: 'amd64' };
    const status = { nodeInfo, images: [{ names, sizeBytes: 1 }] };
    server.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' }, status });
    for (const name of ['web', 'api']) play(server, named(name));
  });

  afterEach(async () => registry.close());

  const named = (name: string) =>
    pod(`${name}-abc-1`)
      .in('shop')
      .of(replicaSet(`${name}-abc`).of(deployment(name)))
      .container('app', { image: `${registry.host}/web:1` })
      .waiting('app', nonNumericUser('appuser'));

  const images = { ...noImages, inspect: true };
  const checkOf = (report: ScanReport, check: string) =>
    report.diagnoses.map(({ status }) => status.fix?.checks?.find(({ name }) => name === check));

  test('are read once each, however many workloads have them, and prove the fix', async () => {
    const { text } = await shown({ images });
    expect(text).toContain('USER appuser, UID 10001');
    expect(text).toContain('  same image also fails in: shop/Deployment/api\n');
    expect(text).toContain(
      `      kubectl -n shop patch deployment/web -p '{"spec":{"template":{"spec":{"containers":[{"name":"app","securityContext":{"runAsUser":10001`,
    );
    expect(text.endsWith('\n2 workloads fail; 2 with a proved fix.\n')).toBe(true);
    expect(registry.asked.filter(({ path }) => path.includes('/blobs/'))).toHaveLength(2);
  });

  test('are left alone where nobody may ask, which is said', async () => {
    const { diagnoses } = await found();
    expect(diagnoses[0]?.status.findings[0]?.image).toMatchObject({
      resolution: 'NotAttempted',
      detail: 'not read; enable with --inspect-images=yes',
    });
    expect(registry.asked).toEqual([]);
  });

  test('without dry runs none is asked for; with them every patch is tried, and nothing is stored', async () => {
    const before = server.list('Deployment');
    expect(checkOf(await found({ images }), 'DryRun')).toMatchObject([
      { result: 'Skipped', message: 'not run; enable with --dry-run=yes' },
      { result: 'Skipped' },
    ]);
    expect(requests().some((request) => request.startsWith('patch'))).toBe(false);
    expect(checkOf(await found({ images, dryRun: true }), 'DryRun')).toMatchObject([
      { result: 'Passed' },
      { result: 'Passed' },
    ]);
    expect(requests().filter((request) => request === 'patch deployments')).toHaveLength(2);
    expect(server.list('Deployment')).toEqual(before);
  });
});

describe('where it cannot look', () => {
  test('a list of pods that is refused ends it in one sentence with the right that is missing', async () => {
    server.inject(forbidden(always(lists('pods'))));
    const { exitCode, text, errors } = await shown();
    expect({ exitCode, text }).toEqual({ exitCode: 2, text: '' });
    expect(errors).toMatch(/^rootcause: This account has no permission to read what a scan needs[^\n]*\n$/);
  });

  test('without the right to Events it says so, and finds what pods tell', async () => {
    play(server, broken('web'));
    server.inject(forbidden(always(lists('events'))));
    const { exitCode, text } = await shown();
    expect(text).toContain('\nNot read: every Event in all namespaces: ');
    expect(text).toContain('Deployment/web in shop');
    expect(exitCode).toBe(1);
  });

  test('without the right to Diagnoses nothing recorded is asked for', async () => {
    play(server, broken('web'));
    server.inject(forbidden(always(({ resource }) => resource === 'diagnoses')));
    const { diagnoses, unread } = await found();
    expect(diagnoses).toHaveLength(1);
    expect(unread).toMatchObject([{ kind: 'Diagnosis' }]);
    expect(requests()).not.toContain('get diagnoses');
  });

  test('a namespace that is not there is no namespace where all is well', async () => {
    const { exitCode, errors } = await shown({ scope: { namespaces: ['shpo'], excludedNamespaces: [] } });
    expect({ exitCode, errors }).toEqual({ exitCode: 2, errors: 'rootcause: There is no namespace shpo.\n' });
  });

  test('an API server that is not there ends it soon', async () => {
    await server.stop();
    const { exitCode, errors } = await shown();
    expect(exitCode).toBe(2);
    expect(errors).toMatch(/^rootcause: The cluster could not be read: http:\/\/127[^\n]*ECONNREFUSED\n$/);
  });

  test('a workload at which no look is possible is named, and keeps no other from being looked at', async () => {
    play(server, broken('web'), broken('api'));
    const isWeb: Fault['when'] = ({ verb, resource, name }) =>
      verb === 'get' && resource === 'deployments' && name === 'web';
    server.inject(internalError(always(isWeb)));
    const { exitCode, text } = await shown();
    expect(text).toContain('Deployment/api in shop');
    expect(text).toMatch(/\nNot read: Pod shop\/web-abc-1: /);
    expect(exitCode).toBe(1);
  });

  test.each(['constructor', '__proto__', 'toString'])(
    'an owner of kind %s is no reason to end: the object itself is the workload, and others are found',
    async (kind) => {
      play(server, broken('web'));
      const [set, ...rest] = pod('odd-1')
        .in('shop')
        .of(replicaSet('odd'))
        .waiting('app', imageRunsAsRoot())
        .objects();
      if (!set) throw new Error('no owner');
      const ownerReferences = [{ apiVersion: 'v1', kind, name: 'x', uid: 'u-1', controller: true }];
      for (const object of [{ ...set, metadata: { ...set.metadata, ownerReferences } }, ...rest])
        server.put(object);
      const { diagnoses, unread } = await found();
      expect(diagnoses.map(({ workload }) => `${workload.kind}/${workload.name}`)).toEqual([
        'Deployment/web',
        'ReplicaSet/odd',
      ]);
      expect(unread).toEqual([]);
    },
  );

  test('a bug in judging is named for each workload that meets it, and ends nothing', async () => {
    play(server, broken('web'));
    const policy = {
      get allowRootExemption(): boolean {
        throw new TypeError('steps[kind] is not iterable');
      },
    };
    const { diagnoses, unread } = await found({ policy });
    expect(diagnoses).toEqual([]);
    expect(unread).toEqual([
      {
        kind: 'Deployment',
        namespace: 'shop',
        name: 'web',
        because: 'it could not be judged, which is a bug in rootcause: steps[kind] is not iterable',
      },
    ]);
  });

  test('nothing found is not all well where something could not be looked at', async () => {
    play(server, broken('web'));
    server.inject(
      internalError(always(({ verb, resource }) => verb === 'get' && resource === 'deployments')),
    );
    expect(await shown()).toMatchObject({
      exitCode: 2,
      text: expect.stringMatching(/^Not read: Pod shop\/web-abc-1: .*\n\nNo failing workloads\.\n$/),
    });
  });
});

describe('as a program', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rootcause-scan-'));
    writeFileSync(join(folder, 'kubeconfig'), kubeconfig);
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  function start(...flags: readonly string[]) {
    const args = [join(root, 'src/main.ts'), 'scan', '--kubeconfig', join(folder, 'kubeconfig'), ...flags];
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !name.startsWith('ROOTCAUSE_')),
    );
    return spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  async function ended(child: ReturnType<typeof start>) {
    let [text, errors] = ['', ''];
    child.stdout.on('data', (more) => (text += String(more)));
    child.stderr.on('data', (more) => (errors += String(more)));
    const [exitCode]: readonly unknown[] = await once(child, 'close');
    return { exitCode, text, errors };
  }

  test('it says what it found, nothing else, and that something fails', async () => {
    play(server, broken('web'));
    const { exitCode, text, errors } = await ended(start('--output', 'json', '--inspect-images', 'no'));
    expect(JSON.parse(text)).toMatchObject({ diagnoses: [{ workload: { name: 'web' } }] });
    expect({ exitCode, errors }).toEqual({ exitCode: 1, errors: '' });
  });

  test('a level that there is not is refused in one sentence', async () => {
    const { exitCode, text, errors } = await ended(start('--would-enforce', 'strict'));
    expect({ exitCode, text }).toEqual({ exitCode: 2, text: '' });
    expect(errors).toMatch(/^error: [^\n]*Give baseline or restricted, [^\n]*\n$/);
    expect(server.requests()).toEqual([]);
  });

  test('it ends at once when it is told to', async () => {
    server.inject(radioSilence({ when: lists('pods') }));
    const child = start();
    const over = ended(child);
    await until('it waits for the pods', () => requests().includes('list pods'));
    child.kill('SIGINT');
    expect(await over).toEqual({ exitCode: 130, text: '', errors: '' });
  });
});
