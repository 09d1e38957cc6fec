// Takes out what a terminal obeys and what no one sees: either may stand in the middle of a secret.

const escape = String.fromCodePoint(0x1b);
const introducer = String.fromCodePoint(0x9b);
/** A colour or a movement, raw or as JSON and shells write it. */
const sequence = new RegExp(
  `(?:(?:${escape}|\\\\{1,8}(?:u001[bB]|x1[bB]|033))\\[|${introducer})[0-9;:?]{0,32}[ -/]?[A-Za-z@]`,
  'g',
);
const invisible = /[^\P{Cc}\t\n\r]|[\p{Cf}\p{Cs}]/gu;
/** One sequence may stand in the midst of another; no program writes more. */
const maxRounds = 4;

/** The text without colours, control characters and characters of no width. */
export function visibleText(text: string): string {
  let visible = text;
  for (let round = 0; round < maxRounds; round += 1) {
    const less = visible.replace(sequence, '').replace(invisible, '');
    if (less === visible) break;
    visible = less;
  }
  return visible;
}
