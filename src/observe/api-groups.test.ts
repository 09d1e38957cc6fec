// What a broken API group may cost: few reads at once, no read while it rests, and no other group anything.

import { beforeEach, expect, test } from '@jest/globals';

import { KubeError } from '../kube/api/error.ts';
import { ApiGroups } from './api-groups.ts';

const { signal } = new AbortController();
const broken = new KubeError('serverError', 'the webhook is down', { status: 500 });
const kind = 'example.com/v1';

let nowMs: number;
let reads: number;
let changes: string[];
let groups: ApiGroups;

beforeEach(() => {
  nowMs = 0;
  reads = 0;
  changes = [];
  groups = new ApiGroups({
    nowMs: () => nowMs,
    onChange: (group, error) => changes.push(`${group}: ${error?.message ?? 'well'}`),
    deadlineMs: 50,
  });
});

const failing = async (): Promise<string> => {
  reads += 1;
  throw broken;
};

const codeOf = (reading: Promise<unknown>): Promise<unknown> =>
  reading.then(
    (value) => value,
    (error: unknown) => (error instanceof KubeError ? [error.code, error.apiGroup] : error),
  );

test('After a failure the group is not read until it has rested, and the failure is what every read comes to', async () => {
  expect(await codeOf(groups.read(kind, failing, signal))).toEqual(['serverError', 'example.com']);
  expect(await codeOf(groups.read(kind, failing, signal))).toEqual(['serverError', 'example.com']);
  expect(reads).toBe(1);
  nowMs = 1_000;
  await codeOf(groups.read(kind, failing, signal));
  expect(reads).toBe(2);
  nowMs = 2_000;
  await codeOf(groups.read(kind, failing, signal));
  expect(reads).toBe(2);
});

test('Trouble is told when it begins and when it ends, and names the group', async () => {
  await codeOf(groups.read(kind, failing, signal));
  nowMs = 1_000;
  await codeOf(groups.read(kind, failing, signal));
  nowMs = 10_000;
  expect(await groups.read(kind, async () => 'fine', signal)).toBe('fine');
  expect(changes).toEqual(['example.com: the webhook is down', 'example.com: well']);
});

test('Trouble that lasts is an answer, and ends with the first read that succeeds', async () => {
  await codeOf(groups.read(kind, failing, signal));
  nowMs = 29_999;
  expect(await codeOf(groups.read(kind, failing, signal))).toEqual(['serverError', 'example.com']);
  nowMs = 30_000;
  expect(await groups.read(kind, failing, signal)).toBe('lastingTrouble');
  nowMs = 100_000;
  expect(await groups.read(kind, async () => 'fine', signal)).toBe('fine');
  expect(await codeOf(groups.read(kind, failing, signal))).toEqual(['serverError', 'example.com']);
});

test('A read that hangs is given up, and two of them are all that a group may hold', async () => {
  const hanging = (limited: AbortSignal): Promise<never> =>
    new Promise((_, reject) => {
      reads += 1;
      limited.addEventListener('abort', () => reject(new KubeError('aborted', 'given up')));
    });
  const slow = new ApiGroups({ nowMs: () => nowMs, deadlineMs: 1_000 });
  const results = await Promise.all(
    Array.from({ length: 10 }, () => codeOf(slow.read(kind, hanging, signal))),
  );
  expect(reads).toBe(2);
  expect(results.filter((result) => String(result) === 'timeout,example.com')).toHaveLength(2);
  expect(results.filter((result) => String(result) === 'tooManyRequests,example.com')).toHaveLength(8);
});

test('Reads of a healthy group wait for each other and all succeed', async () => {
  let running = 0;
  let most = 0;
  const read = async (): Promise<string> => {
    most = Math.max(most, (running += 1));
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return 'fine';
  };
  const results = await Promise.all(Array.from({ length: 4 }, () => groups.read(kind, read, signal)));
  expect(results).toEqual(['fine', 'fine', 'fine', 'fine']);
  expect(most).toBe(2);
});

test('Other groups and built-in kinds are read as ever', async () => {
  await codeOf(groups.read(kind, failing, signal));
  expect(await groups.read('example.org/v1', async () => 'fine', signal)).toBe('fine');
  expect(await codeOf(groups.read('apps/v1', failing, signal))).toEqual(['serverError', undefined]);
  expect(await codeOf(groups.read('apps/v1', failing, signal))).toEqual(['serverError', undefined]);
  expect(reads).toBe(3);
});

test.each(['unreachable', 'unauthorized', 'forbidden', 'aborted'] as const)(
  'An error with code %s does not count as trouble of the API group',
  async (code) => {
    const refused = async (): Promise<never> => {
      throw new KubeError(code, 'no');
    };
    expect(await codeOf(groups.read(kind, refused, signal))).toEqual([code, undefined]);
    expect(await groups.read(kind, async () => 'fine', signal)).toBe('fine');
    expect(changes).toEqual([]);
  },
);
