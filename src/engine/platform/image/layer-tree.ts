// One layer as the directory tree that a runtime unpacks it to, before it is laid over the layers below.
//
// The runtimes that lay directories over one another (containerd, CRI-O, Docker, all with overlayfs) unpack each layer
// into an empty directory of its own. So a symbolic link of a lower layer leads no entry of this one anywhere, a missing
// parent becomes a real directory, and a whiteout is an entry like others that the next of its name replaces.

import type { Layer, LayerEntry } from '../../model/image.ts';

/** As unpacked. A `hardlink` is left where this layer holds no such target in front of the link. */
type LayerNode = Directory | Leaf | { readonly is: 'whiteout' };
export type Leaf = Extract<LayerEntry, { readonly is: 'file' | 'symlink' | 'hardlink' | 'other' }>;

export type Directory = {
  readonly is: 'directory';
  /** Without an entry the directory only shows by what lies in it. */
  readonly entry: Extract<LayerEntry, { readonly is: 'directory' }> | undefined;
  readonly isOpaque: boolean;
  readonly children: ReadonlyMap<string, LayerNode>;
};

/** While the layer is replayed. */
type Growing = {
  readonly is: 'directory';
  entry: Directory['entry'];
  isOpaque: boolean;
  readonly children: Map<string, Growing | Leaf | { readonly is: 'whiteout' }>;
};

/** containerd follows that many links on the way to one file. */
export const mostLinks = 255;

/** Linux takes no longer path, in characters here. */
export const longestPath = 4096;

/** Replays the entries in the order of the tar; files come with their content only where they were asked for. */
export function layerTree({ entries }: Pick<Layer, 'entries'>, asked: ReadonlySet<string>): Directory {
  const root = directory();
  for (const entry of entries) place(root, entry, asked);
  return root;
}

/** The names in a path; `.` and doubled slashes are nothing, `..` stays. */
export function namesOf(path: string): readonly string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

export function nodeAt(root: Directory, names: readonly string[]): LayerNode | undefined {
  let node: LayerNode | undefined = root;
  for (const name of names) node = node?.is === 'directory' ? node.children.get(name) : undefined;
  return node;
}

const directory = (isOpaque = false): Growing => ({
  is: 'directory',
  entry: undefined,
  isOpaque,
  children: new Map(),
});

function place(root: Growing, entry: LayerEntry, asked: ReadonlySet<string>): void {
  const names = namesOf(entry.path);
  const name = names.at(-1);
  if (name === undefined) return; // The root itself is not the image's to say.
  const parent = madeDirectory(root, entry.is === 'opaque' ? names : names.slice(0, -1));
  if (entry.is === 'opaque') parent.isOpaque = true;
  else putInto(parent, name, entry.is === 'hardlink' ? linked(root, entry, asked) : entry);
}

function putInto(parent: Growing, name: string, entry: Exclude<LayerEntry, { is: 'opaque' }>): void {
  const there = parent.children.get(name);
  switch (entry.is) {
    case 'whiteout':
      // It never hides what its own layer holds, though a runtime may refuse such a layer.
      if (there === undefined) parent.children.set(name, { is: 'whiteout' });
      if (there?.is === 'directory') there.isOpaque = true;
      return;
    case 'directory':
      if (there?.is === 'directory') there.entry = entry;
      else parent.children.set(name, { ...directory(), entry });
      return;
    case 'file':
    case 'symlink':
    case 'hardlink':
    case 'other':
      parent.children.set(name, entry);
      return;
  }
  entry satisfies never;
}

/** The directory at a path, made with its parents where it is missing. */
function madeDirectory(root: Growing, names: readonly string[]): Growing {
  let parent = root;
  for (const name of settled(root, names)) {
    let child = parent.children.get(name);
    if (child?.is !== 'directory') {
      child = directory(child?.is === 'whiteout');
      parent.children.set(name, child);
    }
    parent = child;
  }
  return parent;
}

/** Where a path leads inside this layer, its symbolic links followed; what is missing is taken as it is named. */
function settled(root: Growing, path: readonly string[]): readonly string[] {
  let ahead = path;
  let done: string[] = [];
  let links = 0;
  for (let name = ahead[0]; name !== undefined; name = ahead[0]) {
    ahead = ahead.slice(1);
    if (name === '..') done.pop();
    else done.push(name);
    const node = name === '..' ? undefined : nodeAt(root, done);
    if (node?.is !== 'symlink' || links === mostLinks) continue;
    links += 1;
    done = node.target.startsWith('/') ? [] : done.slice(0, -1);
    ahead = [...namesOf(node.target.slice(0, longestPath)), ...ahead].slice(0, longestPath);
  }
  return done;
}

type HardLink = Extract<LayerEntry, { readonly is: 'hardlink' }>;
type Linked = Leaf | Extract<LayerEntry, { readonly is: 'whiteout' }>;

/**
 * A hard link is another name for what lies at its target by then, be it a whiteout; owner and mode are set through
 * either name. It stays a link to a file that was not asked for.
 */
function linked(root: Growing, link: HardLink, asked: ReadonlySet<string>): Linked {
  const names = namesOf(link.target);
  const way = [...settled(root, names.slice(0, -1)), ...names.slice(-1)];
  const target = nodeAt(root, way);
  if (target === undefined || target.is === 'directory') return link;
  const { path, uid, gid, mode } = link;
  if (target.is === 'whiteout') return way.join('/') === path ? link : { is: 'whiteout', path };
  if (target.is === 'hardlink') return { ...link, target: target.target };
  const isAsked = asked.has(way.join('/'));
  if (target.is === 'file' && !isAsked) return { ...link, target: way.join('/') };
  return { ...target, path, uid, gid, mode };
}
