// Makes text from elsewhere safe to show: no control characters, nothing invisible, a bounded length.

const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Replaces each character that is not visible (controls, direction marks, line separators, lone surrogates) by U+FFFD
 * and cuts the text to at most `max` characters, the last of which is then an ellipsis.
 */
export function printable(text: string, max: number): string {
  const visible = text.slice(0, 2 * max + 2).replace(invisible, '\uFFFD');
  const characters = Array.from(visible);
  return characters.length <= max ? visible : `${characters.slice(0, max - 1).join('')}…`;
}

const invisibleRun = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu;

/** Text from elsewhere as a part of one of our sentences: one line, with a space for what is not visible. */
export function printableLine(text: string, max = 512): string {
  return printable(
    text
      .slice(0, 4 * max)
      .replace(invisibleRun, ' ')
      .trim(),
    max,
  );
}
