// Of a layer's entries, those that concern the asked paths: the last one of each path.

import type { Layer, LayerEntry } from '../../engine/model/image.ts';
import { RegistryError } from '../error.ts';
import type { Limits } from '../limits.ts';
import type { TarEntry, TarVisitor } from './tar.ts';

/** A clean path from the image root; `''` is the root itself. */
export function cleanPath(path: string): string {
  if (isClean.test(path)) return path;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** No empty part, and none that starts with a dot: the common case. */
const isClean = /^[^/.][^/]*(?:\/[^/.][^/]*)*$/;

const whiteoutPrefix = '.wh.';
const opaqueName = '.wh..wh..opq';

/** Keys of entries that stand for another path have a NUL, which no path has. */
const below = 'below\0';

/** Collects while a TarReader reads. Its memory is bounded by the paths, not by the layer. */
export class LayerEntries implements TarVisitor {
  readonly #asked: ReadonlySet<string>;
  readonly #wanted: ReadonlySet<string>;
  readonly #roots: ReadonlySet<string>;
  readonly #limits: Limits;
  readonly #kept = new Map<string, LayerEntry>();
  #count = 0;

  constructor(paths: ReadonlySet<string>, limits: Limits) {
    this.#asked = paths;
    this.#wanted = new Set([...paths].flatMap(pathsDownTo));
    this.#roots = new Set([...paths].map(firstPart));
    this.#limits = limits;
  }

  layer(digest: string): Layer {
    // A path with its own entry needs no other to stand for it.
    const entries = [...this.#kept].filter(
      ([key]) => !key.startsWith(below) || !this.#kept.has(key.slice(below.length)),
    );
    return { digest, entries: entries.map(([, entry]) => entry) };
  }

  entry(entry: TarEntry): boolean {
    this.#count += 1;
    if (this.#count > this.#limits.entries)
      throw new RegistryError('tooMany', `it has more than ${this.#limits.entries} entries`);
    const path = cleanPath(entry.name);
    if (depthOf(path, this.#limits.pathDepth) > this.#limits.pathDepth)
      throw new RegistryError('tooDeep', `it has a path of more than ${this.#limits.pathDepth} parts`);
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (name.startsWith(whiteoutPrefix)) this.#keepMarker(path, name);
    else if (path !== '') this.#keepEntry(path, entry);
    return this.#asked.has(path) && entry.sizeBytes <= this.#limits.contentBytes;
  }

  content(entry: TarEntry, content: Uint8Array): void {
    const path = cleanPath(entry.name);
    const kept = this.#kept.get(path);
    if (kept?.is === 'file') this.#kept.set(path, { ...kept, content });
  }

  #keepMarker(path: string, name: string): void {
    const folder = path.slice(0, Math.max(0, path.length - name.length - 1));
    if (name === opaqueName) return this.#keep(`opaque\0${folder}`, { is: 'opaque', path: folder });
    if (path.startsWith('.wh..wh.')) return; // metadata of aufs
    const gone = name.slice(whiteoutPrefix.length);
    if (gone === '' || gone === '.' || gone === '..')
      throw new RegistryError('badAnswer', 'the tar is damaged: a whiteout removes its own folder');
    const target = folder === '' ? gone : `${folder}/${gone}`;
    this.#keep(`whiteout\0${target}`, { is: 'whiteout', path: target });
    this.#keepBelow(target, { is: 'whiteout', path: target });
  }

  #keepEntry(path: string, entry: TarEntry): void {
    // Anything but a folder replaces a folder with everything in it.
    if (entry.type !== 'directory' && this.#wanted.has(path)) this.#removeBelow(path);
    if (isOverlayWhiteout(entry)) {
      this.#kept.delete(path);
      return this.#keep(`whiteout\0${path}`, { is: 'whiteout', path });
    }
    const kept = layerEntryOf(path, entry);
    this.#keep(path, kept);
    this.#keepBelow(path, kept);
  }

  /** The last entry below each asked path is kept too, since it shows that the path is a folder. */
  #keepBelow(path: string, entry: LayerEntry): void {
    if (this.#wanted.has(path) || !this.#roots.has(firstPart(path))) return;
    const above = this.#askedAbove(path);
    if (above !== undefined) this.#put(below + above, entry);
  }

  #keep(key: string, entry: LayerEntry): void {
    if (this.#wanted.has(entry.path)) this.#put(key, entry);
  }

  #put(key: string, entry: LayerEntry): void {
    this.#kept.delete(key);
    this.#kept.set(key, entry);
  }

  #removeBelow(path: string): void {
    for (const [key, { path: kept }] of this.#kept) if (kept.startsWith(`${path}/`)) this.#kept.delete(key);
  }

  /** The deepest one; those above it are shown to be folders by the same entry. */
  #askedAbove(path: string): string | undefined {
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1))
      if (this.#asked.has(path.slice(0, slash))) return path.slice(0, slash);
    return undefined;
  }
}

function layerEntryOf(path: string, entry: TarEntry): LayerEntry {
  const placed = { path, uid: entry.uid, gid: entry.gid, mode: entry.mode };
  switch (entry.type) {
    case 'file':
      return { ...placed, is: 'file', sizeBytes: entry.sizeBytes, hasCapabilities: entry.hasCapabilities };
    case 'directory':
      return { ...placed, is: 'directory' };
    case 'symlink':
      return { ...placed, is: 'symlink', target: entry.linkName };
    case 'link':
      return { ...placed, is: 'hardlink', target: cleanPath(entry.linkName) };
    case 'characterDevice':
    case 'blockDevice':
    case 'fifo':
      return { ...placed, is: 'other' };
    default:
      return entry.type satisfies never;
  }
}

/** For overlayfs, a device 0:0 marks a removed file. */
function isOverlayWhiteout({ type, major, minor }: TarEntry): boolean {
  return type === 'characterDevice' && major === 0 && minor === 0;
}

/** Everything above a path, the root included, and the path itself. */
function pathsDownTo(path: string): readonly string[] {
  const parts = path.split('/');
  return ['', ...parts.map((_, last) => parts.slice(0, last + 1).join('/'))];
}

function firstPart(path: string): string {
  const slash = path.indexOf('/');
  return slash < 0 ? path : path.slice(0, slash);
}

/** Stops counting at the limit. */
function depthOf(path: string, limit: number): number {
  let depth = 1;
  for (let at = path.indexOf('/'); at >= 0 && depth <= limit; at = path.indexOf('/', at + 1)) depth += 1;
  return depth;
}
