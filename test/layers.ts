// Builds layers that read as their tars: layer(file('etc/passwd', …), whiteout('etc/group')); and reads them for an inquiry.

import type { ImageConfig, Inquiry, Layer, LayerEntry } from '../src/engine/model/image.ts';

type Owner = {
  readonly uid?: number;
  readonly gid?: number;
  readonly mode?: number;
  readonly hasCapabilities?: boolean;
};

const placed = (path: string, { uid = 0, gid = 0, mode }: Owner, usualMode: number) => ({
  path,
  uid,
  gid,
  mode: mode ?? usualMode,
});

export function file(path: string, content: string | Uint8Array = '', owner: Owner = {}): LayerEntry {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const { hasCapabilities = false } = owner;
  return {
    ...placed(path, owner, 0o644),
    is: 'file',
    content: bytes,
    sizeBytes: bytes.length,
    hasCapabilities,
  };
}

/** Larger than what is kept of a file. */
export const largeFile = (path: string, owner: Owner = {}): LayerEntry => ({
  ...placed(path, owner, 0o644),
  is: 'file',
  sizeBytes: 1e9,
  hasCapabilities: owner.hasCapabilities ?? false,
});

export const program = (path: string, content = '\u007FELF\0', owner: Owner = {}): LayerEntry =>
  file(path, content, { mode: 0o755, ...owner });

export const directory = (path: string, owner: Owner = {}): LayerEntry => ({
  ...placed(path, owner, 0o755),
  is: 'directory',
});

export const symlink = (path: string, target: string): LayerEntry => ({
  ...placed(path, {}, 0o777),
  is: 'symlink',
  target,
});

export const hardlink = (path: string, target: string, owner: Owner = {}): LayerEntry => ({
  ...placed(path, owner, 0o644),
  is: 'hardlink',
  target,
});

export const device = (path: string): LayerEntry => ({ ...placed(path, {}, 0o644), is: 'other' });
export const whiteout = (path: string): LayerEntry => ({ is: 'whiteout', path });
export const opaque = (path: string): LayerEntry => ({ is: 'opaque', path });

export type TarEntries = readonly LayerEntry[];

/** All entries of one layer, in the order of its tar. */
export const layer = (...entries: TarEntries): TarEntries => entries;

export const config = (some: Partial<ImageConfig> = {}): ImageConfig => ({
  os: 'linux',
  architecture: 'amd64',
  user: '',
  workingDir: '',
  volumes: [],
  exposedPorts: [],
  entrypoint: [],
  cmd: [],
  ...some,
});

/** `sha256:1` is the bottom layer. */
export const digestOf = (number: number): string => `sha256:${number}`;

export type Read<T> = {
  readonly answer: T;
  /** Layers that were read to give it. */
  readonly layers: number;
  /** How often they were read again for more paths. */
  readonly again: number;
};

/** Answers an inquiry as a reader of layers does. The layers are given as a Dockerfile makes them: the bottom first. */
export function readImage<T>(inquiry: Inquiry<T>, ...bottomUp: readonly TarEntries[]): Read<T> {
  const topDown = bottomUp.map((entries, index) => ({ entries, digest: digestOf(index + 1) })).toReversed();
  const asked = new Set(inquiry.paths);
  let layers = 0;
  let again = 0;
  for (let turns = 0; turns < 1000; turns += 1) {
    const read = topDown.slice(0, layers).map((each) => askedOf(each, asked));
    const step = inquiry.decide(read, layers === topDown.length, [...asked]);
    if (step.is === 'answer') return { answer: step.answer, layers, again };
    if (step.is === 'nextLayer') {
      layers += 1;
      if (layers > topDown.length) throw new Error('it wants a layer below the bottom');
      continue;
    }
    again += 1;
    if (step.paths.every((path) => asked.has(path))) throw new Error('it asks for the same again');
    for (const path of step.paths) asked.add(path);
  }
  throw new Error('it never answers');
}

/** The entries on asked paths and above them, and for a directory that has none the last one that lies in it. */
export function askedOf({ entries, digest }: Layer, asked: ReadonlySet<string>): Layer {
  const wanted = new Set(
    [...asked].flatMap((path) => path.split('/').map((_, at, all) => all.slice(0, at + 1).join('/'))),
  );
  const own = new Set(entries.filter(({ is }) => is !== 'whiteout').map(({ path }) => path));
  const kept = entries.filter(
    ({ path }, at) =>
      wanted.has(path) ||
      [...wanted].some(
        (above) =>
          path.startsWith(`${above}/`) &&
          !own.has(above) &&
          entries.findLastIndex((entry) => entry.path.startsWith(`${above}/`)) === at,
      ),
  );
  return { digest, entries: kept };
}
