// Takes out private keys in PEM and OpenPGP armour, also those whose end was cut off.

import { mark } from './marker.ts';

const begin = /-----BEGIN [^-\r\n]{0,40}PRIVATE KEY[^-\r\n]{0,20}-----/g;
const end = /-----END [^-\r\n]{0,60}-----/g;
/** A line of a key, or a header in front of it, behind whatever a quotation or an escape puts between the lines. */
const line =
  /(?:[\s>|"',]|\\{1,8}[rn]){0,64}(?:(?:Proc-Type|DEK-Info|Version|Comment):[^\r\n\\]{0,200}|[A-Za-z0-9+/=]{40,})/y;
const maxKeyLength = 32_768;

export function privateKeys(text: string): string {
  let kept = '';
  let from = 0;
  for (const { index } of text.matchAll(begin)) {
    if (index < from) continue;
    kept += text.slice(from, index) + mark('private key');
    from = endOfKey(text, index);
  }
  return kept + text.slice(from);
}

function endOfKey(text: string, start: number): number {
  const key = text.slice(start, start + maxKeyLength);
  const second = key.indexOf('-----BEGIN', 1);
  end.lastIndex = 0;
  const last = end.exec(second < 0 ? key : key.slice(0, second));
  return last ? start + end.lastIndex : endOfLines(text, start + key.indexOf('-----', 11) + 5);
}

function endOfLines(text: string, start: number): number {
  let at = start;
  line.lastIndex = at;
  while (line.test(text)) at = line.lastIndex;
  return at;
}
