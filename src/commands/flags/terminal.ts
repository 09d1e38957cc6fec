// Standard output for results, standard error for everything else, and a progress line where a person watches.

import { choice } from './flag.ts';

export const outputFlag = {
  output: choice('text for people or json for programs', ['text', 'json'], 'text', 'o'),
};

export type Output = 'text' | 'json';

export const scanOutputFlag = {
  output: choice(
    'text: a table, and details of up to 5 workloads; wide: details of all; json or yaml for programs',
    ['text', 'wide', 'json', 'yaml'],
    'text',
    'o',
  ),
};

export type ScanOutput = 'text' | 'wide' | 'json' | 'yaml';

/** `complain` is for what went wrong. Both take whole lines. */
export type Terminal = {
  readonly write: (text: string) => void;
  readonly complain: (text: string) => void;
  /** One line that overwrites itself. */
  readonly progress?: (text: string) => void;
};

export function openTerminal(): Terminal {
  const { stdout, stderr } = process;
  const isDrawing = stderr.isTTY && process.env['TERM'] !== 'dumb';
  const progress = (text: string): void => void stderr.write(`\r\u001B[K${text}\r`);
  const writeTo = (stream: NodeJS.WriteStream) => (text: string) => {
    if (isDrawing) progress('');
    stream.write(text);
  };
  return { write: writeTo(stdout), complain: writeTo(stderr), ...(isDrawing && { progress }) };
}
