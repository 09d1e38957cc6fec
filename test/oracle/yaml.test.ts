// What kubectl makes of our YAML, since people hand it our patches: one process reads thousands of odd values.

import { spawnSync } from 'node:child_process';
import { devNull } from 'node:os';
import { expect, test } from '@jest/globals';
import { yamlOf } from '../../src/engine/report/yaml.ts';
import { oddTexts } from './yaml-texts.ts';

const kubectl = process.env['KUBECTL'] ?? 'kubectl';
/** The usual way to a cluster leads nowhere: what is asked for here is done without one. */
const environment = { ...process.env, KUBECONFIG: devNull };
const isThere = spawnSync(kubectl, ['version', '--client'], { env: environment }).status === 0;

const either = isThere ? test : test.skip;
either(`kubectl reads it as it was${isThere ? '' : ' (there is no kubectl: set KUBECTL)'}`, compareAll);

function compareAll(): void {
  const texts = oddTexts();
  const written = {
    apiVersion: 'v1',
    kind: 'Anything',
    metadata: { name: 'odd' },
    values: texts.map((text) => ({ inObject: text, inList: [text, [text]], asKey: { [text]: text } })),
    keys: Object.fromEntries(texts.map((text, at) => [text, { [text]: [at] }])),
    numbers: [0, -1, 10001, 2 ** 31, 2 ** 53, 2 ** 63, 2 ** 64, 1e20, 1e21, 1e-7, 0.1, -1.5, 5e-324],
    others: [null, true, false, {}, [], [[]], [{}], { a: null, b: {} }],
    containers: texts.map((name) => ({ name, securityContext: { runAsUser: 10001 } })),
  };
  const { values, ...read } = readByKubectl(yamlOf(written));
  const wrong = texts.filter((_, at) => !isSame(values?.[at], written.values[at]));
  expect(texts.length).toBeGreaterThan(3000);
  expect(wrong).toEqual([]);
  expect(read['numbers']).toEqual(written.numbers);
  expect(read['others']).toEqual(written.others);
  expect(isSame(read['containers'], written.containers)).toBe(true);
  expect(isSame(read['keys'], written.keys)).toBe(true);
}

type Read = { readonly values?: readonly unknown[]; readonly [field: string]: unknown };

/** `label --local` reads a file and prints it with a label, whatever it is, and asks nobody. */
function readByKubectl(input: string): Read {
  const args = ['label', '--local', '-f', '-', 'read=by-kubectl', '-o', 'json'];
  const read = spawnSync(kubectl, args, { input, env: environment, maxBuffer: 256 << 20 });
  if (read.status !== 0) throw new Error(`kubectl: ${read.stderr.toString().slice(0, 1000)}`);
  return JSON.parse(read.stdout.toString()) as Read;
}

/** Keys of an object come in the order of the alphabet. */
function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(sorted(left)) === JSON.stringify(sorted(right));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, below]) => [key, sorted(below)] as const);
  return entries.toSorted(([left], [right]) => (left < right ? -1 : 1));
}
