// The flags of `rootcause image`.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, jest, test } from '@jest/globals';

import { commandLine } from '../../test/command-line.ts';
import { runCommandLine } from './command-line.ts';

test('takes a reference, a user and a platform', () => {
  const args = ['image', 'nginx:1.27', '--as', '1000:2000', '--platform', 'linux/arm/v7', '--output', 'json'];
  expect(commandLine(args).options).toMatchObject({
    reference: 'nginx:1.27',
    output: 'json',
    as: { uid: 1000, gid: 2000 },
    platform: { os: 'linux', architecture: 'arm', variant: 'v7' },
  });
});

test.each([
  ['--as', 'root', 'Give a uid'],
  ['--as', '2147483648', 'Give a uid'],
  ['--as', '1:2147483648', 'Give a uid'],
  ['--platform', 'linux', 'Give os/architecture'],
  ['--output', 'yaml', 'Give text or json.'],
])('refuses %s %s in one line that says what to give', (flag, value, wayOut) => {
  const { exitCode, errors } = commandLine(['image', 'nginx', flag, value]);
  expect(exitCode).toBe(2);
  expect(errors).toMatch(/^error: option '.*\n$/);
  expect(errors).toContain(flag);
  expect(errors).toContain(wayOut);
});

test("a person's own docker login is used, unless a file is named", () => {
  const folder = mkdtempSync(join(tmpdir(), 'rootcause-'));
  const own = { DOCKER_CONFIG: folder };
  try {
    expect(commandLine(['image', 'nginx'], own).options).toMatchObject({ dockerConfig: undefined });
    writeFileSync(join(folder, 'config.json'), '{}');
    expect(commandLine(['image', 'nginx'], own).options).toMatchObject({
      dockerConfig: join(folder, 'config.json'),
    });
    expect(commandLine(['image', 'nginx', '--docker-config', 'other'], own).options).toMatchObject({
      dockerConfig: 'other',
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('an image that cannot be read is trouble, as in the other commands: exit code 2', async () => {
  const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    expect(await runCommandLine(['image', 'oci:/no/such/folder'])).toBe(2);
    expect(write).toHaveBeenCalledWith(expect.stringMatching(/^rootcause: .*\/no\/such\/folder/));
  } finally {
    write.mockRestore();
  }
});
