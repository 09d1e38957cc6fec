// Finds in the text of an entrypoint which program it changes users with, and to whom.

/** `user` as it is written, `USER` or `USER:GROUP`; absent where the text has a variable in its place. */
export type UserSwitch = { readonly tool: string; readonly user?: string; readonly line: number };

/** Lines read, and characters of each once its continuations are joined. */
const mostLines = 4096;
const longestLine = 2048;

/** What may stand in front of a command on its line. */
const leading = new Set('exec then else do if elif ! set -- env nohup command time'.split(' '));

/** The word that names the user: a variable, or text with quotes still around it. Undefined where no user is changed. */
type UserReader = (words: readonly string[]) => string | undefined;

const tools: Readonly<Record<string, UserReader>> = {
  gosu: (words) => words.find((word) => !word.startsWith('-')),
  'su-exec': (words) => words[0],
  's6-setuidgid': (words) => words[0],
  setuidgid: (words) => words[0],
  su: firstOperand,
  runuser: (words) => option(words, '-u', '--user') ?? firstOperand(words),
  sudo: (words) => option(words, '-u', '--user'),
  chpst: (words) => option(words, '-u'),
  chroot: (words) => option(words, '--userspec'),
  setpriv: (words) => {
    const user = option(words, '--reuid');
    // The group stays what it was, root's, unless it is changed too.
    return user && `${user}:${option(words, '--regid') ?? '0'}`;
  },
};

/** In the order of the text. Comments do not count, nor does a name in the middle of another command's words. */
export function userSwitches(text: string): readonly UserSwitch[] {
  return joinedLines(text).flatMap(([line, joined]) =>
    joined.split(/[;&|(){}]/).flatMap((command) =>
      switchOf(
        command.split(/\s+/).filter((word) => word !== ''),
        line,
      ),
    ),
  );
}

function switchOf(words: readonly string[], line: number): readonly UserSwitch[] {
  const at = words.findIndex((word) => !leading.has(word) && !/^\w+=/.test(word));
  const named = bare(words[at] ?? '');
  const tool = named.slice(named.lastIndexOf('/') + 1);
  const word = Object.hasOwn(tools, tool) ? tools[tool]?.(words.slice(at + 1)) : undefined;
  if (word === undefined) return [];
  const user = bare(word);
  return [
    /^[A-Za-z0-9_][\w.-]{0,63}(?::[A-Za-z0-9_][\w.-]{0,63})?$/.test(user)
      ? { tool, user, line }
      : { tool, line },
  ];
}

const bare = (word: string): string => word.replaceAll(/["']/g, '');

/** The value of `-u VALUE`, `-uVALUE`, `--user VALUE` or `--user=VALUE`, in front of any `--`. */
function option(words: readonly string[], ...names: readonly string[]): string | undefined {
  for (const [at, word] of words.entries()) {
    if (word === '--') return undefined;
    const name = names.find((candidate) => word.startsWith(candidate));
    if (name === undefined) continue;
    if (word === name) return words[at + 1];
    if (!name.startsWith('--')) return word.slice(name.length);
    if (word[name.length] === '=') return word.slice(name.length + 1);
  }
  return undefined;
}

/** Of `su` and `runuser`: the first word that is no option and no option's value. */
function firstOperand(words: readonly string[]): string | undefined {
  const valued = new Set(['-s', '--shell', '-c', '--command', '-g', '--group', '-G', '--supp-group']);
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (valued.has(word)) at += 1;
    else if (!word.startsWith('-')) return word;
  }
  return undefined;
}

/** Lines with those that they go on in after a backslash, each with the number of its first; without comments. */
function joinedLines(text: string): readonly (readonly [line: number, joined: string])[] {
  const lines = text.split('\n', mostLines);
  const joined: [number, string][] = [];
  let isContinued = false;
  for (const [index, line] of lines.entries()) {
    const trimmed = line.trim();
    const goesOn = trimmed.endsWith('\\');
    const part = (goesOn ? trimmed.slice(0, -1) : trimmed).slice(0, longestLine);
    const last = joined.at(-1);
    if (isContinued && last) last[1] = `${last[1]} ${part}`.slice(0, longestLine);
    else if (!part.startsWith('#')) joined.push([index + 1, part]);
    isContinued = goesOn && !trimmed.startsWith('#');
  }
  return joined;
}
