// All headers of one layer in little memory, so that it need not be fetched again when more of its paths are asked for.

import type { TarEntry, TarVisitor } from './tar.ts';

/** Entries of one piece of text: what is read back at a time. */
const pieceEntries = 512;

/** A name as the length that it shares with the one before, and its rest: in the order of a tar, most of it is shared. */
type PackedEntry = readonly [
  shared: number,
  rest: string,
  linkName: string,
  type: TarEntry['type'],
  uid: number,
  gid: number,
  mode: number,
  device: readonly [major: number, minor: number] | 0,
  sizeBytes: number,
  hasCapabilities: 0 | 1,
];

/** Records what a TarReader finds, contents only where they were asked for. Of a layer beyond `limitBytes` nothing is kept. */
export class LayerHeaders {
  readonly #limitBytes: number;
  readonly #texts: Buffer[] = [];
  /** By the place of the entry in the layer. */
  readonly #contents = new Map<number, Uint8Array>();
  #packed: PackedEntry[] = [];
  #lastName = '';
  #count = 0;
  #sizeBytes = 0;
  #contentBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Kept. */
  get sizeBytes(): number {
    return this.#contentBytes + (this.#isOver ? 0 : this.#sizeBytes);
  }

  get #isOver(): boolean {
    return this.#sizeBytes > this.#limitBytes;
  }

  /** Hands on what it records. */
  recording(visitor: TarVisitor): TarVisitor {
    return {
      entry: (entry) => {
        this.#add(entry);
        return visitor.entry(entry);
      },
      content: (entry, content) => {
        this.#contents.set(this.#count - 1, content);
        this.#contentBytes += content.length;
        visitor.content(entry, content);
      },
    };
  }

  /** Shows a visitor the whole layer again; false if it wants a content that was not recorded. */
  replay(visitor: TarVisitor): boolean {
    this.#pack();
    if (this.#isOver) return false;
    let name = '';
    let at = 0;
    for (const text of this.#texts)
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written below, and nowhere else
      for (const packed of JSON.parse(text.toString()) as readonly PackedEntry[]) {
        name = name.slice(0, packed[0]) + packed[1];
        const entry = entryOf(name, packed);
        const content = this.#contents.get(at);
        at += 1;
        if (!visitor.entry(entry) || entry.type !== 'file') continue;
        if (content) visitor.content(entry, content);
        else if (entry.sizeBytes > 0) return false;
      }
    return true;
  }

  #add({ name, linkName, type, uid, gid, mode, major, minor, sizeBytes, hasCapabilities }: TarEntry): void {
    this.#count += 1;
    if (this.#isOver) return;
    const shared = sharedLength(this.#lastName, name);
    const device = major === 0 && minor === 0 ? 0 : ([major, minor] as const);
    const rest = name.slice(shared);
    this.#lastName = name;
    this.#packed.push([
      shared,
      rest,
      linkName,
      type,
      uid,
      gid,
      mode,
      device,
      sizeBytes,
      hasCapabilities ? 1 : 0,
    ]);
    if (this.#packed.length === pieceEntries) this.#pack();
  }

  #pack(): void {
    if (this.#packed.length === 0) return;
    const text = Buffer.from(JSON.stringify(this.#packed));
    this.#packed = [];
    this.#sizeBytes += text.length;
    if (this.#isOver) this.#texts.length = 0;
    else this.#texts.push(text);
  }
}

function entryOf(
  name: string,
  [, , linkName, type, uid, gid, mode, device, sizeBytes, capable]: PackedEntry,
): TarEntry {
  const [major, minor] = device === 0 ? [0, 0] : device;
  return {
    name,
    linkName,
    type,
    uid,
    gid,
    mode,
    major,
    minor,
    sizeBytes,
    hasCapabilities: capable === 1,
    storedBytes: sizeBytes,
    offset: 0,
  };
}

function sharedLength(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  return at;
}
