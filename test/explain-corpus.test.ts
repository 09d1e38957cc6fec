// Texts that people paste, each with the right answer, through the real command: `rootcause explain --lines`.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { beforeAll, describe, expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = ['corpus', 'more-logs', 'more-refusals', 'reports'];

type Row = {
  readonly id: string;
  readonly kind: string;
  readonly text: string;
  readonly ambiguous?: boolean;
  readonly expect: {
    readonly cause: string;
    readonly user?: string;
    readonly container?: string;
    readonly pod?: string;
    readonly namespace?: string;
  };
};

type Answer = {
  readonly id: string;
  readonly findings: readonly {
    readonly cause: string;
    readonly container: { readonly name?: string };
    readonly image: { readonly user?: string };
    readonly pod: { readonly name?: string; readonly namespace?: string };
  }[];
};

const parsed = (text: string): readonly unknown[] =>
  text
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));

const rowsOf = (file: string): readonly Row[] =>
  parsed(readFileSync(`${root}cases/messages/${file}.jsonl`, 'utf8')) as readonly Row[];

const rows = files.flatMap(rowsOf);
const answers = new Map<string, Answer>();
let order: readonly string[];
let ended: { readonly stderr: string; readonly status: number | null };

beforeAll(() => {
  const input = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [`${root}src/main.ts`, 'explain', '--lines'],
    { input, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  ended = { stderr, status };
  const told = parsed(stdout) as readonly Answer[];
  order = told.map(({ id }) => id);
  for (const answer of told) answers.set(answer.id, answer);
});

test('every line has its answer, in its place', () => {
  expect(ended).toEqual({ stderr: '', status: 0 });
  expect(order).toEqual(rows.map(({ id }) => id));
});

/** What a row expects and what it got, where they differ; of rows without a failure only the cause counts. */
function wrong({ id, expect: wanted, text }: Row) {
  const [first] = answers.get(id)?.findings ?? [];
  const got = {
    cause: first?.cause ?? 'none',
    user: first?.image.user,
    container: first?.container.name,
    pod: first?.pod.name,
    namespace: first?.pod.namespace,
  };
  const fields = wanted.cause === 'none' ? (['cause'] as const) : (Object.keys(got) as (keyof typeof got)[]);
  const differ = fields.filter((field) => got[field] !== wanted[field]);
  return differ.map((field) => ({
    id,
    field,
    got: got[field],
    wanted: wanted[field],
    text: text.slice(0, 200),
  }));
}

const isOfLog = ({ expect: { cause } }: Row): boolean => cause === 'NonRootPermissionDenied';

describe('every text', () => {
  test('of a kubelet, of Pod Security or of a runtime is understood, with every name that it prints', () => {
    const told = rows.filter((row) => row.expect.cause !== 'none' && !isOfLog(row));
    expect(told.flatMap(wrong)).toEqual([]);
    report('kubelet, Pod Security, runtime', told);
  });

  test('of the corpus is understood, logs too', () => {
    expect(rowsOf('corpus').flatMap(wrong)).toEqual([]);
  });

  test('that is a near miss raises no alarm', () => {
    const misses = rows.filter((row) => row.expect.cause === 'none' && row.ambiguous !== true);
    expect(misses.flatMap(wrong)).toEqual([]);
    report('near misses', misses);
  });
});

test('of logs nearly all are understood', () => {
  const logs = rows.filter(isOfLog);
  const failed = new Set(logs.flatMap(wrong).map(({ id }) => id));
  report('logs', logs);
  expect(failed.size / logs.length).toBeLessThan(0.05);
});

/** A figure for whoever changes a reader. */
function report(what: string, of: readonly Row[]): void {
  const right = of.filter((row) => wrong(row).length === 0).length;
  process.stdout.write(`      ${what}: ${right} of ${of.length}\n`);
}
