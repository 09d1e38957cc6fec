// Finds what lies at a path of an image, from the top layer down, and as early as it can no longer change.
//
// The topmost layer that says anything of a name decides what it is. Only directories are laid over one another, down to
// the first layer where the name is something else, a whiteout, or an opaque directory.

import type { Layer, LayerEntry, InquiryStep } from '../../model/image.ts';
import { layerTree, longestPath, mostLinks, namesOf, nodeAt } from './layer-tree.ts';
import type { Directory, Leaf } from './layer-tree.ts';
import { shown } from './shown.ts';
import { answer, chain, map } from './join-inquiries.ts';

/** The layers read so far, the topmost first. */
export type Image = {
  readonly layers: readonly { readonly digest: string; readonly root: Directory }[];
  readonly isWhole: boolean;
  /** What the layers were read for. Of other paths they say nothing. */
  readonly asked: ReadonlySet<string>;
};

/** The directories of all layers that make up one directory. */
type MergedDirectory = {
  readonly is: 'directory';
  readonly names: readonly string[];
  readonly parts: readonly { readonly layer: number; readonly directory: Directory }[];
  /** No layer further down adds to it. */
  readonly isClosed: boolean;
};

type FileEntry = Extract<LayerEntry, { readonly is: 'file' | 'other' }>;

type Way = {
  /** Without a slash in front; after all links. */
  readonly path: string;
  /** Followed on the way. */
  readonly links: readonly { readonly path: string; readonly target: string }[];
  /** Every directory that a name was looked up in, but the root, which anybody may search. */
  readonly passed: readonly MergedDirectory[];
};

export type FoundPath =
  | (Way & { readonly is: 'file'; readonly entry: FileEntry; readonly digest: string })
  | (Way & { readonly is: 'directory'; readonly directory: MergedDirectory })
  /** `hasMore`: more was to come behind the part that is missing. */
  | { readonly is: 'missing'; readonly path: string; readonly hasMore: boolean }
  /** Nothing can open it: links without an end, or a file where a directory should be. */
  | { readonly is: 'broken'; readonly because: string }
  /** The layers do not say it. */
  | { readonly is: 'unclear'; readonly because: string };

type Child =
  | MergedDirectory
  | { readonly is: 'leaf'; readonly leaf: Leaf; readonly layer: number }
  | { readonly is: 'nothing' };

/** On the way: where it has come to, with all directories above, and the names still ahead. */
type Walk = {
  readonly is: 'walk';
  readonly at: readonly [MergedDirectory, ...MergedDirectory[]];
  readonly ahead: readonly string[];
  readonly links: Way['links'];
  readonly passed: Way['passed'];
};

/** Paths asked for at a time. */
const mostPaths = 256;

export function imageOf(layers: readonly Layer[], isWhole: boolean, paths: readonly string[]): Image {
  const asked = new Set(paths);
  const trees = layers.map((layer) => ({ digest: layer.digest, root: layerTree(layer, asked) }));
  return { layers: trees, isWhole, asked };
}

/** What to ask layers for to find a path: the path and everything above it, where links may be. */
export function pathsTo(path: string): readonly string[] {
  return pathsAlong([], namesOf(path));
}

/**
 * Follows a path as Linux does inside a container, symbolic and hard links included; `..` never leads out of the image.
 *
 * @param path starts at the image's root, with a slash or without
 */
export function findPath(image: Image, path: string): InquiryStep<FoundPath> {
  const root: MergedDirectory = {
    is: 'directory',
    names: [],
    parts: image.layers.map((layer, index) => ({ layer: index, directory: layer.root })),
    isClosed: image.isWhole,
  };
  let walk: Walk = { is: 'walk', at: [root], ahead: namesOf(path), links: [], passed: [] };
  for (;;) {
    const step = oneName(image, walk);
    if (step.is !== 'answer') return step;
    if (step.answer.is !== 'walk') return answer(step.answer);
    walk = step.answer;
  }
}

/** Takes one name off the way ahead; a link puts its target there instead, which only so many of them may do. */
function oneName(image: Image, walk: Walk): InquiryStep<FoundPath | Walk> {
  const [name, ...ahead] = walk.ahead;
  const here = walk.at[0];
  if (name === undefined) return answer({ ...wayOf(walk, here.names), is: 'directory', directory: here });
  const passed = here.names.length === 0 ? walk.passed : [...walk.passed, here];
  const onward = { ...walk, ahead, passed };
  if (name === '..') return answer({ ...onward, at: above(walk.at) });
  return chain(childOf(image, here, walk.ahead), (child): InquiryStep<FoundPath | Walk> => {
    switch (child.is) {
      case 'nothing':
        if (climbsOut(ahead)) return answer(disputed([...here.names, name]));
        return answer({ is: 'missing', path: [...here.names, name].join('/'), hasMore: ahead.length > 0 });
      case 'directory':
        return answer({ ...onward, at: [child, ...walk.at] });
      case 'leaf':
        return chain(meant(image, child), (leaf) =>
          answer(leaf.is === 'unclear' ? leaf : throughLeaf(image, onward, name, leaf)),
        );
    }
    return child satisfies never;
  });
}

function above(at: Walk['at']): Walk['at'] {
  const [, parent, ...rest] = at;
  return parent === undefined ? at : [parent, ...rest];
}

const wayOf = ({ links, passed }: Walk, names: readonly string[]): Way => ({
  path: names.join('/'),
  links,
  passed,
});

function throughLeaf(
  image: Image,
  walk: Walk,
  name: string,
  { leaf, layer }: Extract<Child, { is: 'leaf' }>,
): FoundPath | Walk {
  const names = [...walk.at[0].names, name];
  if (leaf.is === 'symlink')
    return climbsOut(walk.ahead) ? disputed(names) : throughLink(walk, names, leaf.target);
  if (leaf.is === 'hardlink' || walk.ahead.length > 0)
    return { is: 'broken', because: `${shown(names.join('/'))} is not a directory` };
  const digest = image.layers[layer]?.digest ?? '';
  return { ...wayOf(walk, names), is: 'file', entry: leaf, digest };
}

/** Linux takes back one step where containerd takes back one name, which may be a link or may not be there. */
const disputed = (names: readonly string[]): Extract<FoundPath, { is: 'unclear' }> => ({
  is: 'unclear',
  because: `runtimes differ in where .. leads behind ${shown(names.join('/'))}`,
});

/** True when `..` leads back to before the first of the names. */
function climbsOut(names: readonly string[]): boolean {
  let depth = 0;
  for (const name of names) {
    depth += name === '..' ? -1 : 1;
    if (depth < 0) return true;
  }
  return false;
}

function throughLink(walk: Walk, names: readonly string[], target: string): FoundPath | Walk {
  const ahead = [...namesOf(target), ...walk.ahead];
  if (walk.links.length === mostLinks || ahead.join('/').length > longestPath)
    return { is: 'broken', because: `the links at ${shown(names.join('/'))} have no end` };
  return {
    ...walk,
    ahead,
    at: target.startsWith('/') ? [walk.at.at(-1) ?? walk.at[0]] : walk.at,
    links: [...walk.links, { path: names.join('/'), target }],
  };
}

/** What the first name of `ahead` is in a directory, as soon as no further layer can change it. */
function childOf(image: Image, here: MergedDirectory, ahead: readonly string[]): InquiryStep<Child> {
  const names = [...here.names, ...ahead.slice(0, 1)];
  if (!image.asked.has(names.join('/'))) return { is: 'morePaths', paths: pathsAlong(here.names, ahead) };
  const parts: { layer: number; directory: Directory }[] = [];
  const merged = (isClosed: boolean): Child => ({ is: 'directory', names, parts, isClosed });
  for (const { layer, directory } of here.parts) {
    const node = directory.children.get(names.at(-1) ?? '');
    if (node === undefined) continue;
    if (node.is !== 'directory') {
      if (parts.length > 0) return answer(merged(true));
      return answer(node.is === 'whiteout' ? { is: 'nothing' } : { is: 'leaf', leaf: node, layer });
    }
    parts.push({ layer, directory: node });
    if (node.isOpaque) return answer(merged(true));
  }
  if (parts.length > 0) return answer(merged(here.isClosed));
  return here.isClosed ? answer({ is: 'nothing' }) : { is: 'nextLayer' };
}

type Meant = Extract<Child, { is: 'leaf' }> | Extract<FoundPath, { is: 'unclear' }>;

/** For a hard link that leads out of its layer, what lies at its target in the layers below. */
function meant(image: Image, child: Extract<Child, { is: 'leaf' }>): InquiryStep<Meant> {
  const { leaf: link, layer } = child;
  if (link.is !== 'hardlink') return answer(child);
  const unclear = answer<Meant>({
    is: 'unclear',
    because: `${shown(link.path)} is a hard link to ${shown(link.target)}, which does not lie before it`,
  });
  const names = namesOf(link.target);
  if (!image.asked.has(names.join('/'))) return { is: 'morePaths', paths: pathsAlong([], names) };
  const root = image.layers[layer]?.root;
  if (root === undefined || nodeAt(root, names) !== undefined) return unclear;
  const below = withoutLayers(image, layer);
  return chain(findPath(below, names.slice(0, -1).join('/')), (parent) => {
    if (parent.is !== 'directory') return unclear;
    return chain(childOf(below, parent.directory, names.slice(-1)), (target) =>
      target.is === 'leaf' ? map(meant(below, target), (last) => renamed(last, link)) : unclear,
    );
  });
}

const emptyDirectory: Directory = { is: 'directory', entry: undefined, isOpaque: false, children: new Map() };

/** The image without its top layers, down to this one. The others keep their places. */
function withoutLayers(image: Image, last: number): Image {
  const layers = image.layers.map((layer, index) =>
    index <= last ? { ...layer, root: emptyDirectory } : layer,
  );
  return { ...image, layers };
}

const renamed = (target: Meant, { path, uid, gid, mode }: Leaf): Meant =>
  target.is === 'leaf' ? { ...target, leaf: { ...target.leaf, path, uid, gid, mode } } : target;

/** The path with everything above it, as its names say; a link on it is not known yet. */
function pathsAlong(from: readonly string[], ahead: readonly string[]): readonly string[] {
  const paths = new Set<string>();
  let names = from;
  for (const name of ahead.slice(0, mostPaths)) {
    names = name === '..' ? names.slice(0, -1) : [...names, name];
    if (name !== '..') paths.add(names.join('/'));
  }
  return [...paths];
}

/**
 * Owner and mode of a directory. One without an entry got them when it was unpacked, from the topmost layer below that
 * had one at its path then; else it is root's.
 */
export function ownerOf(image: Image, { names, parts }: MergedDirectory): InquiryStep<PathOwner> {
  for (const { root } of image.layers.slice(parts[0]?.layer ?? 0)) {
    const node = nodeAt(root, names);
    if (node !== undefined && (node.is !== 'directory' || names.length === 0)) return answer(rootOwned);
    if (node?.is === 'directory' && node.entry) return answer(node.entry);
  }
  return image.isWhole || names.length === 0 ? answer(rootOwned) : { is: 'nextLayer' };
}

export type PathOwner = { readonly uid: number; readonly gid: number; readonly mode: number };

const rootOwned: PathOwner = { uid: 0, gid: 0, mode: 0o755 };
