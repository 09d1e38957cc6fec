// Whether a text itself says that its process is root: then whatever was denied, its user is not the reason.

/** What a program should be, wants to be or is not does not say what it is. */
const wish =
  /\b(?:must|should|needs?|requires?|required|ha(?:s|ve)|able|allowed|not|never|cannot|can.?t|don.?t|won.?t|isn.?t|unless|if|when|expect\w{0,3}|supposed|meant|permissions|try\w{0,3}|without|avoid|instead|to|be|from|please)\b[^.;\n]{0,60}$/i;

const statements: readonly RegExp[] = [
  /\buid=0\(root\)/g,
  /(?:^|[\s(,])e?uid=0(?=[\s,;)]|$)/gm,
  /\b(?:run|running|runs|started|starting|executing|logged in) as (?:the )?(?:user |uid ?[:=]? ?)?["'`]?(?:root|0)\b["'`]?(?!-|less)/gi,
  /\bcurrent user(?: is|:|=) ?["'`]?root\b/gi,
  /\brunAsUser["']?: {0,4}0\b/g,
  /\bwhoami\s{1,4}root\b/g,
  /^[ \t]*\[?root@[\w.-]{1,253}[: ][^\n#]{0,200}#/gm,
];

export function saysRoot(text: string): boolean {
  return statements.some((statement) =>
    Array.from(text.matchAll(statement)).some(
      ({ index }) => !wish.test(text.slice(Math.max(0, index - 100), index)),
    ),
  );
}
