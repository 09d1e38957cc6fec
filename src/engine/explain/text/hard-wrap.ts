// Recognises one message that a terminal, a mail or a person has broken into lines.

/** Of a message that is broken, in lines and characters. */
const maxLines = 40;
const maxWidth = 300;
const minWidth = 40;

/** The message in one line, where each line is so full that the next word would not have found place in it. */
export function unwrappedText(lines: readonly string[]): string | undefined {
  const filled = trimmed(lines);
  if (filled.length < 2 || filled.length > maxLines || filled.includes('')) return undefined;
  const width = Math.max(...filled.map(({ length }) => length));
  if (width < minWidth || width > maxWidth) return undefined;
  const isFull = filled.slice(0, -1).every((line, at) => {
    const [word = ''] = filled[at + 1]?.split(' ', 1) ?? [];
    return line.length + 1 + word.length > width;
  });
  if (!isFull) return undefined;
  const isHard = filled.slice(0, -1).every(({ length }) => length === width);
  return filled.join(isHard ? '' : ' ');
}

function trimmed(lines: readonly string[]): readonly string[] {
  const from = lines.findIndex((line) => line.trim() !== '');
  const to = lines.findLastIndex((line) => line.trim() !== '');
  return lines.slice(Math.max(0, from), to + 1).map((line) => line.trimEnd());
}
