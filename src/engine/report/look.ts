// How an answer looks where it is printed: how wide it may be, and in which styles.

export type Style = 'heading' | 'failing' | 'proved' | 'unproved';

export type Look = {
  /** In characters, of a table. */
  readonly width: number;
  /** In characters, of a sentence; absent where nothing is wrapped, as in a file. */
  readonly wrapAt?: number;
  readonly paint: (style: Style | undefined, text: string) => string;
};

/** Of a file or a pipe. */
export const plainLook: Look = { width: 100, paint: (_style, text) => text };

/** The lines of a sentence that begins with its indentation; the later ones are indented a little further. */
export function wrapped(sentence: string, wrapAt: number | undefined): readonly string[] {
  if (wrapAt === undefined || sentence.length <= wrapAt) return [sentence];
  const indent = sentence.slice(0, sentence.search(/\S|$/));
  const lines: string[] = [];
  let line = '';
  for (const word of sentence.trimStart().split(' ')) {
    const longer = line === '' ? `${lines.length === 0 ? indent : `${indent}  `}${word}` : `${line} ${word}`;
    if (longer.length <= wrapAt || line === '') line = longer;
    else {
      lines.push(line);
      line = `${indent}  ${word}`;
    }
  }
  return [...lines, line];
}
