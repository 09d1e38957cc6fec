// Makes one line of all equal lines that follow each other: a log may say the same 200,000 times.

export type FoldedLines = {
  readonly lines: readonly string[];
  /** How often each of them stands there. */
  readonly times: readonly number[];
};

/** A long text is cut into lines as it is folded, so that no list of all its lines is made. */
export function foldedLines(text: string): FoldedLines {
  const lines: string[] = [];
  const times: number[] = [];
  for (let from = 0; from <= text.length;) {
    const end = text.indexOf('\n', from);
    const to = end < 0 ? text.length : end;
    const last = lines.length - 1;
    const before = lines[last] ?? '';
    if (before !== '' && to - from === before.length && text.startsWith(before, from))
      times[last] = (times[last] ?? 0) + 1;
    else {
      lines.push(text.slice(from, to));
      times.push(1);
    }
    if (end < 0) break;
    from = end + 1;
  }
  return { lines, times };
}
