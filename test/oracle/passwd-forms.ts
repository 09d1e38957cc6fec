// Every form of /etc/passwd: whole ones, damaged ones, and what else may lie in its place.

import { directory, file, symlink } from './tar.ts';
import type { TarItem } from './tar.ts';

/** What lies at the path that is given. */
export type Placing = (path: string) => readonly TarItem[];

const lines: readonly string[] = [
  'root:x:0:0:root:/root:/bin/sh',
  'daemon:x:1:1::/:/sbin/nologin',
  'app:x:10001:20001:app:/home/app:/bin/sh',
  'nobody:x:65534:65533:nobody:/:/sbin/nologin',
  'toor:x:0:7::/:/bin/sh',
  '1000:x:30001:30002:named by a number:/:',
  'thousand:x:1000:1001::/:',
  'largest:x:2147483647:2147483646::/:',
  'user.name:x:10003:20003::/:',
  'DOMAIN\\svc:x:10004:20004::/:',
  '_apt:x:42:65534::/:',
  'www-data:x:33:34::/:',
  'machine$:x:10005:20006::/:',
  '1000a:x:10006:20007::/:',
  '0x3e8:x:10007:20008::/:',
  '99999999999999999999999:x:10008:20009::/:',
  'käte:x:10009:20010::/:',
  '用户:x:10010:20011::/:',
  'dup:x:10011:20012::/:',
  'dup:x:10012:20013::/:',
  'first:x:40001:40002::/:',
  'second:x:40001:40003::/:',
  '#app:x:10013:20014::/:',
  `${'n'.repeat(255)}:x:10014:20015::/:`,
];

const whole = `${lines.join('\n')}\n`;
const bytes = Buffer.from(whole);

/** Other numbers for all the same, so that whoever reads the wrong file is found out. */
export const otherPasswd = whole.replaceAll(/:x:\d+:\d+:/g, ':x:6006:6007:');

const holding =
  (content: string | Uint8Array, mode?: number): Placing =>
  (path) => [file(path, content, mode)];

/** What a file says before the whole one begins: the first entry that fits wins. */
const after = (front: string): Placing => holding(`${front}\n${whole}`);

const changed = (search: string | RegExp, replacement: string): Placing =>
  holding(whole.replace(search, replacement));

const app = /^app:.*$/m;
const longName = (lineBytes: number): string => `long:x:1:1:${'g'.repeat(lineBytes - 'long:x:1:1:'.length)}`;

/** A line of a scanner's buffer holds 65536 bytes, its line break included. */
export const passwdForms = {
  whole: holding(whole),
  none: () => [],
  empty: holding(''),
  'only a line break': holding('\n'),
  'a directory in its place': (path) => [directory(path)],
  'a directory with something in it': (path) => [directory(path), file(`${path}/app`, whole)],
  'a link to itself in its place': (path) => [symlink(path, `/${path}`)],
  'a link to nowhere in its place': (path) => [symlink(path, '/nowhere/passwd')],
  'readable by nobody': holding(whole, 0),
  'no line break at the end': holding(lines.slice(0, 3).join('\n')),
  CRLF: holding(whole.replaceAll('\n', '\r\n')),
  'CR only': holding(whole.replaceAll('\n', '\r')),
  'CR only at the end of numbers': changed(app, 'app:x:10001\r:20001\r:app'),
  comments: after('# users\n#app:x:5001:5002::/:\n  # app'),
  'blank lines': holding(whole.replaceAll('\n', '\n \t \n\n')),
  'spaces around lines': holding(whole.replaceAll(/^|$/gm, ' \t ')),
  'other white space around lines': holding(whole.replaceAll(/^|$/gm, '\u00a0\v\f\u0085\u2003')),
  'zero-width space in front': changed(app, '\u200bapp:x:10001:20001::/:'),
  'spaces around the name': changed(app, 'bin:x:1:1\n app :x:10001:20001::/:'),
  'spaces around numbers': changed(app, 'app:x: 10001 : 20001 ::/:'),
  'no gid': changed(app, 'app:x:10001'),
  'an empty gid': changed(app, 'app:x:10001::::'),
  'letters for a uid': after('app:x:abc:'),
  'letters for a gid': changed(app, 'app:x:10001:staff::/:'),
  'a lone name': after('app'),
  'a name and a colon': after('app:'),
  'a name and a password': after('app:x'),
  'a hexadecimal uid': changed(app, 'app:x:0x2711:20001::/:'),
  'signs before numbers': changed(app, 'app:x:+10001:+20001::/:'),
  'zeros before numbers': changed(app, 'app:x:0010001:00020001::/:'),
  'an underscore in numbers': changed(app, 'app:x:10_001:20_001::/:'),
  'a negative uid': changed(app, 'app:x:-2:20001::/:'),
  'a negative gid': changed(app, 'app:x:10001:-2::/:'),
  'the last uid': changed(app, 'app:x:4294967294:4294967293::/:'),
  'the uid that is none': changed(app, 'app:x:4294967295:20001::/:'),
  'the gid that is none': changed(app, 'app:x:10001:4294967295::/:'),
  'a uid past the usual range': changed(app, 'app:x:2147483648:20001::/:'),
  'a gid past the usual range': changed(app, 'app:x:10001:2147483648::/:'),
  'a uid of more than 32 bits': changed(app, 'app:x:4294977297:20001::/:'),
  'a gid of more than 32 bits': changed(app, 'app:x:10001:4294987297::/:'),
  'a uid of more than 64 bits': changed(app, 'app:x:99999999999999999999:20001::/:'),
  'a gid of more than 64 bits': changed(app, 'app:x:10001:99999999999999999999::/:'),
  'another entry first': after('app:x:5001:5002::/:'),
  'another name of the uid first': after('other:x:10001:5002::/:'),
  'root is not first': after('zero:x:0:5003::/:'),
  'root is another number': changed(/^root:.*$/m, 'root:x:5004:5005::/:'),
  'no root': changed(/^root:.*\n/m, ''),
  'a nameless entry': after(':x:10001:5006::/:'),
  'an entry of colons': after('::::::'),
  'more fields': changed(app, 'app:x:10001:20001:a:b:c:d:e'),
  'the long form of NIS': after('+::::::\n+app::5001:5002:::\n-app'),
  'a byte order mark': after('\ufeffapp:x:5001:5002::/:'),
  'a zero byte in the name': changed(app, 'app\0:x:10001:20001::/:'),
  'zero bytes in front': after('\0\0\0'),
  'a zero byte in a number': changed(app, 'app:x:10001\0:20001::/:'),
  'bytes that are not text': holding(
    Buffer.concat([Buffer.from('app\xff:x:5001:5002\n\xff\xfe\n', 'latin1'), bytes]),
  ),
  'Latin-1': holding(Buffer.from(whole, 'latin1')),
  'a line just short enough': after(longName(65_535)),
  'a line just too long': after(longName(65_536)),
  'a line just too long at the end': holding(whole + longName(65_536)),
  'a line just short enough at the end': holding(whole + longName(65_535)),
  'a line just short enough with CRLF': after(`${longName(65_534)}\r`),
  'a line just too long with CRLF': after(`${longName(65_535)}\r`),
  'a long comment': after(`# ${'c'.repeat(100_000)}`),
  'a long line of spaces': after(' '.repeat(70_000)),
  'twenty thousand entries': after(
    Array.from({ length: 20_000 }, (_, index) => `user${index}:x:${100_000 + index}:9::/:`).join('\n'),
  ),
} as const satisfies Readonly<Record<string, Placing>>;

export type PasswdForm = keyof typeof passwdForms;
