// Reads one page of a list as its bytes come in, and parses only the items with a needle. Memory holds one window of it,
// however long the page is: what does not fit is cut into its items, and an item that does not fit is skipped.

import { listAt, objectAt, textOf } from '../../engine/platform/data/field.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { identityAt } from './identity.ts';
import type { Identity } from './identity.ts';
import {
  afterSpace,
  eachMember,
  endOfValue,
  endsWith,
  enough,
  NestEnd,
  none,
  parseJson,
} from './json-bytes.ts';
import { hasNeedle, searcher } from './needles.ts';
import { WireError } from './wire-error.ts';

/**
 * A longer object is skipped. The API server stores about 1.5 MiB of one, which becomes more than this only where most
 * of it is characters that JSON escapes.
 */
export const objectLimitBytes = 4 * 1024 * 1024;

const comma = 0x2c;
const openBrace = 0x7b;
const openBracket = 0x5b;

/** What a page says apart from its items. An empty token means that it is the last. */
type PageEnd = { readonly resourceVersion: string; readonly continueToken: string };

export type PageReaderOptions = {
  /** An item without any of these in its JSON is not parsed; without needles all are. */
  readonly needles: readonly string[];
  /** Of an item that is not parsed its metadata is handed out, and nothing else. */
  readonly keepsMetadata?: boolean;
  /** Called with each object that is too large, as far as its first bytes say which it is. */
  readonly onSkipped: (object: Identity | undefined) => void;
  /** To be used again for page after page; it is emptied first. */
  readonly window?: ByteBuffer;
};

export class PageReader {
  readonly #options: PageReaderOptions;
  /** What came and is not taken yet. */
  readonly #window: ByteBuffer;
  /** The page without the items that were taken from it: JSON as well. */
  readonly #frame: ByteBuffer;
  #at: 'before items' | 'in items' | 'behind items' = 'before items';
  #skipping: NestEnd | undefined;
  #end: PageEnd | undefined;

  constructor(options: PageReaderOptions) {
    this.#options = options;
    this.#window = options.window ?? new ByteBuffer(objectLimitBytes);
    this.#window.clear();
    this.#frame = new ByteBuffer(this.#window.limitBytes);
  }

  /** Hands out the items that have a needle; `end` is known afterwards. Throws WireError for what is not a list. */
  async *items(chunks: AsyncIterable<Buffer>): AsyncGenerator {
    for await (const chunk of chunks) yield* this.push(chunk);
    yield* this.finish();
  }

  get end(): PageEnd {
    if (!this.#end) throw new WireError('garbage', 'The answer ended in the middle of a list');
    return this.#end;
  }

  /** The items that have to leave the window to make room. */
  push(chunk: Buffer): readonly unknown[] {
    // Small against the window: an object counts as too large when the next piece finds no room beside it.
    const pieceBytes = this.#window.limitBytes / 4;
    const items: unknown[] = [];
    for (let at = 0; at < chunk.length; at += pieceBytes)
      items.push(...this.#take(chunk.subarray(at, at + pieceBytes)));
    return items;
  }

  /** All others. */
  finish(): readonly unknown[] {
    const { bytes } = this.#window;
    const { needles, keepsMetadata } = this.#options;
    const isQuick = this.#at === 'before items' && !keepsMetadata && !hasNeedle(bytes, needles);
    this.#end = isQuick ? endInHead(bytes) : undefined;
    if (this.#end) return [];
    const items = this.#cut();
    this.#keepFrame(this.#window.size);
    const { metadata, items: left } = objectAt(parseJson(this.#frame.bytes));
    if (metadata === undefined || (left !== null && !Array.isArray(left)))
      throw new WireError('garbage', 'The answer is not a list');
    this.#end = endOf(metadata);
    return [...items, ...listAt(left)];
  }

  #take(piece: Buffer): readonly unknown[] {
    const rest = this.#afterSkipped(piece);
    if (this.#window.append(rest)) return [];
    const items = this.#cut();
    if (this.#window.append(rest)) return items;
    this.#startSkipping();
    return [...items, ...this.#take(rest)];
  }

  /** The items that are in the window from end to end; what follows them stays in it. */
  #cut(): readonly unknown[] {
    if (this.#at === 'before items') this.#openItems();
    if (this.#at === 'behind items') this.#keepFrame(this.#window.size);
    if (this.#at !== 'in items') return [];
    const { bytes } = this.#window;
    const { needles, keepsMetadata } = this.#options;
    const isHit = searcher(bytes, needles);
    const items: unknown[] = [];
    let start = startOfElement(bytes, 0);
    for (let end = endOfObject(bytes, start); end !== none; end = endOfObject(bytes, start)) {
      const item = bytes.subarray(start, end);
      if (isHit(start, end)) items.push(parseJson(item));
      else if (keepsMetadata) items.push({ metadata: metadataIn(item) });
      start = startOfElement(bytes, end);
    }
    if (bytes[start] !== undefined && bytes[start] !== openBrace) this.#at = 'behind items';
    this.#window.drop(start);
    return items;
  }

  /** Where the items cannot be found, the frame is the whole page, and is parsed. */
  #openItems(): void {
    const { bytes } = this.#window;
    let firstAt = none;
    eachMember(bytes, afterSpace(bytes, 0), (at, key) => {
      if (key === 'items' && bytes[at] === openBracket) firstAt = afterSpace(bytes, at + 1);
      return key === 'items' ? enough : endOfValue(bytes, at);
    });
    const isFound = firstAt !== none && bytes[firstAt] === openBrace;
    this.#at = isFound ? 'in items' : 'behind items';
    if (isFound) this.#keepFrame(firstAt);
  }

  #keepFrame(size: number): void {
    if (!this.#frame.append(this.#window.bytes.subarray(0, size)))
      throw new WireError('garbage', 'The answer is too long, and not a list of objects');
    this.#window.drop(size);
  }

  /** The window is full, and holds nothing but the beginning of one item. */
  #startSkipping(): void {
    const { bytes } = this.#window;
    let identity: Identity | undefined;
    eachMember(bytes, 0, (at, key) => {
      if (key === 'metadata') identity = identityAt(bytes, at);
      return key === 'metadata' ? enough : endOfValue(bytes, at);
    });
    this.#options.onSkipped(identity);
    this.#skipping = new NestEnd();
    this.#skipping.find(bytes);
    this.#window.clear();
  }

  #afterSkipped(piece: Buffer): Buffer {
    const end = this.#skipping?.find(piece) ?? 0;
    if (end !== none) this.#skipping = undefined;
    return piece.subarray(end === none ? piece.length : end);
  }
}

function startOfElement(bytes: Buffer, at: number): number {
  const start = afterSpace(bytes, at);
  return bytes[start] === comma ? afterSpace(bytes, start + 1) : start;
}

function endOfObject(bytes: Buffer, at: number): number {
  return bytes[at] === openBrace ? endOfValue(bytes, at) : none;
}

/** Of a page whose metadata stands before the items, which are not read. */
function endInHead(page: Buffer): PageEnd | undefined {
  if (!endsWith(page, ']}')) return undefined;
  let found: PageEnd | undefined;
  const end = eachMember(page, afterSpace(page, 0), (at, key) => {
    if (key === 'items') return enough;
    const valueEnd = endOfValue(page, at);
    if (key === 'metadata' && valueEnd !== none) found = endOf(parseJson(page.subarray(at, valueEnd)));
    return valueEnd;
  });
  return end === enough ? found : undefined;
}

function endOf(metadata: unknown): PageEnd {
  const { resourceVersion, continue: token } = objectAt(metadata);
  return { resourceVersion: textOf(resourceVersion), continueToken: textOf(token) };
}

function metadataIn(item: Buffer): unknown {
  let metadata: unknown;
  eachMember(item, 0, (at, key) => {
    const end = endOfValue(item, at);
    if (key === 'metadata' && end !== none) metadata = parseJson(item.subarray(at, end));
    return key === 'metadata' ? enough : end;
  });
  return metadata;
}
