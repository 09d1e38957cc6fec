// The keyed queue: a key runs once at a time, is never lost, and is retried with backoff.

import { afterEach, expect, test } from '@jest/globals';

import type { QueueOptions } from './queue.ts';
import { KeyedQueue } from './queue.ts';

let queue: KeyedQueue;

afterEach(async () => queue.stop());

function start(run: QueueOptions['run'], more: Partial<QueueOptions> = {}): KeyedQueue {
  queue = new KeyedQueue({
    run,
    workers: 2,
    restMs: 0,
    retry: { firstMs: 1, mostMs: 4, newsMs: 4 },
    onError: () => {},
    random: () => 0,
    ...more,
  });
  return queue;
}

/** A promise that somebody else settles. */
function gate() {
  return Promise.withResolvers<void>();
}

test('a key that is added while it waits runs once', async () => {
  const ran: string[] = [];
  const blocker = gate();
  const idle = gate();
  start(
    async (key) => {
      ran.push(key);
      if (key === 'first') await blocker.promise;
      if (key === 'last') idle.resolve();
    },
    { workers: 1 },
  );
  queue.add('first');
  queue.add('again');
  queue.add('again');
  queue.add('last');
  expect(queue.depth).toBe(2);
  blocker.resolve();
  await idle.promise;
  expect(ran).toEqual(['first', 'again', 'last']);
});

test('a key that is added while it runs, runs once more and never beside itself', async () => {
  let running = 0;
  let most = 0;
  let runs = 0;
  const blocker = gate();
  const done = gate();
  start(async () => {
    most = Math.max(most, (running += 1));
    runs += 1;
    if (runs === 1) await blocker.promise;
    running -= 1;
    if (runs === 2) done.resolve();
  });
  queue.add('a');
  queue.add('a');
  queue.add('a');
  blocker.resolve();
  await done.promise;
  expect(runs).toBe(2);
  expect(most).toBe(1);
});

test('a run that throws comes back until it succeeds, and each failure is reported', async () => {
  const errors: unknown[] = [];
  const done = gate();
  let runs = 0;
  start(
    async () => {
      runs += 1;
      if (runs < 4) throw new Error(`failure ${runs}`);
      done.resolve();
    },
    { onError: (_key, error) => errors.push((error as Error).message) },
  );
  queue.add('a');
  await done.promise;
  expect(errors).toEqual(['failure 1', 'failure 2', 'failure 3']);
});

const anHour = 3_600_000;

test('news about a failing key cuts its backoff short', async () => {
  let runs = 0;
  const failed = gate();
  const again = gate();
  start(
    async () => {
      runs += 1;
      if (runs === 1) throw new Error('once');
      again.resolve();
    },
    { retry: { firstMs: anHour, mostMs: anHour, newsMs: 1 }, onError: () => failed.resolve() },
  );
  queue.add('a');
  await failed.promise;
  await new Promise((resolve) => setImmediate(resolve));
  queue.add('a');
  await again.promise;
  expect(runs).toBe(2);
});

test('news that comes while a run fails cuts the backoff short as well', async () => {
  let runs = 0;
  const again = gate();
  start(
    async () => {
      runs += 1;
      if (runs > 1) return again.resolve();
      queue.add('a');
      throw new Error('once');
    },
    { retry: { firstMs: anHour, mostMs: anHour, newsMs: 1 } },
  );
  queue.add('a');
  await again.promise;
});

test('a key that fails on each news does not run for each of them', async () => {
  let runs = 0;
  const failed = gate();
  start(
    async () => {
      runs += 1;
      throw new Error('always');
    },
    { retry: { firstMs: anHour, mostMs: anHour, newsMs: anHour }, onError: () => failed.resolve() },
  );
  queue.add('a');
  await failed.promise;
  for (let turn = 0; turn < 20; turn += 1) {
    queue.add('a');
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(runs).toBe(1);
});

test('a later time does not put off an earlier one', async () => {
  const done = gate();
  start(async () => done.resolve());
  queue.addAfter('a', 1);
  queue.addAfter('a', 3_600_000);
  await done.promise;
});

test('no more keys run at the same time than there are workers', async () => {
  let running = 0;
  let most = 0;
  let ended = 0;
  const done = gate();
  start(async () => {
    most = Math.max(most, (running += 1));
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    ended += 1;
    if (ended === 20) done.resolve();
  });
  for (let key = 0; key < 20; key += 1) queue.add(`key ${key}`);
  await done.promise;
  expect(most).toBe(2);
});

test('stopping ends the runs under way through their signal, and starts no others', async () => {
  const started = gate();
  const ran: string[] = [];
  start(
    async (key, signal) => {
      ran.push(key);
      started.resolve();
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    },
    { workers: 1 },
  );
  queue.add('a');
  queue.add('b');
  await started.promise;
  await queue.stop();
  queue.add('c');
  expect(ran).toEqual(['a']);
});
