// Every way in which the files of an image lie in its layers: replaced, removed, made again, linked, oddly named.

import { otherPasswd } from './passwd-forms.ts';
import type { Placing } from './passwd-forms.ts';
import { directory, extended, file, hardLink, opaque, symlink, whiteout } from './tar.ts';
import type { TarItem } from './tar.ts';

/** Layers above one that holds `etc/`; the bottom one first. */
type Layering = (passwd: Placing) => readonly (readonly TarItem[])[];

const etc = directory('etc');
const path = 'etc/passwd';
const other = (at = path): TarItem => file(at, otherPasswd);
const unrelated = file('srv/index.html', 'hello');
const deep = 'a-folder-with-a-long-name'.repeat(5);
const loop = [symlink('etc/loop', 'passwd'), symlink(path, 'loop')];
const chain = (length: number): readonly TarItem[] =>
  Array.from({ length }, (_, at) => symlink(`links/${at}`, `${at + 1}`));

export const layerForms = {
  // One layer, or several that have nothing to do with each other
  'one layer': (passwd) => [passwd(path)],
  'with a directory entry': (passwd) => [[etc, ...passwd(path)]],
  'with a directory entry behind': (passwd) => [[...passwd(path), etc]],
  'below unrelated layers': (passwd) => [
    passwd(path),
    [unrelated],
    [directory('etc'), file('etc/motd', 'hi')],
  ],
  'below an empty layer': (passwd) => [passwd(path), []],
  'between layers': (passwd) => [[other()], passwd(path), [file('etc/passwd-', otherPasswd)]],

  // Replaced and removed
  'an upper layer replaces it': (passwd) => [[other()], passwd(path)],
  'removed above': (passwd) => [passwd(path), [whiteout(path)]],
  'removed above and made again on top': (passwd) => [[other()], [whiteout(path)], passwd(path)],
  'made again behind its whiteout': (passwd) => [[other()], [whiteout(path), ...passwd(path)]],
  'made again before its whiteout': (passwd) => [[other()], [...passwd(path), whiteout(path)]],
  'only a whiteout of something else': (passwd) => [passwd(path), [whiteout('etc/passwd-')]],
  'a whiteout in its own layer': (passwd) => [[whiteout(path), ...passwd(path)]],
  'opaque above': (passwd) => [passwd(path), [etc, opaque('etc')]],
  'opaque and made again behind': (passwd) => [[other()], [etc, opaque('etc'), ...passwd(path)]],
  'opaque and made again before': (passwd) => [[other()], [etc, ...passwd(path), opaque('etc')]],
  'opaque without a directory entry': (passwd) => [passwd(path), [opaque('etc')]],
  'the root is opaque': (passwd) => [passwd(path), [file('.wh..wh..opq'), unrelated]],
  'etc removed above': (passwd) => [passwd(path), [whiteout('etc')]],
  'etc removed and made again behind': (passwd) => [[other()], [whiteout('etc'), etc, ...passwd(path)]],
  'etc removed and made again before': (passwd) => [[other()], [etc, ...passwd(path), whiteout('etc')]],
  'etc removed, then without it on top': (passwd) => [passwd(path), [whiteout('etc')], [etc]],
  'removed in a layer of another path form': (passwd) => [passwd(path), [file('./etc/.wh.passwd')]],
  'removed from the root': (passwd) => [passwd(path), [file('/etc/.wh.passwd')]],

  // etc is something else
  'etc becomes a file': (passwd) => [passwd(path), [file('etc', 'no')]],
  'etc becomes a file and a directory again': (passwd) => [[other()], [file('etc')], [etc, ...passwd(path)]],
  'etc becomes a file, then a directory in the same layer': (passwd) => [
    [other()],
    [file('etc'), etc, ...passwd(path)],
  ],
  'etc becomes a link': (passwd) => [[other(), ...passwd('conf/passwd')], [symlink('etc', 'conf')]],
  'etc becomes an absolute link': (passwd) => [
    [other(), ...passwd('conf/passwd')],
    [symlink('etc', '/conf')],
  ],
  'etc becomes a dangling link': (passwd) => [passwd(path), [symlink('etc', 'nowhere')]],
  'etc is linked to itself': (passwd) => [passwd(path), [symlink('etc', 'etc')]],
  'etc is a link out of the image': (passwd) => [passwd('conf/passwd'), [symlink('etc', '../../../conf')]],
  'a link below, a file through it above': (passwd) => [
    [symlink('etc', 'usr/etc'), other('usr/etc/passwd')],
    passwd(path),
  ],
  'a link below, a file through it above, with a directory entry': (passwd) => [
    [symlink('etc', 'usr/etc'), other('usr/etc/passwd')],
    [etc, ...passwd(path)],
  ],
  'a link below, its target written above': (passwd) => [
    [symlink('etc', 'usr/etc'), other('usr/etc/passwd')],
    passwd('usr/etc/passwd'),
  ],
  'a link and a file through it in one layer': (passwd) => [[symlink('etc', 'usr/etc'), ...passwd(path)]],
  'a directory below a link of one layer': (passwd) => [
    [directory('usr/etc'), symlink('etc', 'usr/etc'), etc, ...passwd(path)],
  ],
  'a link below, its whiteout and a file above': (passwd) => [
    [symlink('etc', 'usr/etc'), other('usr/etc/passwd')],
    [whiteout('etc'), ...passwd(path)],
  ],
  'a directory below, replaced by a link to what lies in it': (passwd) => [
    [other(), ...passwd('etc/real/passwd')],
    [symlink('etc', 'etc/real')],
  ],

  // The file is a link
  'a relative link': (passwd) => [[...passwd('usr/passwd'), symlink(path, '../usr/passwd')]],
  'an absolute link': (passwd) => [[...passwd('usr/passwd'), symlink(path, '/usr/passwd')]],
  'a link to the same folder': (passwd) => [[...passwd('etc/real'), symlink(path, 'real')]],
  'a link whose target comes later': (passwd) => [[symlink(path, 'real'), ...passwd('etc/real')]],
  'a link whose target is replaced above': (passwd) => [
    [other('etc/real'), symlink(path, 'real')],
    passwd('etc/real'),
  ],
  'a link whose target is removed above': (passwd) => [
    [...passwd('etc/real'), symlink(path, 'real')],
    [whiteout('etc/real')],
  ],
  'a link whose target lies below': (passwd) => [
    passwd('usr/lib/passwd'),
    [symlink(path, '/usr/lib/passwd')],
  ],
  'a link that a file replaces above': (passwd) => [[other('etc/real'), symlink(path, 'real')], passwd(path)],
  'a link to a link': (passwd) => [
    [...passwd('var/real'), symlink('usr/link', '../var/real'), symlink(path, '/usr/link')],
  ],
  'links across layers': (passwd) => [
    [...passwd('var/real'), other('var/old')],
    [symlink('usr/link', '../var/old')],
    [symlink(path, '/usr/link')],
    [symlink('usr/link', '/var/real')],
  ],
  'a chain of 40 links': (passwd) => [[...chain(40), ...passwd('links/40'), symlink(path, '/links/0')]],
  'a chain of 200 links': (passwd) => [[...chain(200), ...passwd('links/200'), symlink(path, '/links/0')]],
  'a chain of 300 links': (passwd) => [[...chain(300), ...passwd('links/300'), symlink(path, '/links/0')]],
  'a link through a linked folder': (passwd) => [
    [...passwd('data/v1/passwd'), symlink('data/current', 'v1'), symlink(path, '/data/current/passwd')],
  ],
  'a link with dots in it': (passwd) => [
    [directory('usr/lib'), ...passwd('usr/real'), symlink(path, '.././/usr/./lib/../real')],
  ],
  'a link back out of a missing folder': (passwd) => [
    [...passwd('usr/real'), symlink(path, '../usr/lib/../real')],
  ],
  'a link back out of a linked folder': (passwd) => [
    [other('data/real'), directory('data/v1'), symlink('usr/now', '/data/v1')],
    [...passwd('usr/real'), symlink(path, '../usr/now/../real')],
  ],
  'a link out of the image': (passwd) => [[...passwd('usr/real'), symlink(path, '../../../../usr/real')]],
  'a dangling link': (passwd) => [[...passwd('usr/real'), symlink(path, '/usr/unreal')]],
  'a dangling link that a layer above fills': (passwd) => [[symlink(path, '/usr/real')], passwd('usr/real')],
  'a link to itself': () => [[symlink(path, 'passwd')]],
  'a loop of links': () => [loop],
  'a link to a directory': (passwd) => [[...passwd('usr/etc/passwd'), symlink(path, '/usr/etc')]],
  'a link behind a slash': (passwd) => [[...passwd('usr/real'), symlink(path, '/usr/real/')]],

  // The file is a hard link
  'a hard link in one layer': (passwd) => [[...passwd('usr/real'), hardLink(path, 'usr/real')]],
  'a hard link with a slash in front': (passwd) => [[...passwd('usr/real'), hardLink(path, '/usr/real')]],
  'a hard link to a link': (passwd) => [
    [...passwd('etc/real'), symlink('etc/name', 'real'), hardLink(path, 'etc/name')],
  ],
  'a hard link to a hard link': (passwd) => [
    [...passwd('usr/a'), hardLink('usr/b', 'usr/a'), hardLink(path, 'usr/b')],
  ],
  'a hard link whose first name is replaced above': (passwd) => [
    [...passwd('usr/real'), hardLink(path, 'usr/real')],
    [other('usr/real')],
  ],
  'a hard link whose first name is removed above': (passwd) => [
    [...passwd('usr/real'), hardLink(path, 'usr/real')],
    [whiteout('usr/real')],
  ],
  'a hard link whose first name is replaced in its layer': (passwd) => [
    [...passwd('usr/real'), hardLink(path, 'usr/real'), other('usr/real')],
  ],
  'a hard link into the layer below': (passwd) => [
    [other(), ...passwd('usr/real')],
    [hardLink(path, 'usr/real')],
  ],
  'a hard link into the layer below, also to a removed file': (passwd) => [
    passwd('usr/real'),
    [whiteout('usr/real'), hardLink(path, 'usr/real')],
  ],
  'a hard link before its target': (passwd) => [[hardLink(path, 'usr/real'), ...passwd('usr/real')]],
  'a hard link to nothing': (passwd) => [passwd('usr/real'), [hardLink(path, 'usr/unreal')]],
  'a hard link to itself': (passwd) => [passwd(path), [hardLink(path, path)]],

  // How entries are named
  'names with a dot in front': (passwd) => [[directory('.'), directory('./etc'), ...passwd('./etc/passwd')]],
  'names with a slash in front': (passwd) => [passwd('/etc/passwd')],
  'names with doubled slashes': (passwd) => [passwd('etc//passwd')],
  'names with dots within': (passwd) => [passwd('usr/../etc/./passwd')],
  'names that lead out': (passwd) => [passwd('../../etc/passwd')],
  'names in extended headers': (passwd) => [passwd(path).map(extended)],
  'names longer than a header holds': (passwd) => [
    [...passwd(`${deep}/passwd`), symlink(path, `/${deep}/passwd`)],
  ],
  'replaced under another form of the name': (passwd) => [[other()], passwd('./etc/passwd')],
  'twice in one tar': (passwd) => [[other(), ...passwd(path)]],
  'twice in one tar, under two names': (passwd) => [[other('./etc/passwd'), ...passwd(path)]],
  'a file, then a link in one tar': (passwd) => [[...passwd('etc/real'), other(), symlink(path, 'real')]],
  'a link, then a file in one tar': (passwd) => [[other('etc/real'), symlink(path, 'real'), ...passwd(path)]],
  'a directory, then a file in one tar': (passwd) => [[directory(path), file(`${path}/x`), ...passwd(path)]],
  'a file, then a directory in one tar': (passwd) => [[...passwd(path), directory(path)]],
  'a directory above': (passwd) => [passwd(path), [directory(path)]],
  'a directory below': (passwd) => [[directory(path), file(`${path}/x`)], passwd(path)],
  'in upper case too': (passwd) => [[other('ETC/PASSWD'), other('etc/Passwd'), ...passwd(path)]],
  'names with spaces': (passwd) => [[other('etc/passwd '), other(' etc/passwd'), ...passwd(path)]],
} as const satisfies Readonly<Record<string, Layering>>;

export type LayerForm = keyof typeof layerForms;

/** Where we rather say that we do not know: links past our bounds, and what runtimes differ in. */
export const leftOpen: ReadonlySet<LayerForm> = new Set([
  'a chain of 40 links',
  'a chain of 200 links',
  'a chain of 300 links',
  'a link back out of a missing folder',
  'a link back out of a linked folder',
  'a hard link whose first name is replaced in its layer',
]);
