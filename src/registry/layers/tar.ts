// Reads a tar as the container runtimes' reader does, so that both see the same files in damaged or hostile archives.

import { RegistryError } from '../error.ts';
import { blockBytes, parseHeader, type TarHeader } from './tar-header.ts';
import { parsePax } from './tar-pax.ts';

/** `sizeBytes` is that of the file as it would be unpacked. */
export type TarEntry = Omit<TarHeader, 'flag'> & {
  readonly type: TarType;
  readonly hasCapabilities: boolean;
  /** Where its content starts in the archive, and how much of it is stored there; holes are not. */
  readonly offset: number;
  readonly storedBytes: number;
};

type TarType = 'file' | 'link' | 'symlink' | 'directory' | 'characterDevice' | 'blockDevice' | 'fifo';

export type TarVisitor = {
  /** Called for every entry; when it returns true, the content is collected and handed over before the next entry. */
  readonly entry: (entry: TarEntry) => boolean;
  readonly content: (entry: TarEntry, bytes: Uint8Array) => void;
};

/** Extended headers are never longer. */
const specialLimitBytes = 1024 * 1024;

const typesByFlag: Readonly<Record<string, TarType>> = {
  '0': 'file',
  '\0': 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'characterDevice',
  '4': 'blockDevice',
  '5': 'directory',
  '6': 'fifo',
};

type Special = 'pax' | 'globalPax' | 'longName' | 'longLink';

const specialsByFlag: Readonly<Record<string, Special>> = {
  x: 'pax',
  g: 'globalPax',
  L: 'longName',
  K: 'longLink',
};

/** What the extended headers before an entry said. */
type Extras = { pax: ReadonlyMap<string, string>; longName: string; longLink: string };

const noExtras = (): Extras => ({ pax: new Map(), longName: '', longLink: '' });

type Taking =
  | { readonly is: 'header' | 'secondZero' | 'ended' | 'skipping' }
  | { readonly is: 'special'; readonly special: Special }
  | { readonly is: 'content'; readonly entry: TarEntry };

/** Throws a RegistryError `badAnswer` for what the runtimes refuse. Sparse files come without content. */
export class TarReader {
  readonly #visitor: TarVisitor;
  readonly #block = Buffer.alloc(blockBytes);
  #filled = 0;
  #offset = 0;
  #taking: Taking = { is: 'header' };
  /** Of what is taken now; the padding after it. */
  #left = 0;
  #padding = 0;
  #collected: Uint8Array[] = [];
  #extras = noExtras();

  constructor(visitor: TarVisitor) {
    this.#visitor = visitor;
  }

  /** How many of the next bytes may be skipped. */
  get skippableBytes(): number {
    return this.#taking.is === 'skipping' ? this.#left + this.#padding : 0;
  }

  /** True once the end marker has been read; the rest is ignored. */
  get hasEnded(): boolean {
    return this.#taking.is === 'ended';
  }

  skip(bytes: number): void {
    const ofContent = Math.min(bytes, this.#left);
    this.#left -= ofContent;
    this.#padding -= bytes - ofContent;
    this.#offset += bytes;
    if (this.#left + this.#padding === 0) this.#taking = { is: 'header' };
  }

  push(chunk: Uint8Array): void {
    let rest = chunk;
    while (rest.length > 0 && this.#taking.is !== 'ended') rest = rest.subarray(this.#take(rest));
  }

  /** The archive ends here. An archive may end without its marker, but not within an entry. */
  end(): void {
    const isBetween = this.#taking.is === 'ended' || this.#taking.is === 'secondZero' || this.#isAtPadding();
    if (this.#filled > 0 || (!isBetween && this.#taking.is !== 'header')) throw damaged('it ends too early');
  }

  #isAtPadding(): boolean {
    return this.#taking.is === 'skipping' && this.#left === 0 && this.#padding < blockBytes;
  }

  #take(bytes: Uint8Array): number {
    if (this.#taking.is === 'header' || this.#taking.is === 'secondZero') return this.#takeBlock(bytes);
    if (this.#left > 0 && this.#taking.is !== 'skipping') return this.#collect(bytes);
    const taken = Math.min(bytes.length, this.#left + this.#padding);
    this.skip(taken);
    return taken;
  }

  #collect(bytes: Uint8Array): number {
    const taken = Math.min(bytes.length, this.#left);
    this.#collected.push(Buffer.from(bytes.subarray(0, taken)));
    this.#left -= taken;
    this.#offset += taken;
    if (this.#left === 0) this.#finish();
    return taken;
  }

  #takeBlock(bytes: Uint8Array): number {
    const taken = Math.min(bytes.length, blockBytes - this.#filled);
    if (taken === blockBytes) {
      this.#offset += blockBytes;
      this.#readBlock(Buffer.from(bytes.buffer, bytes.byteOffset, blockBytes));
      return taken;
    }
    this.#block.set(bytes.subarray(0, taken), this.#filled);
    this.#filled += taken;
    this.#offset += taken;
    if (this.#filled === blockBytes) {
      this.#filled = 0;
      this.#readBlock(this.#block);
    }
    return taken;
  }

  #readBlock(block: Buffer): void {
    if (isZero(block)) {
      this.#taking = { is: this.#taking.is === 'secondZero' ? 'ended' : 'secondZero' };
      return;
    }
    if (this.#taking.is === 'secondZero') throw damaged('something follows half of its end marker');
    const header = parseHeader(block);
    if (!header) throw damaged('a header is not one');
    const special = specialsByFlag[header.flag];
    if (special) this.#startSpecial(special, header.sizeBytes);
    else this.#startEntry(header);
  }

  #startSpecial(special: Special, sizeBytes: number): void {
    if (sizeBytes > specialLimitBytes) throw damaged('an extended header is larger than 1 MiB');
    this.#start({ is: 'special', special }, sizeBytes);
  }

  #startEntry(header: TarHeader): void {
    const entry = entryOf(header, this.#extras, this.#offset);
    const isWhole = !isSparse(this.#extras.pax);
    this.#extras = noExtras();
    const isWanted = this.#visitor.entry(entry) && entry.type === 'file' && isWhole;
    this.#start(isWanted ? { is: 'content', entry } : { is: 'skipping' }, entry.storedBytes);
  }

  #start(taking: Taking, sizeBytes: number): void {
    this.#taking = taking;
    this.#left = sizeBytes;
    this.#padding = (blockBytes - (sizeBytes % blockBytes)) % blockBytes;
    this.#collected = [];
    if (sizeBytes === 0) this.#finish();
  }

  #finish(): void {
    const taking = this.#taking;
    const bytes = Buffer.concat(this.#collected);
    this.#collected = [];
    if (taking.is === 'content') this.#visitor.content(taking.entry, bytes);
    if (taking.is === 'special') this.#extras = withSpecial(this.#extras, taking.special, bytes);
    this.#taking = this.#padding > 0 ? { is: 'skipping' } : { is: 'header' };
  }
}

function withSpecial(extras: Extras, special: Special, bytes: Buffer): Extras {
  switch (special) {
    case 'pax':
      return { ...extras, pax: parsePax(bytes) };
    case 'globalPax': // An entry of its own to the runtimes, which then do nothing with it.
      parsePax(bytes);
      return noExtras();
    case 'longName':
      return { ...extras, longName: untilNul(bytes) };
    case 'longLink':
      return { ...extras, longLink: untilNul(bytes) };
    default:
      return special satisfies never;
  }
}

function entryOf(
  { flag, ...header }: TarHeader,
  { pax, longName, longLink }: Extras,
  offset: number,
): TarEntry {
  const type = typesByFlag[flag];
  if (!type) throw damaged(`an entry is of the type ${JSON.stringify(flag)}, which runtimes refuse`);
  const sparse = isSparse(pax) ? pax : undefined;
  const name = sparse?.get('GNU.sparse.name') || longName || pax.get('path') || header.name;
  const statedBytes = numberIn(pax, 'size') ?? header.sizeBytes;
  const isOldFolder = flag === '\0' && name.endsWith('/');
  const storedBytes = type === 'file' && !isOldFolder ? statedBytes : 0;
  return {
    ...header,
    name,
    type: isOldFolder ? 'directory' : type,
    sizeBytes: numberIn(sparse, 'GNU.sparse.size') ?? numberIn(sparse, 'GNU.sparse.realsize') ?? storedBytes,
    uid: numberIn(pax, 'uid') ?? header.uid,
    gid: numberIn(pax, 'gid') ?? header.gid,
    linkName: longLink || pax.get('linkpath') || header.linkName,
    hasCapabilities: (pax.get('SCHILY.xattr.security.capability') ?? '') !== '',
    offset,
    storedBytes,
  };
}

/** In one of the three forms that are known; another form is a plain file to the runtimes. */
function isSparse(pax: ReadonlyMap<string, string>): boolean {
  if (pax.size === 0) return false;
  const version = [pax.get('GNU.sparse.major') ?? '', pax.get('GNU.sparse.minor') ?? ''].join('.');
  if (version !== '.') return ['0.0', '0.1', '1.0'].includes(version);
  return (pax.get('GNU.sparse.map') ?? '') !== '' || pax.has('GNU.sparse.offset');
}

function numberIn(pax: ReadonlyMap<string, string> | undefined, key: string): number | undefined {
  const text = pax?.get(key) ?? '';
  if (text === '') return undefined;
  const number = /^[+-]?\d{1,100}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(number) && (number >= 0 || !key.includes('size'))) return number;
  throw damaged(`an extended header says ${key} is not a number`);
}

function untilNul(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

function isZero(block: Buffer): boolean {
  return block[0] === 0 && block.equals(zeroBlock);
}

const zeroBlock = Buffer.alloc(blockBytes);

function damaged(what: string): RegistryError {
  return new RegistryError('badAnswer', `the tar is damaged: ${what}`);
}
