// The demo as a person runs it: what it prints, and that nothing of it is left however it ends.

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { picture } from './demo/picture.ts';
import { until } from './operator.ts';

const root = new URL('..', import.meta.url).pathname;
const limitMs = 120_000;

let folder: string;
let demo: ChildProcessByStdio<null, Readable, Readable> | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rootcause-demo-test-'));
});

afterEach(() => {
  demo?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function start(...flags: readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
  const { FORCE_COLOR: _colour, ...env } = process.env;
  demo = spawn(process.execPath, [join(root, 'test/demo/demo.ts'), ...flags], {
    env: { ...env, NO_COLOR: '1', TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return demo;
}

const withoutTime = (shown: string): string => shown.replaceAll(/\d+\.\d s later/g, '0.0 s later');

test(
  'tells the whole story in some thirty lines of at most a hundred characters, as the picture shows it; more on request',
  async () => {
    const running = start('--yaml', '--metrics');
    const [printed, errors] = await Promise.all([text(running.stdout), text(running.stderr)]);
    expect(errors).toBe('');
    const [shown = '', yaml, metrics] = printed.split(/\n\n(?=\$ kubectl .* -o yaml\n|\$ curl )/);
    const lines = shown.split('\n');
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    expect(lines.length).toBeLessThan(40);
    const chapters = [
      'CreateContainerConfigError',
      'runAsUser 10001 ',
      'evidence: etc/passwd line ',
      'patch deployment/web -p ',
      '"securityContext":{"runAsUser":10001,"runAsGroup":20001}',
      '1/1    Running',
      'Deployment/web is Resolved: ',
      '1 ImageRunsAsRoot',
      '2 NonRootPermissionDenied emptyDir at /var/cache/nginx',
      '3 NonRootPermissionDenied sysctl ',
      'Resolved  ',
    ];
    const places = chapters.map((words) => shown.indexOf(words));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(withoutTime(picture(shown))).toBe(withoutTime(readFileSync(join(root, 'docs/demo.svg'), 'utf8')));
    expect(yaml).toContain('\nkind: Diagnosis\n');
    expect(metrics).toMatch(/\nrootcause_fixes_total\{/);
    expect(readdirSync(folder)).toEqual([]);
  },
  limitMs,
);

test('a flag that it does not know is a mistake', async () => {
  const running = start('--loud');
  const [errors, [code]] = await Promise.all([text(running.stderr), once(running, 'exit')]);
  expect([errors, code]).toEqual(['demo: give --yaml, --metrics, --keep or nothing\n', 2]);
});

// The operator has the same standard output: that closes only when the operator has ended too.
describe('neither a process nor a folder is left', () => {
  test.each(['SIGKILL', 'SIGINT', 'SIGHUP'] as const)(
    'by %s while the operator runs',
    async (signal) => {
      const running = start('--keep');
      const closed = once(running, 'close');
      await once(running.stdout, 'data');
      running.kill(signal);
      await closed;
      expect(readdirSync(folder)).toEqual([]);
    },
    limitMs,
  );

  test(
    'by SIGKILL while the operator starts',
    async () => {
      const running = start();
      const closed = once(running, 'close');
      running.stdout.resume();
      await until('the operator writes its files', () => readdirSync(folder).length > 0);
      running.kill('SIGKILL');
      await closed;
      expect(readdirSync(folder)).toEqual([]);
    },
    limitMs,
  );

  test(
    'when nothing reads what it prints any more',
    async () => {
      const running = start();
      const closed = once(running, 'close');
      await once(running.stdout, 'data');
      running.stdout.destroy();
      await closed;
      expect(readdirSync(folder)).toEqual([]);
    },
    limitMs,
  );
});
