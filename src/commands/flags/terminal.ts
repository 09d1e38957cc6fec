// Standard output for results, standard error for everything else, and a progress line where a person watches.

import { choice } from './flag.ts';

export const outputFlag = {
  output: choice('text for people or json for programs', ['text', 'json'], 'text'),
};

export type Output = 'text' | 'json';

/** `complain` is for what went wrong. Both take whole lines. */
export type Terminal = {
  readonly write: (text: string) => void;
  readonly complain: (text: string) => void;
  /** One line that overwrites itself. */
  readonly progress?: (text: string) => void;
};

export function openTerminal(): Terminal {
  const { stdout, stderr } = process;
  const progress = (text: string): void => void stderr.write(`\r\u001B[K${text}\r`);
  const writeTo = (stream: NodeJS.WriteStream) => (text: string) => {
    if (stderr.isTTY) progress('');
    stream.write(text);
  };
  return { write: writeTo(stdout), complain: writeTo(stderr), ...(stderr.isTTY && { progress }) };
}
