// Reads all of an input: a file, or standard input.

import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';

import { textAt } from '../../engine/platform/data/field.ts';

const MiB = 1024 * 1024;
/** Objects are read whole, and a cluster may have many; of other text only the end counts. */
const maxBytes = 256 * MiB;

/**
 * @param file `-` for standard input
 * @throws Error, one sentence, where it cannot be read or is too much
 */
export async function readInput(file: string, standardInput: Readable): Promise<string> {
  const stream = await streamOf(file, standardInput);
  return decoded(await bytesOf(stream, file === '-' ? 'Standard input' : file));
}

/**
 * @param file `-` for standard input
 * @throws Error, one sentence, where it cannot be read
 */
export async function streamOf(file: string, standardInput: Readable): Promise<Readable> {
  if (file === '-') return standardInput;
  try {
    const handle = await open(file);
    const isFolder = (await handle.stat()).isDirectory();
    if (!isFolder) return handle.createReadStream();
    await handle.close();
  } catch (error) {
    throw new Error(`${file} cannot be read: ${reasonOf(error)}`, { cause: error });
  }
  throw new Error(`${file} cannot be read: it is a folder.`);
}

async function bytesOf(stream: Readable, name: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > maxBytes) throw new Error(`${name} is larger than ${maxBytes / MiB} MiB.`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** PowerShell writes UTF-16 into files. */
function decoded(bytes: Buffer): string {
  const isWide = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isWide ? 'utf-16le' : 'utf-8').decode(bytes);
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'the file does not exist.',
  EACCES: 'permission denied.',
};

function reasonOf(error: unknown): string {
  return reasons[textAt(error, 'code') ?? ''] ?? (error instanceof Error ? error.message : String(error));
}
