// `rootcause explain --lines`: one text in each line, one answer in each line.

import type { Readable } from 'node:stream';

import { isObject, jsonIn } from '../../engine/platform/data/field.ts';
import { findingsOf } from '../../engine/explain/explanation.ts';
import { explained } from '../../engine/explain/explain.ts';
import type { Time } from '../../engine/model/time.ts';

/**
 * Answers each `{id, text}` with `{id, findings}`, in the order of the lines. A line that is not such an object does
 * not affect the others.
 *
 * @returns undefined, or what was wrong: a sentence with the number of the first such line
 */
export async function answerLines(
  input: Readable,
  now: Time,
  write: (text: string) => Promise<void>,
): Promise<string | undefined> {
  let number = 0;
  const wrong: number[] = [];
  try {
    for await (const lines of linesOf(input)) {
      let answers = '';
      for (const line of lines) {
        number += 1;
        const answer = await answerTo(line, now);
        if (answer === undefined) wrong.push(number);
        else answers += answer;
      }
      await write(answers);
    }
    return complaint(wrong);
  } catch (error) {
    if (!(error instanceof LineTooLong)) throw error;
    return `line ${number + 1} cannot be read: ${error.message}.`;
  }
}

function complaint([first, ...others]: readonly number[]): string | undefined {
  if (first === undefined) return undefined;
  const also =
    others.length === 0 ? '' : ` The same is true of ${others.length} more; all other lines were answered.`;
  return `line ${first} is not a JSON object with "id" and "text".${also}`;
}

/** Empty for an empty line; undefined for one that is not such an object. */
async function answerTo(line: string, now: Time): Promise<string | undefined> {
  if (line.trim() === '') return '';
  const asked = jsonIn(line);
  if (!isObject(asked)) return undefined;
  const { id, text } = asked;
  if ((typeof id !== 'string' && typeof id !== 'number') || typeof text !== 'string') return undefined;
  const findings = findingsOf(await explained([text], now));
  return `${JSON.stringify({ id, findings })}\n`;
}

/** A text of 1 MiB takes six times that where JSON escapes each of its bytes. */
const maxLineBytes = 8 * 1024 * 1024;

class LineTooLong extends Error {}

/**
 * The lines that each chunk completes, without line breaks, so that their answers can be written at once.
 *
 * @throws LineTooLong after the lines before that one
 */
async function* linesOf(stream: Readable): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(Buffer.from(chunk), { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    const long = parts.findIndex((line) => line.length > maxLineBytes);
    if (long >= 0 || rest.length > maxLineBytes) {
      yield parts.slice(0, long < 0 ? parts.length : long);
      throw new LineTooLong(`it is longer than ${maxLineBytes / 1024 / 1024} MiB`);
    }
    if (parts.length > 0) yield parts;
  }
  rest += decoder.decode();
  if (rest !== '') yield [rest];
}
