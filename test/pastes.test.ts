// What people really pasted into `rootcause explain`, with the whole answer; and more pastes of the same kinds.
//
// `UPDATE_CASES=1 npm test -- test/pastes` writes the answers anew; read the difference before you commit it.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';

import { answerInput } from '../src/commands/explain/answer-input.ts';

const folder = fileURLToPath(new URL('../cases/pastes/', import.meta.url));
const isUpdating = process.env['UPDATE_CASES'] === '1';
const now = '2026-11-22T12:00:00Z';

/** Everything that is printed, notes last. */
async function answer(text: string, output: 'text' | 'json' = 'text'): Promise<string> {
  let [written, notes] = ['', ''];
  const terminal = {
    input: Readable.from([Buffer.from(text)]),
    write: async (more: string) => void (written += more),
    complain: (more: string) => void (notes += more),
  };
  await answerInput({ files: [], output, lines: false }, now, terminal);
  return output === 'json' ? written : written + notes;
}

const fixesIn = (json: string): number => {
  const { fix, fixes } = JSON.parse(json) as { readonly fix?: object; readonly fixes?: readonly object[] };
  return fixes?.length ?? (fix ? 1 : 0);
};

describe('the answer to', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.txt') && !name.includes('.golden.'));

  test.each(names)('%s', async (name) => {
    const said = await answer(readFileSync(folder + name, 'utf8'));
    const golden = `${folder}${name.replace('.txt', '.golden.txt')}`;
    if (isUpdating) writeFileSync(golden, said);
    expect(said).toBe(readFileSync(golden, 'utf8'));
  });
});

type Paste = {
  readonly id: string;
  readonly text: string;
  /** All of these are in the answer. */
  readonly says: readonly string[];
  /** None of these is. */
  readonly never: readonly string[];
  /** Two words, of which the first comes first. */
  readonly first?: readonly [string, string];
  /** How many fixes there are. */
  readonly fixes?: number;
};

const pastes = parse(readFileSync(`${folder}more.yaml`, 'utf8')) as readonly Paste[];

describe.each(pastes)('the paste $id', ({ text, says, never, first, fixes }) => {
  test('is answered with all that is expected, and with nothing else', async () => {
    const said = await answer(text);
    expect(says.filter((word) => !said.includes(word))).toEqual([]);
    expect(never.filter((word) => said.includes(word))).toEqual([]);
    const places = (first ?? []).map((word) => said.indexOf(word));
    expect(places.toSorted((one, other) => one - other)).toEqual(places);
    expect(fixes ?? fixesIn(await answer(text, 'json'))).toBe(fixesIn(await answer(text, 'json')));
  });
});
