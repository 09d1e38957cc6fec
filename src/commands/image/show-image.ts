// The output of `rootcause image`: opens one image, reads it, and prints its user.

import { stat } from 'node:fs/promises';

import type { Platform } from '../../engine/model/image.ts';
import { BadInput } from '../command.ts';
import type { Output, Terminal } from '../flags/terminal.ts';
import type { FoundImage } from '../../engine/diagnose/images/image-digest.ts';
import { factsOf } from '../../engine/diagnose/images/image-facts.ts';
import type { ImageFacts } from '../../engine/model/finding.ts';
import { dockerfileFor } from '../../engine/fix/cure/dockerfile.ts';
import { imageInquiry } from '../../engine/platform/image/image-inquiry.ts';
import { parseReference } from '../../engine/platform/image/image-reference.ts';
import { isFitting, nameOf } from '../../registry/image/choose-platform.ts';
import { openArchive } from '../../registry/local/docker-archive.ts';
import type { ImageSource } from '../../registry/image/image-source.ts';
import { openOciLayout } from '../../registry/local/oci-layout.ts';
import type { Progress } from '../../registry/layers/read-layers.ts';
import { readLayers } from '../../registry/layers/read-layers.ts';
import { Registry } from '../../registry/registry.ts';
import type { RegistrySettings } from '../../registry/registry.ts';
import { dockerfileText } from '../../engine/report/dockerfile-text.ts';
import type { ImageReport } from '../../engine/report/image-report.ts';
import { imageText } from '../../engine/report/image-report.ts';
import { jsonText } from '../../engine/report/output.ts';

export type ShownImage = {
  readonly reference: string;
  readonly output: Output;
  /** Whose risks are shown; without it those of the image's own user. */
  readonly as?: { readonly uid: number; readonly gid?: number } | undefined;
  readonly platform?: Platform | undefined;
};

/**
 * @throws BadInput for a reference that cannot be one; RegistryError, one sentence, if the image cannot be read
 */
export async function showImage(
  shown: ShownImage,
  settings: RegistrySettings,
  terminal: Omit<Terminal, 'complain'>,
  signal: AbortSignal,
): Promise<void> {
  const registry = new Registry(settings);
  try {
    const image = demandPlatform(await openImage(shown, registry, signal), shown);
    const report = await inspectSource(image, shown, terminal, signal);
    terminal.write(shown.output === 'json' ? jsonText(report) : imageText(report));
  } finally {
    await registry.close();
  }
}

/** `oci:FOLDER[:TAG]` and `docker-archive:FILE[:REF]` as skopeo writes them, a path that exists, or a registry's image. */
async function openImage(
  { reference, platform }: ShownImage,
  registry: Registry,
  signal: AbortSignal,
): Promise<ImageSource> {
  const local = await localImage(reference);
  if (local?.is === 'layout') return openOciLayout(local.path, local.name, platform, signal);
  if (local?.is === 'archive') return openArchive(local.path, local.name, platform, signal);
  const parsed = parseReference(reference);
  if (parsed) return registry.open(parsed, platform, signal);
  throw new BadInput(
    `${JSON.stringify(reference)} is not an image reference: give NAME[:TAG], a path, oci:FOLDER or docker-archive:FILE.`,
  );
}

/** An image that is not an index has one platform, which nothing has compared yet. */
function demandPlatform(image: ImageSource, { reference, platform }: ShownImage): ImageSource {
  const { os, architecture } = image.config;
  if (!platform || isFitting({ ...platform, os, architecture }, platform)) return image;
  throw new BadInput(
    `${reference} has no image for ${nameOf(platform)}: it is a single image, for ${nameOf({ os, architecture })}.`,
  );
}

type LocalImage = {
  readonly is: 'layout' | 'archive';
  readonly path: string;
  readonly name: string | undefined;
};

async function localImage(reference: string): Promise<LocalImage | undefined> {
  const [, kind, path = '', name] = /^(oci|docker-archive):([^:]+)(?::(.+))?$/.exec(reference) ?? [];
  if (kind !== undefined) return { is: kind === 'oci' ? 'layout' : 'archive', path, name };
  if (!/^[./]/.test(reference)) return undefined;
  const found = await stat(reference).catch(() => undefined);
  if (!found)
    throw new BadInput(`File or folder ${reference} does not exist: give a path that exists, or NAME[:TAG].`);
  return { is: found.isDirectory() ? 'layout' : 'archive', path: reference, name: undefined };
}

async function inspectSource(
  image: ImageSource,
  { reference, as: user }: ShownImage,
  terminal: Omit<Terminal, 'complain'>,
  signal: AbortSignal,
): Promise<ImageReport> {
  const inquiry = imageInquiry(image.config, { gid: true, risksFor: user ?? 'self', base: true });
  const onProgress =
    terminal.progress && ((progress: Progress) => terminal.progress?.(progressLine(progress)));
  const { answer } = await readLayers(image, inquiry, {}, signal, onProgress);
  const digest = image.indexDigest ?? image.digest;
  const { user: written, volumes } = image.config;
  const reading = { is: 'read', digest, written, volumes, risks: [], ...answer } as const;
  const facts = { ...factsOf(foundBy(reference, digest), reading), reference };
  return {
    ...facts,
    risks: reading.risks,
    ...(user && { as: user.uid }),
    ...(answer.droppedUser && { droppedUser: answer.droppedUser }),
    ...linesFor(facts),
  };
}

/** None if USER is already a number that the kubelet accepts, or if a person would have to fill in the numbers. */
function linesFor(facts: ImageFacts): Pick<ImageReport, 'dockerfile' | 'dockerfileCertainty'> {
  const { lines, certainty } = dockerfileFor(facts);
  const isDone = certainty === 'Certain' && /^[+-]?\d/.test(facts.user ?? '');
  return isDone || certainty === 'Template'
    ? {}
    : { dockerfile: dockerfileText(lines), dockerfileCertainty: certainty };
}

/** Only a tag can point to another image later. */
function foundBy(reference: string, digest: string): FoundImage {
  if (parseReference(reference)?.digest !== undefined) return { digest, digestFrom: 'spec' };
  return isLocal.test(reference) ? { digest } : {};
}

const isLocal = /^(oci:|docker-archive:|[./])/;

const MiB = 1024 * 1024;

function progressLine({ number, layer, bytesRead }: Progress): string {
  return `layer ${number} from the top: ${(bytesRead / MiB).toFixed(1)} of ${(layer.sizeBytes / MiB).toFixed(1)} MiB`;
}
