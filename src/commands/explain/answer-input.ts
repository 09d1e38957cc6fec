// `rootcause explain`: what an error line, the output of kubectl, a log or an object says, without a cluster.

import type { Readable } from 'node:stream';

import type { Output } from '../flags/terminal.ts';
import { explanationJson, explanationText } from '../../engine/explain/explanation.ts';
import { answerLines } from './answer-lines.ts';
import { explained } from '../../engine/explain/explain.ts';
import { readInput, streamOf } from './read-input.ts';
import type { Time } from '../../engine/model/time.ts';

export type ExplainOptions = {
  /** Empty: standard input. */
  readonly files: readonly string[];
  readonly output: Output;
  /** One question and one answer in each line. */
  readonly lines: boolean;
};

/** `write` is for findings, `complain` for everything else. Both take whole lines. */
type ExplainTerminal = {
  readonly input: Readable;
  readonly write: (text: string) => Promise<void>;
  readonly complain: (text: string) => void;
};

/**
 * Exit code 0 whatever is found, or 2 if the input cannot be read.
 *
 * @throws Error, one sentence, for a file that cannot be read
 */
export async function answerInput(
  { files, output, lines }: ExplainOptions,
  now: Time,
  terminal: ExplainTerminal,
): Promise<number> {
  const given = files.length > 0 ? files : ['-'];
  if (lines) return explainLines(given, now, terminal);
  const texts: string[] = [];
  for (const file of given) texts.push(await readInput(file, terminal.input));
  const found = await explained(texts, now);
  if (output === 'json') await terminal.write(explanationJson(found));
  else if (explanationText(found) !== '') await terminal.write(explanationText(found));
  for (const note of found.notes) terminal.complain(`rootcause: ${note}\n`);
  return 0;
}

async function explainLines(
  files: readonly string[],
  now: Time,
  { input, write, complain }: ExplainTerminal,
): Promise<number> {
  for (const file of files) {
    const trouble = await answerLines(await streamOf(file, input), now, write);
    if (trouble === undefined) continue;
    complain(`rootcause: ${file === '-' ? 'Standard input' : file}, ${trouble}\n`);
    return 2;
  }
  return 0;
}
