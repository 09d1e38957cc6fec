// `rootcause explain --lines`: one text in each line, one answer in each line.

import type { Readable } from 'node:stream';

import { isObject } from '../../platform/field.ts';
import { findingsOf } from '../../report/explain.ts';
import { explained, type ExplainMeans } from './explained.ts';
import { LineTooLong, linesOf } from './line-stream.ts';

/** Longest text, in characters; of a longer one the end is read, where a log says what happened. */
export const maxTextLength = 1024 * 1024;

/**
 * Answers each `{id, text}` with `{id, findings}`, in the order of the lines, and stops at a line that is none.
 *
 * @returns undefined, or what is wrong with that line: a sentence with its number
 */
export async function answerLines(
  input: Readable,
  means: ExplainMeans,
  write: (text: string) => Promise<void>,
): Promise<string | undefined> {
  let number = 0;
  try {
    for await (const lines of linesOf(input)) {
      let answers = '';
      for (const line of lines) {
        number += 1;
        const answer = answerTo(line, means);
        if (answer === undefined) {
          await write(answers);
          return `line ${number} is no JSON object with "id" and "text".`;
        }
        answers += answer;
      }
      await write(answers);
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof LineTooLong)) throw error;
    return `line ${number + 1} cannot be read: ${error.message}.`;
  }
}

/** Nothing to an empty line; undefined to one that asks nothing. */
function answerTo(line: string, means: ExplainMeans): string | undefined {
  if (line.trim() === '') return '';
  const asked = parsed(line);
  if (!isObject(asked)) return undefined;
  const { id, text } = asked;
  if ((typeof id !== 'string' && typeof id !== 'number') || typeof text !== 'string') return undefined;
  const findings = findingsOf(explained([text.slice(-maxTextLength)], means));
  return `${JSON.stringify({ id, findings })}\n`;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
