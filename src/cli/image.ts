// `rootcause image REF`: who a container of an image runs as on Kubernetes, for a person.

import { stat } from 'node:fs/promises';

import type { ImageCommandConfig } from '../config.ts';
import { factsOf } from '../diagnose/image-facts.ts';
import type { Risk } from '../model/image.ts';
import { imageInquiry } from '../platform/image-inquiry.ts';
import { parseReference } from '../platform/image-reference.ts';
import { openArchive } from '../registry/docker-archive.ts';
import type { ImageSource } from '../registry/image-source.ts';
import { openOciLayout } from '../registry/oci-layout.ts';
import type { Progress } from '../registry/read-layers.ts';
import { readLayers } from '../registry/read-layers.ts';
import { Registry } from '../registry/registry.ts';
import type { RegistrySettings } from '../registry/registry.ts';
import type { ImageReport } from '../report/image-report.ts';
import { imageJson, imageText } from '../report/image-report.ts';

/** Where words go; progress only where a person watches. */
export type Terminal = { readonly write: (text: string) => void; readonly progress?: (text: string) => void };

/**
 * Looks into one image and prints what it says.
 *
 * @throws RegistryError with one sentence when it cannot be opened or read
 */
export async function showImage(
  config: ImageCommandConfig,
  settings: RegistrySettings,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const registry = new Registry(settings);
  try {
    const image = await openImage(config, registry, signal);
    const report = await inspectSource(image, config, terminal, signal);
    terminal.write(config.output === 'json' ? imageJson(report) : imageText(report));
  } finally {
    await registry.close();
  }
}

/** `oci:FOLDER[:TAG]` and `docker-archive:FILE[:REF]` as skopeo writes them, a path that exists, or a registry's image. */
async function openImage(
  { reference, platform }: ImageCommandConfig,
  registry: Registry,
  signal: AbortSignal,
): Promise<ImageSource> {
  const [, kind, path = '', name] = /^(oci|docker-archive):([^:]+)(?::(.+))?$/.exec(reference) ?? [];
  if (kind === 'oci') return openOciLayout(path, name, platform, {}, signal);
  if (kind === 'docker-archive') return openArchive(path, name, platform, {}, signal);
  if (/^[./]/.test(reference)) {
    const isFolder = (await stat(reference)).isDirectory();
    return isFolder
      ? openOciLayout(reference, undefined, platform, {}, signal)
      : openArchive(reference, undefined, platform, {}, signal);
  }
  const parsed = parseReference(reference);
  if (!parsed)
    throw new Error(
      `${JSON.stringify(reference)} is no image: give NAME[:TAG], a path, oci:FOLDER or docker-archive:FILE.`,
    );
  return registry.open(parsed, platform, signal);
}

async function inspectSource(
  image: ImageSource,
  { reference, asUid, asGid }: ImageCommandConfig,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ImageReport> {
  const subject = asUid === undefined ? 'self' : { uid: asUid, ...(asGid !== undefined && { gid: asGid }) };
  const inquiry = imageInquiry(image.config, { gid: true, risksFor: subject });
  const onProgress =
    terminal.progress && ((progress: Progress) => terminal.progress?.(progressLine(progress)));
  const { answer } = await readLayers(image, inquiry, {}, signal, onProgress);
  const digest = image.indexDigest ?? image.digest;
  const { risks = [], user, droppedUser } = answer;
  const reading = { is: 'read', digest, written: image.config.user, user, risks } as const;
  return {
    ...factsOf({}, reading),
    reference,
    risks: risks satisfies readonly Risk[],
    ...(asUid !== undefined && { as: asUid }),
    ...(droppedUser && { droppedUser }),
  };
}

const MiB = 1024 * 1024;

function progressLine({ number, layer, bytesRead }: Progress): string {
  return `layer ${number} from the top: ${(bytesRead / MiB).toFixed(1)} of ${(layer.sizeBytes / MiB).toFixed(1)} MiB`;
}
