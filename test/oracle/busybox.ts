// The static BusyBox of this machine, from which test images are made.

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

export type BusyBox = {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly applets: ReadonlySet<string>;
};

/** What it can do is said by itself. */
export async function busyboxHere(): Promise<BusyBox | undefined> {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'busybox'));
  for (const path of [process.env['E2E_BUSYBOX'] ?? '', ...onPath].filter((one) => one !== '')) {
    const bytes = await readFile(path).catch(() => undefined);
    const said = bytes && (await promisify(execFile)(path, []).catch(() => undefined));
    if (bytes && said) return { path, bytes, applets: new Set(said.stdout.match(/\b[a-z][\w-]*\b/g) ?? []) };
  }
  return undefined;
}
