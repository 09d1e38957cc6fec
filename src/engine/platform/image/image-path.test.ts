// Looking from the top layer down finds what there is once all layers are unpacked over one another, and no later.

import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import {
  device,
  digestOf,
  directory,
  file,
  hardlink,
  layer,
  opaque,
  readImage,
  symlink,
  whiteout,
} from '../../../../test/layers.ts';
import type { Read, TarEntries } from '../../../../test/layers.ts';
import type { Inquiry, LayerEntry } from '../../model/image.ts';
import { findPath, imageOf, ownerOf, pathsTo } from './image-path.ts';
import { map } from './join-inquiries.ts';

/** What is at a path, as one line: `file sha256:1 a/b`, `directory a/b`, or how it ends. */
const inquiryFor = (path: string): Inquiry<string> => ({
  paths: pathsTo(path),
  decide: (layers, isWhole, paths) =>
    map(findPath(imageOf(layers, isWhole, paths), path), (found) => {
      switch (found.is) {
        case 'file':
          return `${found.entry.is} ${found.digest} ${found.path} of ${found.entry.uid}`;
        case 'directory':
          return `directory ${found.path}`;
        case 'missing':
        case 'broken':
        case 'unclear':
          return found.is;
      }
      return found satisfies never;
    }),
});

const find = (path: string, ...layers: readonly TarEntries[]): Read<string> =>
  readImage(inquiryFor(path), ...layers);

/** A file system that layers are unpacked onto from the bottom up: a flat list of clean paths. */
type Model = Map<string, Node>;
type Node =
  | { readonly is: 'directory' | 'whiteout' | 'unclear' }
  | { readonly is: 'file' | 'other'; readonly digest: string; readonly uid: number }
  | { readonly is: 'symlink'; readonly target: string };

const names = (path: string): string[] => path.split('/').filter((name) => name !== '' && name !== '.');
const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
const below = (model: Model, path: string): string[] =>
  [...model.keys()].filter((at) => at.startsWith(`${path}/`));

/** Where a path ends, by walking it; how it ends where it does not. */
function walk(model: Model, path: string): string | { readonly ends: 'missing' | 'broken' | 'unclear' } {
  let ahead = names(path);
  let at = '';
  for (let links = 0; links < 300;) {
    const [name, ...rest] = ahead;
    if (name === undefined) return at;
    ahead = rest;
    if (name === '..') {
      at = parentOf(at);
      continue;
    }
    const next = at === '' ? name : `${at}/${name}`;
    const node = model.get(next);
    const isBack = rest.some((_, end) => {
      const until = rest.slice(0, end + 1);
      return until.filter((one) => one === '..').length > until.filter((one) => one !== '..').length;
    });
    if (!node) return { ends: isBack ? 'unclear' : 'missing' };
    if (node.is === 'unclear') return { ends: 'unclear' };
    if (node.is === 'symlink') {
      if (isBack) return { ends: 'unclear' };
      links += 1;
      if (node.target.startsWith('/')) at = '';
      ahead = [...names(node.target), ...rest];
    } else if (node.is === 'directory' || rest.length === 0) at = next;
    else return { ends: 'broken' };
  }
  return { ends: 'broken' };
}

/** One layer by itself, whiteouts included, and which of its directories hide what is below. */
function unpack(entries: TarEntries, digest: string, lower: Model): { own: Model; opaques: Set<string> } {
  const own: Model = new Map();
  const opaques = new Set<string>();
  const makeParents = (path: string): void => {
    if (path === '') return;
    makeParents(parentOf(path));
    const there = own.get(path)?.is;
    if (there === 'whiteout') opaques.add(path);
    if (there !== 'directory') own.set(path, { is: 'directory' });
  };
  const put = (path: string, node: Node): void => {
    for (const gone of below(own, path)) own.delete(gone);
    opaques.delete(path);
    own.set(path, node);
  };
  for (const entry of entries) {
    const { path } = entry;
    makeParents(entry.is === 'opaque' ? path : parentOf(path));
    if (entry.is === 'opaque') opaques.add(path);
    else if (entry.is === 'whiteout') {
      if (!own.has(path)) own.set(path, { is: 'whiteout' });
      if (own.get(path)?.is === 'directory') opaques.add(path);
    } else if (entry.is === 'directory') {
      if (own.get(path)?.is !== 'directory') put(path, { is: 'directory' });
    } else if (entry.is === 'symlink') put(path, { is: 'symlink', target: entry.target });
    else if (entry.is === 'hardlink') put(path, linked(entry, own, lower, entries));
    else put(path, { is: entry.is, digest, uid: entry.uid });
  }
  return { own, opaques };
}

function linked(
  link: Extract<LayerEntry, { is: 'hardlink' }>,
  own: Model,
  lower: Model,
  all: TarEntries,
): Node {
  const isLater = all.some(({ path }) => path === link.target || path.startsWith(`${link.target}/`));
  const here = lookUp(own, link.target);
  if (here?.is === 'whiteout' && link.target !== link.path) return here;
  const target = here && here.is !== 'whiteout' ? here : isLater ? undefined : lookUp(lower, link.target);
  if (!target || target.is === 'directory') return { is: 'unclear' };
  return 'uid' in target ? { ...target, uid: link.uid } : target;
}

/** What is at a path itself, a link not followed. */
function lookUp(model: Model, at: string): Node | undefined {
  const parent = walk(model, parentOf(at));
  return typeof parent === 'string' ? model.get(names(`${parent}/${names(at).at(-1)}`).join('/')) : undefined;
}

/** Lays a layer over those below it. */
function layOver(model: Model, { own, opaques }: ReturnType<typeof unpack>): void {
  for (const path of [...own.keys(), ...opaques].toSorted()) {
    const node = own.get(path);
    if (node?.is !== 'directory' || model.get(path)?.is !== 'directory') model.delete(path);
    if (node?.is !== 'directory' || !model.has(path) || opaques.has(path))
      for (const gone of below(model, path)) model.delete(gone);
    if (node && node.is !== 'whiteout') model.set(path, node);
  }
}

function expected(path: string, layers: readonly TarEntries[]): string {
  const model: Model = new Map();
  for (const [index, entries] of layers.entries())
    layOver(model, unpack(entries, digestOf(index + 1), model));
  const end = walk(model, path);
  if (typeof end !== 'string') return end.ends;
  const node = model.get(end);
  return node && 'uid' in node ? `${node.is} ${node.digest} ${end} of ${node.uid}` : `directory ${end}`;
}

const path = fc
  .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('/'));
const target = fc
  .tuple(
    fc.constantFrom('', '/'),
    fc.array(fc.constantFrom('a', 'b', 'c', '..', '.'), { minLength: 1, maxLength: 3 }),
  )
  .map(([slash, parts]) => slash + parts.join('/'));
const entry: fc.Arbitrary<LayerEntry> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(path, fc.nat(3)).map(([at, uid]) => file(at, '', { uid })) },
  { weight: 3, arbitrary: path.map((at) => directory(at)) },
  { weight: 2, arbitrary: path.map(whiteout) },
  { weight: 1, arbitrary: path.map(opaque) },
  { weight: 1, arbitrary: path.map(device) },
  { weight: 3, arbitrary: fc.tuple(path, target).map(([at, to]) => symlink(at, to)) },
  { weight: 2, arbitrary: fc.tuple(path, path).map(([at, to]) => hardlink(at, to, { uid: 7 })) },
);

/**
 * A layer that a runtime can unpack: each path once but for its whiteout, nothing in what is no directory by then, and no
 * whiteout of a directory that the layer has filled before.
 */
const tar = fc.array(entry, { maxLength: 5 }).map((entries) => {
  const links = entries.filter(({ is }) => is === 'symlink' || is === 'hardlink').map(({ path: at }) => at);
  const leaves = new Set<string>();
  const seen = new Set<string>();
  const filled = new Set<string>();
  return entries.filter(({ is, path: at }) => {
    const key = `${is === 'whiteout' || is === 'opaque' ? is : ''}${at}`;
    const inside = is === 'opaque' ? `${at}/` : at;
    if (seen.has(key) || [...links, ...leaves].some((leaf) => inside.startsWith(`${leaf}/`))) return false;
    if (is === 'whiteout' && [...filled].some((other) => other.startsWith(`${at}/`))) return false;
    seen.add(key);
    filled.add(at);
    if (is === 'directory') leaves.delete(at);
    else if (is !== 'opaque') leaves.add(at);
    return true;
  });
});

describe('random layers', () => {
  test('from the top down come to what unpacking them from the bottom up comes to', () => {
    fc.assert(
      fc.property(fc.array(tar, { maxLength: 4 }), path, (layers, at) => {
        expect(find(at, ...layers).answer).toBe(expected(at, layers));
      }),
      { numRuns: 5000 },
    );
  });

  test('are read no further than to where nothing below can change the answer', () => {
    fc.assert(
      fc.property(fc.array(tar, { minLength: 1, maxLength: 4 }), path, (layers, at) => {
        const { answer, layers: read } = find(at, ...layers);
        const [seen, upper] = [layers.slice(-read), layers.slice(layers.length - read + 1)];
        // Whatever is put below what was read, the answer stays.
        const others = [
          [],
          [layer(file('a'), file('b'), file('c'))],
          [layer(symlink('a', 'b'), file('b/b/b'))],
        ];
        for (const lower of read < layers.length ? others : [])
          expect(bare(find(at, ...lower, ...seen).answer)).toBe(bare(answer));
        if (answer === 'unclear') return; // It may take a layer to see that there is nothing to see.
        // With one layer less, something below could still have changed it.
        const possible = [
          [],
          ...pathsUpTo(at, layers).flatMap((some) => [[layer(file(some))], [linkedAway(some)]]),
        ];
        const answers = new Set(possible.map((lower) => bare(find(at, ...lower, ...upper).answer)));
        expect(answers.size).toBeGreaterThan(1);
      }),
      { numRuns: 1000 },
    );
  });
});

const bare = (answer: string): string => answer.replace(/sha256:\d+/, '');

/** A layer with a link to a directory that has files. */
const linkedAway = (at: string): TarEntries =>
  layer(symlink(at, '/z'), file('z/a'), file('z/b'), file('z/c'));

/** Every path that a walk could come through. */
function pathsUpTo(at: string, layers: readonly TarEntries[]): readonly string[] {
  const three = ['a', 'b', 'c'];
  const two = three.flatMap((first) => three.map((second) => `${first}/${second}`));
  const all = [...three, ...two, ...two.flatMap((first) => three.map((second) => `${first}/${second}`))];
  const asked = layers.flat().map(({ path: some }) => some);
  return [
    ...new Set([at, ...asked, ...all, ...all.flatMap((some) => three.map((last) => `${some}/${last}`))]),
  ];
}

test.each<[why: string, entries: TarEntries, answer: string]>([
  ['to a hard link', layer(file('a'), hardlink('b', 'a'), hardlink('c', 'b')), 'file sha256:1 c of 0'],
  ['to a whiteout is one', layer(whiteout('a'), hardlink('c', 'a')), 'missing'],
  ['to its own whiteout leads nowhere', layer(whiteout('c'), hardlink('c', 'c')), 'unclear'],
])('a hard link %s', (_why, entries, answer) => {
  expect(find('c', layer(file('a'), file('c')), entries).answer.replace(':2', ':1')).toBe(answer);
});

test.each<[why: string, entries: TarEntries]>([
  ['a name that is not there', layer(symlink('a', 'x/y/../../c'), file('c'))],
  ['a link', layer(symlink('a', 'b/../c'), symlink('b', 'd/e'), directory('d/e'), file('c'), file('d/c'))],
])('nobody says where .. leads behind %s', (_why, entries) => {
  expect(find('a', entries).answer).toBe('unclear');
});

test('.. leads back out of a directory', () => {
  expect(find('a', layer(symlink('a', 'd/../c'), directory('d'), file('c'))).answer).toMatch(/^file .* c of/);
});

describe('the owner of a directory', () => {
  const ownerAt = (at: string, ...layers: readonly TarEntries[]): Read<string> =>
    readImage(
      {
        paths: pathsTo(at),
        decide: (read, isWhole, paths) => {
          const image = imageOf(read, isWhole, paths);
          const found = findPath(image, at);
          if (found.is !== 'answer') return found;
          if (found.answer.is !== 'directory') return { is: 'answer', answer: found.answer.is };
          return map(
            ownerOf(image, found.answer.directory),
            ({ uid, gid, mode }) => `${uid}:${gid} ${mode.toString(8)}`,
          );
        },
      },
      ...layers,
    );

  const owned = directory('a/b', { uid: 5, gid: 6, mode: 0o700 });

  test.each<[why: string, layers: readonly TarEntries[], answer: string, read: number]>([
    ['is that of the top layer', [layer(directory('a/b')), layer(owned)], '5:6 700', 1],
    [
      'is that of the layer below, where it only shows by its contents',
      [layer(owned), layer(file('a/b/c'))],
      '5:6 700',
      2,
    ],
    [
      'is that of the layer below, even where nothing else of it shows',
      [layer(owned), layer(opaque('a/b'))],
      '5:6 700',
      2,
    ],
    ['is root where no layer says it', [layer(file('a/b/c'))], '0:0 755', 1],
    [
      'is root below what is no directory',
      [layer(owned), layer(whiteout('a/b')), layer(file('a/b/c'))],
      '0:0 755',
      2,
    ],
  ])('%s', (_why, layers, answer, read) => {
    expect(ownerAt('a/b', ...layers)).toMatchObject({ answer, layers: read });
  });

  test("is root's for the root, whatever a layer says, and without any layer", () => {
    expect(ownerAt('/', layer(owned))).toMatchObject({ answer: '0:0 755', layers: 0 });
  });
});

test('a path that was not asked for is asked for, with everything above what its names say', () => {
  const image = imageOf([{ digest: 'sha256:1', entries: [symlink('a', '/x/y/../z')] }], true, ['a', 'a/b']);
  expect(findPath(image, 'a/b')).toEqual({ is: 'morePaths', paths: ['x', 'x/y', 'x/z', 'x/z/b'] });
});
