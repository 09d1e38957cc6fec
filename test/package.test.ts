// The package as a person installs it: packed after a build, installed without a network, run by npx and by kubectl's way
// of finding plugins.

import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

const run = promisify(execFile);
const root = new URL('..', import.meta.url).pathname;
const limitMs = 120_000;

let folder: string;
let commands: string;

/** With the Node that runs the tests, whatever the machine's own is. */
const environment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: [dirname(process.execPath), commands, process.env['PATH']].join(delimiter),
  npm_config_cache: join(folder, 'cache'),
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rootcause-package-'));
  commands = join(folder, 'node_modules/.bin');
  await run(process.execPath, ['tools/build.js'], { cwd: root });
  await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root, env: environment() });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  writeFileSync(join(folder, 'package.json'), '{"private": true}');
  const flags = ['--offline', '--omit=optional', '--no-audit', '--no-fund', '--silent'];
  await run('npm', ['install', ...flags, join(folder, tarball)], { cwd: folder, env: environment() });
}, limitMs);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('nothing comes with it but the bundle, what it says of itself and the licence', () => {
  const packed = readdirSync(join(folder, 'node_modules/rootcause'), { recursive: true, encoding: 'utf8' });
  expect(packed.toSorted()).toEqual(['LICENSE', 'README.md', 'dist', 'dist/rootcause.mjs', 'package.json']);
  const installed = readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'));
  expect(installed).toEqual(['rootcause']);
});

test(
  'npx rootcause runs it',
  async () => {
    const { stdout } = await run('npx', ['--offline', 'rootcause', '--version'], {
      cwd: folder,
      env: environment(),
    });
    expect(stdout).toMatch(/^rootcause \d+\.\d+\.\d+\n$/);
  },
  limitMs,
);

test('kubectl finds it by its name on the PATH', async () => {
  const flags = ['explain', '--output', 'json'];
  const running = run('kubectl-rootcause', flags, { cwd: folder, env: environment() });
  running.child.stdin?.end('Error: container has runAsNonRoot and image will run as root');
  const { stdout } = await running;
  expect(stdout).toContain('"ImageRunsAsRoot"');
});

test('an older Node gets a message about what it needs, in one line and before anything else fails', async () => {
  const older = 'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.11.1"})';
  const bundle = join(folder, 'node_modules/rootcause/dist/rootcause.mjs');
  const failure = run(process.execPath, ['--import', older, bundle, '--version']);
  await expect(failure).rejects.toMatchObject({
    code: 2,
    stdout: '',
    stderr: 'rootcause needs Node.js 22.19 or newer; this is 20.11.1.\n',
  });
});

test('no name is imported that an older Node may not have', () => {
  const bundle = readFileSync(join(folder, 'node_modules/rootcause/dist/rootcause.mjs'), 'utf8');
  expect(bundle.match(/(?<=^|[;}])import[ {*][^;"]*from ?"[^"]*"/gm)).toBeNull();
});
