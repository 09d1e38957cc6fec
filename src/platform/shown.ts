// Text out of an image as part of a sentence: nothing invisible, bounded.

const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Characters of one name or path in a sentence. */
const longest = 120;

/** Each character that cannot be seen becomes U+FFFD; a long text is cut and ends in an ellipsis. */
export function shown(text: string): string {
  const visible = Array.from(text.slice(0, 2 * longest + 2).replace(invisible, '\uFFFD'));
  return visible.length <= longest ? visible.join('') : `${visible.slice(0, longest - 1).join('')}…`;
}
