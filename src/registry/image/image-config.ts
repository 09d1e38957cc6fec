// An image's config: how its author wants it to be run.

import { isObject, type Fields } from '../../engine/platform/data/field.ts';
import type { ImageConfig } from '../../engine/model/image.ts';
import { isDigest } from '../../engine/platform/image/image-reference.ts';
import { RegistryError } from '../error.ts';
import { fieldOf, parseFields } from '../json.ts';

/** `diffIds` are the digests of the unpacked layers, the bottom first. */
type ParsedConfig = { readonly config: ImageConfig; readonly diffIds: readonly string[] };

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

const isText = (value: unknown): value is string => typeof value === 'string';
const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isText);

/** Reads fields by their names in lower case; what is missing or null is empty. */
function readerOf(about: string) {
  const read =
    <T>(empty: T, isRight: (value: unknown) => value is T) =>
    (fields: Fields, name: string): T => {
      const value = fieldOf(fields, name) ?? empty;
      if (isRight(value)) return value;
      throw new RegistryError('badAnswer', `${about} has a field ${name} of the wrong type`);
    };
  return { text: read('', isText), texts: read([], isTexts), fields: read({}, isObject) };
}
