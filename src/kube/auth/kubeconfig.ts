// Reads kubeconfig files as kubectl does: several are merged, and the first value of each field counts.

import { listAt, objectAt, textOf, type Fields } from '../../engine/platform/data/field.ts';
import { printableLine } from '../../engine/platform/data/printable.ts';
import { causeCode } from '../../net/cause-code.ts';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { KubeError } from '../api/error.ts';

/** The cluster and the user of a context, with the fields of the file; paths are absolute. */
export type Context = {
  readonly name: string;
  readonly namespace: string;
  readonly cluster: Fields;
  readonly user: Fields;
};

type Named = ReadonlyMap<string, Fields>;
type KubeconfigFile = {
  readonly current: string;
  readonly clusters: Named;
  readonly users: Named;
  readonly contexts: Named;
};

const fileLimitBytes = 4 * 1024 * 1024;

/** Reads the files in that order. A single one must exist; of several, missing ones are skipped. */
export async function readKubeconfig(paths: readonly string[], wanted: string | undefined): Promise<Context> {
  const files: KubeconfigFile[] = [];
  for (const path of paths) {
    const text = await textAt(path, paths.length > 1);
    if (text !== undefined) files.push(fileOf(path, text));
  }
  const where = paths.join(', ');
  const name = wanted ?? files.find((file) => file.current !== '')?.current;
  if (!name) throw unusable(`No current context is set in ${where}; name one with --context`);
  const context = firstOf(files, 'contexts', name);
  if (!context)
    throw unusable(`There is no context ${printableLine(name)} in ${where}${knownContexts(files)}`);
  return {
    name,
    namespace: textOf(context['namespace']) || 'default',
    cluster: referred(files, 'clusters', context['cluster'], name, where),
    user: context['user'] ? referred(files, 'users', context['user'], name, where) : {},
  };
}

function referred(
  files: readonly KubeconfigFile[],
  list: 'clusters' | 'users',
  reference: unknown,
  context: string,
  where: string,
): Fields {
  const found = firstOf(files, list, textOf(reference));
  if (found) return found;
  const missing = `${list.slice(0, -1)} ${printableLine(textOf(reference))}`;
  throw unusable(`Context ${printableLine(context)} names the ${missing}, which is not in ${where}`);
}

async function textAt(path: string, isOptional: boolean): Promise<string | undefined> {
  try {
    const bytes = await readFile(path);
    if (bytes.length > fileLimitBytes) throw unusable(`${path} is too big for a kubeconfig file`);
    return bytes.toString('utf8');
  } catch (cause) {
    if (cause instanceof KubeError) throw cause;
    if (isOptional && causeCode(cause) === 'ENOENT') return undefined;
    throw unusable(`Cannot read the kubeconfig file ${path}: ${causeCode(cause)}`, cause);
  }
}

function fileOf(path: string, text: string): KubeconfigFile {
  const config = objectAt(parsed(path, text));
  const folder = dirname(resolve(path));
  return {
    current: textOf(config['current-context']),
    clusters: namedOf(config['clusters'], 'cluster', folder),
    users: namedOf(config['users'], 'user', folder),
    contexts: namedOf(config['contexts'], 'context', folder),
  };
}

function parsed(path: string, text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100, logLevel: 'error' });
  } catch {
    // The parser quotes the line, and that line may hold a token.
    throw unusable(`${path} is not a kubeconfig file: it is not YAML`);
  }
}

const pathFields = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'];

function namedOf(list: unknown, kind: string, folder: string): Named {
  const named = new Map<string, Fields>();
  for (const entry of listAt(list)) {
    const { name, [kind]: fields } = objectAt(entry);
    if (typeof name === 'string' && !named.has(name))
      named.set(name, withAbsolutePaths(objectAt(fields), folder));
  }
  return named;
}

function withAbsolutePaths(fields: Fields, folder: string): Fields {
  const absolute: Record<string, unknown> = { ...fields };
  for (const field of pathFields) {
    const path = textOf(fields[field]);
    if (path) absolute[field] = resolve(folder, path);
  }
  // A command with a slash in it is relative to its file too; one without is looked up in PATH.
  const exec = objectAt(fields['exec']);
  const command = textOf(exec['command']);
  if (command.includes('/')) absolute['exec'] = { ...exec, command: resolve(folder, command) };
  return absolute;
}

function firstOf(
  files: readonly KubeconfigFile[],
  list: 'clusters' | 'users' | 'contexts',
  name: string,
): Fields | undefined {
  return files.find((file) => file[list].has(name))?.[list].get(name);
}

function knownContexts(files: readonly KubeconfigFile[]): string {
  const names = [...new Set(files.flatMap((file) => [...file.contexts.keys()]))];
  return names.length === 0 ? '' : `; there are: ${printableLine(names.slice(0, 20).join(', '))}`;
}

function unusable(sentence: string, cause?: unknown): KubeError {
  return new KubeError('invalid', sentence, { cause });
}
