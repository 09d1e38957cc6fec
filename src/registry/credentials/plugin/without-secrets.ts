// Removes from a program's error text what may be a secret.

import { printableLine } from '../../../engine/platform/data/printable.ts';

const label = String.raw`(?:pass(?:word|wd|phrase)?|secret|token|credentials?|authorization|auth|key)[\w-]*`;
/** `password=…`, `"token": "…"`, `Authorization: Bearer …`. */
const labelled = new RegExp(
  String.raw`(${label}["']?\s*[:=]\s*["']?)(?:(?:bearer|basic)\s+)?[^\s"',;]+`,
  'gi',
);
const schemed = /\b((?:bearer|basic)\s+)[^\s"',;]+/gi;
/** Tokens, keys and what base64 makes of them are long. */
const long = /[\w+/=.~-]{24,}/g;
const shortest = 4;
const textLimit = 300;

/**
 * The end of the text in one printable line, without any of the known values, what stands behind such words as
 * `password:`, and long runs of token characters.
 */
export function withoutSecrets(text: string, known: readonly string[]): string {
  const values = known.filter((value) => value.length >= shortest).toSorted((a, b) => b.length - a.length);
  const unnamed = values.reduce((rest, value) => rest.replaceAll(value, '…'), text);
  const masked = unnamed.replaceAll(labelled, '$1…').replaceAll(schemed, '$1…').replaceAll(long, '…');
  return printableLine(masked.trim().slice(-textLimit));
}
