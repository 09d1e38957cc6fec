// Undoes what copying did to a name inside a quoted or wrapped text.

/**
 * @param before what stands right in front of the sentence: there a quotation begins, if the sentence is quoted
 * @param backslashes how many stand before a quote inside the sentence; undefined where it has no quote
 */
export function unquoted(name: string, before: string, backslashes: number | undefined): string {
  if (/'(?:Error:\s)?$/.test(before)) return name.replaceAll("''", "'");
  const opening = /[:=]\s?(\\{0,7})"(?:Error:\s)?$/.exec(before);
  const depth =
    backslashes === undefined ? opening && depthOf(opening[1]?.length ?? 0) + 1 : depthOf(backslashes);
  return Array.from({ length: depth ?? 0 }).reduce<string>(
    (text) => text.replaceAll(/\\(["\\])/g, '$1'),
    name,
  );
}

/** Each quotation around a text doubles its backslashes and adds one: 1, 3, 7. */
const depthOf = (backslashes: number): number => Math.min(3, Math.floor(Math.log2(backslashes + 1)));

/** Joins a name that a terminal has wrapped. No blank is put in: names have blanks more rarely than lines have indents. */
export function unwrapped(name: string): string {
  const lines = name.split('\n');
  if (lines.length === 1) return name;
  return lines
    .map((line, index) => (index === 0 ? line.trimEnd() : line.replace(/^[\s>]+/, '').trimEnd()))
    .join('');
}
