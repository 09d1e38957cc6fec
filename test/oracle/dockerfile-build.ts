// Builds images from Dockerfiles with buildah, without an engine. E2E_BUILDAH_ROOT and E2E_BUILDAH_RUNROOT name a storage
// that is there; else it is made in a folder of the test.

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const buildLimitMs = 300_000;

export type Builder = {
  /** What RUN does in a VOLUME stays. */
  readonly keepsVolumes: boolean;
  /** Builds and pushes to the registry that the tag names; what it was built from stays in the storage. */
  readonly build: (dockerfile: string, tag: string, signal: AbortSignal) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Undefined where there is no buildah. */
export async function openBuilder(folder: string): Promise<Builder | undefined> {
  const root = process.env['E2E_BUILDAH_ROOT'];
  const runRoot = process.env['E2E_BUILDAH_RUNROOT'] ?? join(folder, 'runroot');
  // Plain folders need no mounts, which would have to be undone.
  const own = ['--root', join(folder, 'root'), '--storage-driver', 'vfs'];
  const storage = [...(root === undefined ? own : ['--root', root]), '--runroot', runRoot];
  const buildah = async (args: readonly string[], signal?: AbortSignal): Promise<void> => {
    const options = { timeout: buildLimitMs, maxBuffer: 16 << 20, ...(signal && { signal }) };
    await run('buildah', [...storage, ...args], options).catch((error: unknown) => {
      throw new Error(`buildah ${args[0]}: ${lastWords(error)}`);
    });
  };
  const minor = await minorVersionHere();
  if (minor === undefined) return undefined;
  return {
    keepsVolumes: minor >= 33,
    build: async (dockerfile, tag, signal) => {
      const path = join(folder, 'Dockerfile');
      await writeFile(path, dockerfile);
      const how = ['--isolation', 'chroot', '--network', 'host', '--tls-verify=false', '--no-cache'];
      await buildah(['build', ...how, '-f', path, '-t', tag, folder], signal);
      await buildah(['push', '--tls-verify=false', tag], signal);
      await buildah(['rmi', tag], signal);
    },
    close: async () => {
      if (root === undefined) await buildah(['rmi', '--all', '--force']);
    },
  };
}

/** 28 for 1.28.2. */
async function minorVersionHere(): Promise<number | undefined> {
  const said = await run('buildah', ['--version']).catch(() => undefined);
  return said && Number(/version 1\.(\d+)/.exec(said.stdout)?.[1] ?? Infinity);
}

function lastWords(error: unknown): string {
  const told = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  return (told.trim() === '' ? String(error) : told.trim()).slice(-600);
}
