// Inspects one image: whether its registry may be asked, with which credentials, who it runs as, and what may go wrong.

import { KubeError } from '../kube/api/error.ts';
import type { Inquiry, Risk } from '../engine/model/image.ts';
import type { ImageQuestion, ImageReading } from '../engine/model/question.ts';
import type { InquiryAnswer, ImageWants } from '../engine/platform/image/image-inquiry.ts';
import { imageInquiry } from '../engine/platform/image/image-inquiry.ts';
import type { ImageReference } from '../engine/platform/image/image-reference.ts';
import { parseReference } from '../engine/platform/image/image-reference.ts';
import { printable } from '../engine/platform/data/printable.ts';
import type { CredentialSource } from '../registry/credentials/credential.ts';
import { RegistryError } from '../registry/error.ts';
import type { ImageSource } from '../registry/image/image-source.ts';
import type { KnownLayers, LayerCache } from '../registry/layers/layer-cache.ts';
import { LayerReader } from '../registry/layers/read-layers.ts';
import type { Registry } from '../registry/registry.ts';
import { troubleOf } from './reading-trouble.ts';
import type { FoundAnswer, SharedAnswers } from './shared-answers.ts';

export type Inspector = {
  readonly registry: Registry;
  /** For one question, since pull secrets are those of its pod. */
  readonly credentialsFor: (question: ImageQuestion) => readonly CredentialSource[];
  /** Why a registry may not be asked; undefined where it may. */
  readonly refusalOf: (
    host: string,
    question: ImageQuestion,
    signal: AbortSignal,
  ) => Promise<string | undefined>;
  /** Of images that were opened without the credentials of one namespace. */
  readonly shared: SharedAnswers;
  readonly layers: LayerCache;
};

/** What stands in place of a reading where no image may be read. */
export const switchedOff: ImageReading = {
  is: 'notAttempted',
  because: 'not read; enable with --inspect-images=yes',
  trouble: 'images are not read: see --inspect-images',
};

const MiB = 1024 * 1024;
const minutesMs = 60_000;

/** What may be read beyond the user, compressed; what all pulls together take is bounded as ever (docs/decisions/0006). */
const mostMebibytes = 2048;

/** Until the user is known, and then until the rest is. */
const limits = { totalMs: 4 * minutesMs, unpackedBytes: 16 * 1024 * MiB };

/** A failure of a registry or an image is a reading with the reason; only an abort is thrown. */
export async function inspectImage(
  question: ImageQuestion,
  inspector: Inspector,
  signal: AbortSignal,
): Promise<ImageReading> {
  const reference = parseReference(question.reference);
  if (!reference) return { is: 'unread', because: 'the image has no valid name' };
  const { host } = reference;
  try {
    const because = await inspector.refusalOf(host, question, signal);
    if (because !== undefined)
      return { is: 'notAttempted', because, trouble: `${host} is not known: see --registries` };
    return await read(question, reference, inspector, signal);
  } catch (error) {
    if (error instanceof RegistryError)
      return { is: 'unread', because: error.message, trouble: troubleOf(host, error) };
    if (error instanceof KubeError) return { is: 'unread', because: error.message };
    throw error;
  }
}

async function read(
  question: ImageQuestion,
  reference: ImageReference,
  { registry, credentialsFor, shared, layers }: Inspector,
  signal: AbortSignal,
): Promise<ImageReading> {
  const { digest, platform } = question;
  const exact = digest === undefined ? reference : { ...reference, digest };
  const credentials = credentialsFor(question);
  const image = await registry.open(exact, platform, signal, credentials);
  const known = layers.from(placeOf(reference, image, question));
  const find = async (): Promise<FoundAnswer> => answerOf(image, known, question, signal);
  const answer = image.isPrivate ? await find() : await shared.answer(idOf(reference, image, question), find);
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
    risks: answer.risks,
    volumes: image.config.volumes,
    ...(answer.isPartial && { isPartial: answer.isPartial }),
    ...(answer.base && { base: answer.base }),
    ...(answer.droppedUser && { droppedUser: answer.droppedUser }),
    ...(answer.access && { access: answer.access }),
  };
}

/** Where a layer of a private image is known. */
const placeOf = (
  { host, repository }: ImageReference,
  { isPrivate }: ImageSource,
  { namespace, serviceAccount, pullSecrets }: ImageQuestion,
): string =>
  JSON.stringify([host, repository, ...(isPrivate ? [namespace, serviceAccount, pullSecrets] : [])]);

const idOf = (
  { host, repository }: ImageReference,
  { digest }: ImageSource,
  { only, access }: ImageQuestion,
): string => JSON.stringify([host, repository, digest, only, access]);

/** The user first: where the layers cannot be read for more, that is an answer as well, and says so. */
async function answerOf(
  image: ImageSource,
  known: KnownLayers,
  { only, access }: ImageQuestion,
  signal: AbortSignal,
): Promise<FoundAnswer> {
  const reader = new LayerReader(image, limits, { known });
  const ask = async (inquiry: Inquiry<InquiryAnswer>): Promise<InquiryAnswer> =>
    (await reader.answer(inquiry, signal)).answer;
  const inquiryFor = (wants: Partial<ImageWants>) => imageInquiry(image.config, { gid: false, ...wants });
  const rest = inquiryFor({ base: true, risksFor: 'self', ...(access && { access }) });
  // With the paths of the rest, so that what is read for the user need not be read again.
  const { user } = await ask({ ...inquiryFor({}), paths: rest.paths });
  if (only === 'user') return { user, risks: [notChecked('only its user was read')] };
  const bytes = image.layers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (bytes > mostMebibytes * MiB)
    return { user, risks: [notChecked(`the image is larger than ${mostMebibytes} MiB`)] };
  try {
    const more = await ask(rest);
    const isNumber = /^[+-]?\d*(:|$)/.test(image.config.user);
    const risks = more.risks ?? (user.is === 'resolved' ? [notChecked('its group is not known')] : []);
    return { ...more, risks, ...(isNumber && { user }) };
  } catch (error) {
    if (!(error instanceof RegistryError) || error.code === 'aborted') throw error;
    return { user, risks: [notChecked(error.message)], ...(error.temporary && { isPartial: true }) };
  }
}

const notChecked = (detail: string): Risk => ({ code: 'NotChecked', detail: printable(detail, maxDetail) });

/** As long as a Diagnosis takes. */
const maxDetail = 400;

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
