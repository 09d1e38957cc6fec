// Takes out long texts that look like chance: keys and tokens that nothing has named.

import { mark } from './marker.ts';

const run = /[A-Za-z0-9+/_=-]{24,}/g;
const minLength = 24;

export const randomText = (text: string): string =>
  text.replace(run, (found: string, at: number) => {
    if (isDigest(text, at)) return found;
    return isPath(found, text[at - 1]) ? found.replace(/[^/]+/g, withoutToken) : withoutSecret(found);
  });

/** In a path a number in hexadecimal is the id of a container or a hash of a file. */
const withoutToken = (segment: string): string =>
  /^[0-9a-f]+$/i.test(segment) ? segment : withoutSecret(segment);

/** The digest of an image or the id of a container is no secret. */
const isDigest = (text: string, at: number): boolean =>
  /(?:sha\d{1,3}:|(?:docker|containerd|cri-o):\/\/)$/.test(text.slice(Math.max(0, at - 16), at));

const isPath = (found: string, before: string | undefined): boolean =>
  found.startsWith('/') ||
  names.test(found) ||
  before === '.' ||
  before === '~' ||
  (found.match(/\//g)?.length ?? 0) > found.length / 12;

/** `pod/web-67b5c9df4b-5d57j`: each part is a name of its own. */
const names = /^[a-z][a-z0-9-]{0,62}(?:\/[a-z][a-z0-9-]{0,62}){1,3}$/;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const name = /^[a-z0-9]+(?:[-_=][a-z0-9]+)+$/;

function withoutSecret(word: string): string {
  if (word.length < minLength || uuid.test(word)) return word;
  // The name of a pod or of a host is made of short pieces; a key in such a form is one of them.
  if (name.test(word)) return word.replace(/[a-z0-9]+/g, withoutKey);
  return withoutKey(word);
}

const withoutKey = (word: string): string =>
  word.length >= minLength && looksRandom(word) ? mark('secret') : word;

/** Whether letters and digits, or small and large letters, change as often as chance makes them change. */
function looksRandom(word: string): boolean {
  if (new Set(word).size < 8) return false;
  const digitRuns = word.match(/\d+/g)?.length ?? 0;
  if (/^(?:[0-9a-f]+|[0-9A-F]+)$/.test(word)) return digitRuns >= 3 && /[a-f]/i.test(word);
  const [small, large] = [lengthOf(word, /[a-z]+/g), lengthOf(word, /[A-Z]+/g)];
  if (small < 3 || large < 3) return digitRuns >= 4 && small + large >= word.length / 3;
  const inWords = lengthOf(word, /[A-Z]?[a-z]{3,}|[A-Z]{8,}/g);
  return small + large >= word.length / 2 && inWords < word.length / 2;
}

const lengthOf = (word: string, part: RegExp): number => (word.match(part) ?? []).join('').length;
