// An image's config: how its author wants it to be run.

import { isObject, type Fields } from '../../engine/platform/data/field.ts';
import type { ImageConfig } from '../../engine/model/image.ts';
import { isDigest } from '../../engine/platform/image/image-reference.ts';
import { RegistryError } from '../error.ts';
import { fieldOf, parseFields } from '../json.ts';

/** `diffIds` are the digests of the unpacked layers, the bottom first. */
export type ParsedConfig = { readonly config: ImageConfig; readonly diffIds: readonly string[] };

/** Throws `badAnswer` where the runtimes do: for a field of another type than it should be. */
export function parseConfig(bytes: Uint8Array, about: string): ParsedConfig {
  const image = parseFields(bytes, about);
  const read = readerOf(about);
  const run = read.fields(image, 'config');
  const environment = environmentOf(read.texts(run, 'env'));
  return {
    config: {
      os: read.text(image, 'os'),
      architecture: read.text(image, 'architecture'),
      user: read.text(run, 'user'),
      workingDir: read.text(run, 'workingdir'),
      volumes: Object.keys(read.fields(run, 'volumes')),
      exposedPorts: Object.keys(read.fields(run, 'exposedports')),
      entrypoint: read.texts(run, 'entrypoint'),
      cmd: read.texts(run, 'cmd'),
      ...environment,
    },
    diffIds: diffIdsOf(read.texts(read.fields(image, 'rootfs'), 'diff_ids'), about),
  };
}

/** Two of all variables; the others may hold secrets. The last one of a name counts. */
function environmentOf(variables: readonly string[]): { readonly home?: string; readonly path?: string } {
  const home = variables.findLast((variable) => variable.startsWith('HOME='))?.slice(5);
  const path = variables.findLast((variable) => variable.startsWith('PATH='))?.slice(5);
  return { ...(home !== undefined && { home }), ...(path !== undefined && { path }) };
}

function diffIdsOf(texts: readonly string[], about: string): readonly string[] {
  if (!texts.every(isDigest))
    throw new RegistryError('badAnswer', `${about} has a diff id that is not a digest`);
  return texts;
}

type FieldReader = {
  readonly text: (fields: Fields, name: string) => string;
  readonly texts: (fields: Fields, name: string) => readonly string[];
  readonly fields: (fields: Fields, name: string) => Fields;
};

/** Reads fields by their names in lower case; what is missing or null is empty. */
function readerOf(about: string): FieldReader {
  const wrong = (name: string): RegistryError =>
    new RegistryError('badAnswer', `${about} has a field ${name} of the wrong type`);
  return {
    text: (fields, name) => {
      const value = fieldOf(fields, name) ?? '';
      if (typeof value !== 'string') throw wrong(name);
      return value;
    },
    texts: (fields, name) => {
      const value = fieldOf(fields, name) ?? [];
      if (!Array.isArray(value)) throw wrong(name);
      return value.map((element: unknown) => {
        if (typeof element !== 'string') throw wrong(name);
        return element;
      });
    },
    fields: (fields, name) => {
      const value = fieldOf(fields, name) ?? {};
      if (!isObject(value)) throw wrong(name);
      return value;
    },
  };
}
