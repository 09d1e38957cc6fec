// Colour and width follow the terminal and the environment, which only a process of its own can have.

import { execFileSync } from 'node:child_process';

import { expect, test } from '@jest/globals';

const program = `
  import { PassThrough } from 'node:stream';
  import { WriteStream } from 'node:tty';
  import { lookOf } from '${new URL('terminal-look.ts', import.meta.url).href}';
  const { getColorDepth } = WriteStream.prototype;
  const terminal = { isTTY: true, columns: 72, getColorDepth };
  const stream = Object.assign(new PassThrough(), process.argv[1] === 'terminal' ? terminal : {});
  const { width, wrapAt, paint } = lookOf(stream);
  console.log(JSON.stringify([width, wrapAt ?? null, paint('failing', 'x') !== 'x']));
`;

test.each([
  ['terminal', {}, [72, 72, true]],
  ['terminal', { NO_COLOR: '1' }, [72, 72, false]],
  ['terminal', { TERM: 'dumb' }, [72, 72, false]],
  ['file', {}, [100, null, false]],
  ['file', { FORCE_COLOR: '1' }, [100, null, true]],
])('on a %s with %j', (where, variables, expected) => {
  const env = { PATH: process.env['PATH'], TERM: 'xterm-256color', ...variables };
  const args = ['--input-type=module-typescript', '--no-warnings', '-e', program, where];
  const said = execFileSync(process.execPath, args, { env, encoding: 'utf8' });
  expect(JSON.parse(said)).toEqual(expected);
});
