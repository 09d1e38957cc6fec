// Every form of /etc/group. It does not decide the gid, yet a runtime that reads it may stumble.

import type { Placing } from './passwd-forms.ts';
import { directory, file, symlink } from './tar.ts';

const whole = 'root:x:0:\nstaff:x:50:app\n20005:x:51:\nextra:x:20100:app,thousand\n';
const after =
  (front: string): Placing =>
  (path) => [file(path, `${front}\n${whole}`)];

export const groupForms = {
  whole: after(''),
  none: () => [],
  empty: (path) => [file(path)],
  'a directory in its place': (path) => [directory(path)],
  'a link to itself in its place': (path) => [symlink(path, `/${path}`)],
  'a link to nowhere in its place': (path) => [symlink(path, '/nowhere/group')],
  'comments and blank lines': after('# groups\n\n#staff:x:1:app'),
  'damaged lines': after('staff\nstaff:x:abc:app\n:::\nx:x::app'),
  'a line just too long': after(`long:x:1:${'m'.repeat(65_536 - 9)}`),
  'a line just short enough': after(`long:x:1:${'m'.repeat(65_535 - 9)}`),
  'large gids that are primary': after('large:x:2147483648:\nlast:x:4294967294:'),
  'a large gid of a member': after('large:x:2147483648:app'),
  'the gid that is none, of a member': after('none:x:4294967295:app'),
  'a gid of more than 32 bits, of a member': after('large:x:4294967297:app'),
  'a negative gid of a member': after('minus:x:-2:app'),
  'many groups of a member': after(
    Array.from({ length: 300 }, (_, index) => `g${index}:x:${50_000 + index}:app`).join('\n'),
  ),
} as const satisfies Readonly<Record<string, Placing>>;

export type GroupForm = keyof typeof groupForms;
