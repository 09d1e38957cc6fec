// Patterns over the names of images, as the kubelet reads them in pull secrets and credential providers.

import type { ImageReference } from '../../engine/platform/image/image-reference.ts';

/** `*.example.com:5000/team`: labels of the host, where `*` stands for anything within one; the rest is literal. */
export type ImagePattern = {
  readonly labels: readonly string[];
  /** Empty where the pattern names none: then the image must have none either. */
  readonly port: string;
  /** The beginning of the image's path, `/team`, not necessarily up to a slash; empty for any. */
  readonly path: string;
  /** All of it again, in the form that is compared and sorted. */
  readonly text: string;
};

const textLimit = 1024;
const form = /^(\[[\da-f:.]+\]|[\w*.-]+)(?::(\d+))?(\/[^?#]*)?(?:[?#].*)?$/;

/** HOST, HOST:PORT or either with a path, without a scheme; undefined for what can match no image. */
export function parseImagePattern(text: string): ImagePattern | undefined {
  if (text.length > textLimit) return undefined;
  const slash = text.indexOf('/');
  const host = (slash < 0 ? text : text.slice(0, slash)).toLowerCase();
  const match = form.exec(slash < 0 ? host : host + text.slice(slash));
  if (!match) return undefined;
  const [, name = '', port = '', wholePath = ''] = match;
  const path = wholePath === '/' ? '' : wholePath;
  return { labels: name.split('.'), port, path, text: `${name}${port && `:${port}`}${path}` };
}

/** True when the hosts have equally many labels that match one by one, equal ports, and the image's path begins so. */
export function matchesImage(pattern: ImagePattern, image: ImageReference): boolean {
  const target = parseImagePattern(`${image.host}/${image.repository}`);
  return (
    target !== undefined &&
    target.port === pattern.port &&
    target.labels.length === pattern.labels.length &&
    target.path.startsWith(pattern.path) &&
    pattern.labels.every((label, index) => matchesLabel(label, target.labels[index] ?? ''))
  );
}

/**
 * Those that fit an image, in the kubelet's order: backwards by text, so that of two with the same beginning the longer
 * comes first, and a name before a `*`. For Docker Hub, where nothing else fits, the entry `index.docker.io`.
 */
export function bestMatches<T extends { readonly pattern: ImagePattern }>(
  candidates: readonly T[],
  image: ImageReference,
): readonly T[] {
  const direct = candidates.filter(({ pattern }) => matchesImage(pattern, image));
  const isHub = direct.length === 0 && image.host === 'docker.io';
  const found = isHub ? candidates.filter(({ pattern }) => pattern.text === 'index.docker.io') : direct;
  return found.toSorted(
    (a, b) => Number(b.pattern.text > a.pattern.text) || -Number(b.pattern.text < a.pattern.text),
  );
}

/** Piece by piece from the left, so that no text makes it slow. */
function matchesLabel(label: string, text: string): boolean {
  const [first = '', ...pieces] = label.split('*');
  const last = pieces.pop();
  if (last === undefined) return label === text;
  const end = text.length - last.length;
  if (!text.startsWith(first) || !text.endsWith(last) || first.length > end) return false;
  let from = first.length;
  for (const piece of pieces) {
    const at = text.indexOf(piece, from);
    if (at < 0 || at + piece.length > end) return false;
    from = at + piece.length;
  }
  return true;
}
