// Pushes images to a registry over plain HTTP, as the OCI distribution API has it.

import { request } from 'undici';
import { digestOf, manifestType } from './image.ts';
import type { Image } from './image.ts';

/** @param place `HOST:PORT/REPOSITORY` */
export async function push(place: string, image: Image, signal: AbortSignal): Promise<void> {
  const slash = place.indexOf('/');
  const root = `http://${place.slice(0, slash)}`;
  const repository = `/v2${place.slice(slash)}`;
  for (const [digest, bytes] of image.blobs) await pushBlob(root, repository, digest, bytes, signal);
  const headers = { 'content-type': manifestType };
  await call('PUT', `${root}${repository}/manifests/${image.digest}`, image.manifest, headers, signal);
}

async function pushBlob(
  root: string,
  repository: string,
  digest: string,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<void> {
  if ((await call('HEAD', `${root}${repository}/blobs/${digest}`, undefined, {}, signal)) !== undefined)
    return;
  if (digestOf(bytes) !== digest) throw new Error(`a blob is not ${digest}`);
  const place = await call('POST', `${root}${repository}/blobs/uploads/`, undefined, {}, signal);
  if (!place) throw new Error(`${root} says nowhere to upload to`);
  const url = new URL(place, root);
  url.searchParams.set('digest', digest);
  const headers = { 'content-type': 'application/octet-stream' };
  await call('PUT', url.href, bytes, headers, signal);
}

/** The location that the answer names; undefined where a HEAD finds nothing. */
async function call(
  method: 'HEAD' | 'POST' | 'PUT',
  url: string,
  body: Buffer | undefined,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const answer = await request(url, { method, headers, signal, ...(body && { body }) });
  const text = await answer.body.text();
  if (answer.statusCode === 404 && method === 'HEAD') return undefined;
  if (answer.statusCode >= 300)
    throw new Error(`${method} ${url}: ${answer.statusCode} ${text.slice(0, 200)}`);
  const location = answer.headers['location'];
  return typeof location === 'string' ? location : '';
}
