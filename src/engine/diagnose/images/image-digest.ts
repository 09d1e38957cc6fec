// Which image a container really has: the digest that its node pulled, not what the tag means by now.

import type { ImageFacts } from '../../model/finding.ts';
import type { Platform } from '../../model/image.ts';
import type { Node } from '../../model/snapshot.ts';
import type { Container, Pod } from '../../model/pod.ts';
import type { ImageReference } from '../../platform/image/image-reference.ts';
import { parseReference } from '../../platform/image/image-reference.ts';

export type FoundImage = {
  readonly digest?: string;
  readonly digestFrom?: NonNullable<ImageFacts['digestFrom']>;
  readonly platform?: Platform;
};

/**
 * From the spec where it names a digest; else from the node, whose status lists what it has; else from the pod's own
 * status, where that speaks of the image in the spec. Without any of these only the registry can say.
 */
export function findImage(container: Container, pod: Pod, nodes: readonly Node[]): FoundImage {
  const node = nodes.find(({ name }) => name === pod.node);
  const platform = node && { platform: node.platform };
  const reference = parseReference(container.image);
  if (!reference) return { ...platform };
  if (reference.digest) return { digest: reference.digest, digestFrom: 'spec', ...platform };
  const onNode = node && digestOnNode(reference, node);
  if (onNode) return { digest: onNode, digestFrom: 'node', ...platform };
  const inStatus = digestInStatus(reference, container);
  if (inStatus) return { digest: inStatus, digestFrom: 'podStatus', ...platform };
  return { ...platform };
}

/** One image may stand under several repositories: the pair of tag and digest with the pod's own counts. */
function digestOnNode(wanted: ImageReference, { images }: Node): string | undefined {
  for (const names of images) {
    const known = names
      .flatMap((name) => parseReference(name) ?? [])
      .filter((name) => isSameRepository(name, wanted));
    if (!known.some(({ tag, digest }) => digest === undefined && tag === wanted.tag)) continue;
    const pulled = known.find(({ digest }) => digest !== undefined);
    if (pulled?.digest) return pulled.digest;
  }
  return undefined;
}

/** `statusImage.reference` may be of an earlier image, or a digest where the tag has gone; then it says nothing. */
function digestInStatus(wanted: ImageReference, { statusImage }: Container): string | undefined {
  if (!statusImage) return undefined;
  const reference = parseReference(statusImage.reference);
  const id = parseReference(statusImage.id);
  const isIt = reference && isSameRepository(reference, wanted) && reference.tag === wanted.tag;
  return isIt && id && isSameRepository(id, wanted) ? id.digest : undefined;
}

const isSameRepository = (a: ImageReference, b: ImageReference): boolean =>
  a.host === b.host && a.repository === b.repository;
