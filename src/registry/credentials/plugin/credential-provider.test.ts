import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseCredentialProviderConfig } from './credential-provider-config.ts';
import { credentialProviderSource } from './credential-provider.ts';
import type { Credential } from '../credential.ts';
import { RegistryError } from '../../error.ts';

type CredentialProviderSettings = Parameters<typeof credentialProviderSource>[1];

const apiVersion = 'credentialprovider.kubelet.k8s.io/v1';
const image = { host: 'r.example', repository: 'team/app', tag: '1' };
const { signal } = new AbortController();
let binDir = '';
let count = 0;

beforeAll(async () => {
  binDir = await mkdtemp(join(tmpdir(), 'credential-provider-'));
});

afterAll(async () => await rm(binDir, { recursive: true }));

/** A plugin in JavaScript; `request` is what it was asked, `answer(fields)` prints. Gives its name. */
async function plugin(code: string): Promise<string> {
  count += 1;
  const name = `plugin-${count}`;
  const text = `#!${process.execPath}
const fs = require('node:fs');
const request = JSON.parse(fs.readFileSync(0, 'utf8'));
const auth = { 'r.example': { username: 'ada', password: 'hunter2secret' } };
const answer = (fields) => fs.writeSync(1, JSON.stringify({
  kind: 'CredentialProviderResponse', apiVersion: '${apiVersion}', cacheKeyType: 'Image', auth, ...fields,
}));
fs.appendFileSync(__filename + '.runs', request.image + '\\n');
${code}
`;
  await writeFile(join(binDir, name), text);
  await chmod(join(binDir, name), 0o755);
  return name;
}

async function runsOf(name: string): Promise<readonly string[]> {
  const text = await readFile(join(binDir, `${name}.runs`), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

function provider(name: string, fields: object = {}): object {
  return { name, matchImages: ['*.example'], defaultCacheDuration: '1h', apiVersion, ...fields };
}

function sourceOf(
  providers: readonly object[],
  settings: Partial<CredentialProviderSettings> = {},
): ReturnType<typeof credentialProviderSource> {
  const config = { apiVersion: 'kubelet.config.k8s.io/v1', kind: 'CredentialProviderConfig', providers };
  const parsed = parseCredentialProviderConfig(JSON.stringify(config), 'providers.yaml');
  return credentialProviderSource(parsed, { binDir, env: { PATH: '/usr/bin' }, ...settings });
}

async function troubleWith(
  providers: readonly object[],
  settings: Partial<CredentialProviderSettings> = {},
  given = signal,
): Promise<RegistryError> {
  const outcome: unknown = await sourceOf(providers, settings)(image, given).catch((error: unknown) => error);
  if (outcome instanceof RegistryError) return outcome;
  throw new Error('nothing is wrong with it');
}

const names = (credentials: readonly Credential[]): readonly string[] =>
  credentials.map((credential) => (credential.is === 'basic' ? credential.username : credential.is));

describe('a credential provider', () => {
  test('is asked as the kubelet asks, and its answer is used', async () => {
    const name = await plugin(`
      fs.writeFileSync(__filename + '.saw', JSON.stringify({ request, args: process.argv.slice(2), env: process.env }));
      answer({ cacheDuration: '5m' });
    `);
    const env = {
      PATH: '/usr/bin',
      HOME: '/home/x',
      AWS_REGION: 'old',
      ROOTCAUSE_TOKEN: 'ours',
      GONE: undefined,
    };
    const given = provider(name, { args: ['get', '$(id) ; x'], env: [{ name: 'AWS_REGION', value: 'new' }] });
    expect(await sourceOf([given], { env })(image, signal)).toEqual([
      { is: 'basic', username: 'ada', password: 'hunter2secret' },
    ]);
    expect(JSON.parse(await readFile(join(binDir, `${name}.saw`), 'utf8'))).toEqual({
      request: { kind: 'CredentialProviderRequest', apiVersion, image: 'r.example/team/app' },
      args: ['get', '$(id) ; x'],
      env: { PATH: '/usr/bin', HOME: '/home/x', AWS_REGION: 'new' },
    });
  });

  test('is not asked for images that it is not for', async () => {
    const name = await plugin('answer({});');
    const source = sourceOf([provider(name, { matchImages: ['r.example/team', 'q.example:5000'] })]);
    expect(await source({ host: 'r.example', repository: 'other/app' }, signal)).toEqual([]);
    expect(await source({ host: 'q.example', repository: 'team/app' }, signal)).toEqual([]);
    expect(await runsOf(name)).toEqual([]);
  });

  test('may answer for more than the image, and only what fits is used', async () => {
    const name = await plugin(`answer({ auth: {
      '*.example': { username: 'any', password: 'x' },
      'r.example/team': { username: 'team', password: 'x' },
      'q.example': { username: 'other', password: 'x' },
      'r.example': { username: '', password: '' },
    } });`);
    expect(names(await sourceOf([provider(name)])(image, signal))).toEqual(['team', 'any']);
  });

  test.each(['null', 'undefined', '{}'])('may know nothing of the image: %s', async (auth) => {
    const name = await plugin(`answer({ auth: ${auth} });`);
    expect(await sourceOf([provider(name)])(image, signal)).toEqual([]);
  });

  test('that needs no question may leave it unread', async () => {
    const path = join(binDir, 'unread');
    const text = JSON.stringify({
      kind: 'CredentialProviderResponse',
      apiVersion,
      cacheKeyType: 'Global',
      auth: null,
    });
    await writeFile(path, `#!/bin/sh\nexec 0<&-\nprintf '%s' '${text}'\n`);
    await chmod(path, 0o755);
    expect(await sourceOf([provider('unread')])(image, signal)).toEqual([]);
  });

  test('comes before those behind it, and does not take their place when it fails', async () => {
    const first = await plugin(`answer({ auth: { 'r.example': { username: 'first', password: 'x' } } });`);
    const broken = await plugin('process.exit(1);');
    const last = await plugin(`answer({ auth: { 'r.example': { username: 'last', password: 'x' } } });`);
    const source = sourceOf([provider(first), provider(broken), provider(last)]);
    expect(names(await source(image, signal))).toEqual(['first', 'last']);
  });
});

describe('an answer is kept', () => {
  const app = { host: 'r.example', repository: 'team/app' };
  const other = { host: 'r.example', repository: 'team/other' };
  const elsewhere = { host: 'q.example', repository: 'team/app' };

  test.each<[string, readonly string[]]>([
    ['Image', ['r.example/team/app', 'r.example/team/other', 'q.example/team/app']],
    ['Registry', ['r.example/team/app', 'q.example/team/app']],
    ['Global', ['r.example/team/app']],
  ])('by %s', async (type, runs) => {
    const name = await plugin(
      `answer({ cacheKeyType: '${type}', auth: { '*.example': auth['r.example'] } });`,
    );
    const source = sourceOf([provider(name)]);
    for (const wanted of [app, other, elsewhere, { ...app, tag: '2' }, other, elsewhere])
      expect(names(await source(wanted, signal))).toEqual(['ada']);
    expect(await runsOf(name)).toEqual(runs);
  });

  test('for each provider by itself', async () => {
    const code = `answer({ cacheKeyType: 'Global', auth: { '*.example': { username: __filename.slice(-1), password: 'x' } } });`;
    const [first, second] = [await plugin(code), await plugin(code)];
    const source = sourceOf([
      provider(first, { matchImages: ['r.example'] }),
      provider(second, { matchImages: ['q.example'] }),
    ]);
    expect(names(await source(app, signal))).toEqual([first.slice(-1)]);
    expect(names(await source(elsewhere, signal))).toEqual([second.slice(-1)]);
  });

  test.each<[string, object, number]>([
    [`'10m'`, {}, 600_000],
    ['undefined', { defaultCacheDuration: '20m' }, 1_200_000],
  ])('for as long as it says: %s', async (duration, fields, lifeMs) => {
    const name = await plugin(`answer({ cacheDuration: ${duration} });`);
    let nowMs = 1000;
    const source = sourceOf([provider(name, fields)], { now: () => nowMs });
    await source(app, signal);
    nowMs += lifeMs - 1;
    await source(app, signal);
    expect(await runsOf(name)).toHaveLength(1);
    nowMs += 1;
    await source(app, signal);
    expect(await runsOf(name)).toHaveLength(2);
  });

  test.each<[string, object]>([
    [`'0s'`, {}],
    [`'-5m'`, {}],
    ['undefined', { defaultCacheDuration: '0s' }],
  ])('not at all where it says so: %s', async (duration, fields) => {
    const name = await plugin(`answer({ cacheDuration: ${duration} });`);
    const source = sourceOf([provider(name, fields)]);
    await source(app, signal);
    await source(app, signal);
    expect(await runsOf(name)).toHaveLength(2);
  });

  test('only when it was good', async () => {
    const name = await plugin(`
      if (fs.readFileSync(__filename + '.runs', 'utf8').split('\\n').length < 3) process.exit(1);
      answer({ cacheKeyType: 'Global' });
    `);
    const source = sourceOf([provider(name)]);
    await expect(source(app, signal)).rejects.toThrow('failed with status 1');
    expect(names(await source(app, signal))).toEqual(['ada']);
  });
});

describe('a credential provider that fails', () => {
  test('is named, with its error text and without secrets', async () => {
    const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc';
    const name = await plugin(`
      answer({});
      console.error('\\u001b[31mcannot assume\\nthe role of ${token}');
      console.error('password=opensesame, Authorization: Bearer tiny "token": "minute"; sent hunter2secret and inherited-1');
      process.exit(3);
    `);
    const fields = { env: [{ name: 'CLIENT_SECRET', value: 'inherited-1' }] };
    const error = await troubleWith([provider(name, fields)]);
    expect(error).toMatchObject({ code: 'badCredentials', temporary: false });
    expect(error.message).toMatch(
      new RegExp(
        `^credential provider ${name} failed with status 3: see its args and env in providers.yaml \\(it says: `,
      ),
    );
    expect(error.message).toContain('cannot assume the role of …');
    expect(error.message).not.toMatch(/eyJ|opensesame|tiny|minute|hunter2|inherited|\n/);
    expect(error.message).not.toContain('\u001b');
    expect(error.message.length).toBeLessThan(500);
    expect(error.cause).toBeUndefined();
  });

  test('and complains at length is quoted with the end of it', async () => {
    const name = await plugin(`
      fs.writeSync(2, 'secretpart '.repeat(500));
      fs.writeSync(2, '\\n' + 'line\\n'.repeat(200) + 'at last the reason\\n');
      process.exit(1);
    `);
    const { message } = await troubleWith([provider(name)]);
    expect(message).toContain('at last the reason)');
    expect(message).not.toContain('secretpart');
    expect(message.length).toBeLessThan(500);
  });

  test('by a signal says so', async () => {
    const name = await plugin(`process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000);`);
    expect((await troubleWith([provider(name)])).message).toContain('was ended by a signal');
  });

  test.each<[string, string]>([
    [`fs.writeSync(1, 'hunter2secret');`, 'printed no CredentialProviderResponse'],
    ['', 'printed no CredentialProviderResponse'],
    [`fs.writeSync(1, '[]');`, 'printed no CredentialProviderResponse'],
    [`answer({ kind: 'hunter2secret' });`, 'printed no CredentialProviderResponse'],
    [
      `answer({ apiVersion: 'credentialprovider.kubelet.k8s.io/v1alpha1' });`,
      `answered in another version than ${apiVersion}: give it the apiVersion that it speaks`,
    ],
    [
      `answer({ cacheKeyType: 'hunter2secret' });`,
      'gave no cacheKeyType that is known: Image, Registry, Global',
    ],
    [`answer({ cacheDuration: 'hunter2secret' });`, 'gave a cacheDuration that is not a duration'],
    [`answer({ cacheDuration: 5 });`, 'gave a cacheDuration that is not a duration'],
    [`answer({ auth: 'hunter2secret' });`, 'auth must be an object'],
    [`answer({ auth: { 'r.example': 'hunter2secret' } });`, 'entry 1: it must be an object'],
    [`answer({ auth: { 'r.example': { username: ['hunter2secret'] } } });`, 'entry 1: username must be text'],
  ])('to speak the protocol has its own message: %#', async (code, trouble) => {
    const name = await plugin(code);
    const error = await troubleWith([provider(name)]);
    expect(error.code).toBe('badCredentials');
    expect(error.message).toContain(`credential provider ${name}`);
    expect(error.message).toContain(trouble);
    expect(`${error.message} ${String(error.cause)}`).not.toMatch(/hunter2|v1alpha1/);
  });

  test('to end is ended, together with its children', async () => {
    const path = join(binDir, 'wrapper');
    await writeFile(path, `#!/bin/sh\nsleep 600 &\necho $! > '${path}.child'\nwait\n`);
    await chmod(path, 0o755);
    const error = await troubleWith([provider('wrapper')], { timeMs: 3000 });
    expect(error).toMatchObject({ code: 'timeout', temporary: true });
    expect(error.message).toBe(
      'credential provider wrapper gave no answer within 3 s: check that it can reach its cloud from here',
    );
    await expectGone(Number(await readFile(`${path}.child`, 'utf8')));
  });

  test('to stop talking is ended', async () => {
    const name = await plugin(`for (;;) fs.writeSync(1, 'hunter2secret'.repeat(1000));`);
    const error = await troubleWith([provider(name)]);
    expect(error.message).toContain('printed more than an answer can hold');
    expect(error.message).not.toContain('hunter2');
  });

  test('to be there is named with its folder', async () => {
    const error = await troubleWith([provider('nowhere')]);
    expect(error.message).toBe(
      `credential provider nowhere is not in ${binDir}: put its program there, or take the provider out of providers.yaml`,
    );
  });

  test('to be a program comes with what to do', async () => {
    await writeFile(join(binDir, 'plain'), 'text', { mode: 0o644 });
    expect((await troubleWith([provider('plain')])).message).toContain('give it mode 0755');
    await writeFile(join(binDir, 'foreign'), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0, 0]), {
      mode: 0o755,
    });
    expect((await troubleWith([provider('foreign')])).message).toContain('that it is built for this machine');
  });

  test('for want of time is not the same as being given up', async () => {
    const name = await plugin(
      `fs.writeFileSync(__filename + '.started', String(process.pid)); setInterval(() => {}, 1000);`,
    );
    const stop = new AbortController();
    const trouble = troubleWith([provider(name)], {}, stop.signal);
    const pid = await pidIn(join(binDir, `${name}.started`));
    stop.abort();
    expect(await trouble).toMatchObject({ code: 'aborted', temporary: false });
    await expectGone(pid);
  });

  test('is not even started once it is given up', async () => {
    const name = await plugin('answer({});');
    expect(await troubleWith([provider(name)], {}, AbortSignal.abort())).toMatchObject({ code: 'aborted' });
    expect(await runsOf(name)).toEqual([]);
  });
});

async function pidIn(path: string): Promise<number> {
  let pid = 0;
  await until(async () => (pid = Number(await readFile(path, 'utf8').catch(() => ''))) > 0);
  return pid;
}

/** A killed process stays for a moment, as a zombie, until its parent waits for it. */
async function expectGone(pid: number): Promise<void> {
  expect(pid).toBeGreaterThan(0);
  await until(async () => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    return stat === '' || / [ZX] /.test(stat);
  });
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 1000; attempt += 1) {
    if (await isSo()) return;
    await pause(20);
  }
  throw new Error('it did not come to that');
}
