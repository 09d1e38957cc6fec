// Inspects one image: whether its registry may be asked, with which credentials, and who it runs as.

import { KubeError } from '../kube/api/error.ts';
import type { ImageQuestion, ImageReading } from '../engine/model/question.ts';
import { imageInquiry } from '../engine/platform/image/image-inquiry.ts';
import type { InquiryAnswer, ImageWants } from '../engine/platform/image/image-inquiry.ts';
import type { ImageReference } from '../engine/platform/image/image-reference.ts';
import { parseReference } from '../engine/platform/image/image-reference.ts';
import type { CredentialSource } from '../registry/credentials/credential.ts';
import { RegistryError } from '../registry/error.ts';
import type { ImageSource } from '../registry/image/image-source.ts';
import { readLayers } from '../registry/layers/read-layers.ts';
import type { Registry } from '../registry/registry.ts';

export type Inspector = {
  readonly registry: Registry;
  /** For one question, since pull secrets are those of its pod. */
  readonly credentialsFor: (question: ImageQuestion) => readonly CredentialSource[];
  readonly isAllowed: (host: string, signal: AbortSignal) => Promise<boolean>;
};

/** What stands in place of a reading where no image may be read. */
export const switchedOff: ImageReading = {
  is: 'notAttempted',
  because: 'reading images is switched off: --inspect-images=yes',
};

const MiB = 1024 * 1024;

/** Risks are looked for in all layers, and only in images whose layers are no larger than this, compressed. */
const maxBytesForRisks = 64 * MiB;

/**
 * An image without a user of its own has no other answer than what its layers say of a cure, and a denial no other proof,
 * so more may be read for them; what all pulls together take is bounded as ever (docs/decisions/0008).
 */
const maxBytesForBase = 256 * MiB;

/** What is read beyond the user may not cost much more than each layer once. */
const limitsBeyondUser = { rounds: 3, unpackedBytes: 4096 * MiB };

/** A failure of a registry or an image is a reading with the reason; only an abort is thrown. */
export async function inspectImage(
  question: ImageQuestion,
  inspector: Inspector,
  signal: AbortSignal,
): Promise<ImageReading> {
  const reference = parseReference(question.reference);
  if (!reference) return { is: 'unread', because: 'the image has no valid name' };
  try {
    if (!(await inspector.isAllowed(reference.host, signal))) return notAllowed(reference.host);
    return await read(question, reference, inspector, signal);
  } catch (error) {
    if (error instanceof RegistryError || error instanceof KubeError)
      return { is: 'unread', because: error.message };
    throw error;
  }
}

function notAllowed(host: string): ImageReading {
  const because = `no node reports an image from ${host}, so it is not asked; --registries=${host} allows it`;
  return { is: 'notAttempted', because };
}

async function read(
  question: ImageQuestion,
  reference: ImageReference,
  { registry, credentialsFor }: Inspector,
  signal: AbortSignal,
): Promise<ImageReading> {
  const { digest, platform } = question;
  const exact = digest === undefined ? reference : { ...reference, digest };
  const credentials = credentialsFor(question);
  const image = await registry.open(exact, platform, signal, credentials);
  const answer = await answerOf(image, question, signal);
  const tagNow =
    digest === undefined || reference.digest
      ? digest
      : await digestNow(reference, registry, credentials, signal);
  return {
    is: 'read',
    digest: image.indexDigest ?? image.digest,
    ...(tagNow !== undefined && tagNow !== digest && { movedTo: tagNow }),
    written: image.config.user,
    user: answer.user,
    risks: answer.risks ?? [],
    volumes: image.config.volumes,
    ...(answer.base && { base: answer.base }),
    ...(answer.droppedUser && { droppedUser: answer.droppedUser }),
    ...(answer.access && { access: answer.access }),
  };
}

/** Where the layers cannot be read for more than the user, the user alone is an answer as well. */
async function answerOf(
  image: ImageSource,
  question: ImageQuestion,
  signal: AbortSignal,
): Promise<InquiryAnswer> {
  const ask = async (asked: Partial<ImageWants>, limits = {}): Promise<InquiryAnswer> => {
    const inquiry = imageInquiry(image.config, { gid: false, ...asked });
    return (await readLayers(image, inquiry, limits, signal)).answer;
  };
  const wants = wantsFor(image, question);
  if (!wants.base) return ask({});
  try {
    return await ask(wants, limitsBeyondUser);
  } catch (error) {
    if (error instanceof RegistryError && isLasting(error)) return ask({});
    throw error;
  }
}

/** A number needs no layer, so none is read for its risks either; what was denied is looked up for any user. */
function wantsFor({ layers, config }: ImageSource, { access }: ImageQuestion): Partial<ImageWants> {
  const totalBytes = layers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const isNumber = /^[+-]?\d*(:|$)/.test(config.user);
  return {
    base: totalBytes <= maxBytesForBase,
    ...(totalBytes <= maxBytesForBase && access && { access }),
    ...(totalBytes <= maxBytesForRisks && !isNumber && { risksFor: 'self' }),
  };
}

/** What took too long will take as long the next time. */
const isLasting = ({ code, temporary }: RegistryError): boolean =>
  code === 'timeout' || code === 'tooSlow' || (!temporary && code !== 'aborted');

/** Whether the tag has moved is good to know, and no more than that. */
async function digestNow(
  reference: ImageReference,
  registry: Registry,
  credentials: readonly CredentialSource[],
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return await registry.digestNow(reference, signal, credentials);
  } catch (error) {
    if (error instanceof RegistryError && error.code !== 'aborted') return undefined;
    throw error;
  }
}
