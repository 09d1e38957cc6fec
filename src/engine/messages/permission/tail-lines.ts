// Makes plain lines of the end of a log: without secrets, colours, JSON's escapes and the quotes of locales.

import { redacted } from '../../redact/redacted.ts';

/** Of a longer text the end is read: there a program says what it died of. */
const maxTextLength = 65_536;
/** A longer line is read in pieces. */
const maxLineLength = 4096;
const maxLines = 400;

export function tailLines(text: string): readonly string[] {
  return plain(redacted(text.slice(-maxTextLength)))
    .split('\n')
    .flatMap(pieces)
    .filter((line) => line.trim() !== '')
    .slice(-maxLines);
}

/** The text as the program meant it, however often it was wrapped in JSON on its way. */
const plain = (text: string): string =>
  text
    .replace(/\r\n?/g, '\n')
    .replace(/\\{1,8}u0027|&#39;|&apos;/gi, "'")
    .replace(/\\{1,8}u0022|&quot;|&#34;/gi, '"')
    .replace(/\\{1,8}(["'/])/g, '$1')
    .replace(/\\{1,8}[nr](?![a-z])|\\{1,8}n(?=[a-z])/g, '\n')
    .replace(/\\{1,8}t/g, ' ')
    .replace(/[‘’‚‛′`´]/g, "'")
    .replace(/[“”„«»]/g, '"')
    // can't, couldn't, we're: no quotation begins here.
    .replace(/([A-Za-z])'(t|s|re|ve|ll)(?![A-Za-z])/g, '$1$2');

function pieces(line: string): readonly string[] {
  if (line.length <= maxLineLength) return [line];
  const count = Math.ceil(line.length / maxLineLength);
  return Array.from({ length: count }, (_, at) => line.slice(at * maxLineLength, (at + 1) * maxLineLength));
}
