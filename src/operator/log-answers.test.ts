import { beforeEach, describe, expect, test } from '@jest/globals';

import { KubeError } from '../kube/api/error.ts';
import type { LogAnswer, LogQuestion } from '../engine/model/question.ts';
import type { LogTail } from '../observe/ask/ask-log.ts';
import type { Ended } from './log-answers.ts';
import { LogAnswers } from './log-answers.ts';

const minuteMs = 60_000;

let nowMs: number;
let read: LogQuestion[];
let answered: LogAnswer[];
let failed: unknown[];
let tail: () => Promise<LogTail>;
let answers: LogAnswers;

beforeEach(() => {
  nowMs = 0;
  read = [];
  answered = [];
  failed = [];
  says('all is well\n');
  answers = new LogAnswers({
    read: (question) => {
      read.push(question);
      return tail();
    },
    onAnswer: (_key, answer) => void answered.push(answer),
    onError: (_key, error) => void failed.push(error),
    nowMs: () => nowMs,
  });
});

const says = (text: string): void => void (tail = async () => ({ is: 'read', text }));
const cannot = (because: string): void => void (tail = async () => ({ is: 'unread', because }));
function throws(error: Error): void {
  tail = async () => {
    throw error;
  };
}

const deniedText = 'touch: /var/data/x: Permission denied\n';
const denial = { family: 'image-dir-ownership', path: '/var/data/x' };

const question = (change: Partial<LogQuestion> = {}): LogQuestion => ({
  ask: 'log',
  namespace: 'shop',
  pod: 'web-1',
  podUid: 'u1',
  container: 'app',
  previous: true,
  hints: { uid: 10_001, volumeMounts: [] },
  ...change,
});

/** Asks, and gives what is read the time to be answered. */
async function ask(ended: Partial<Ended> = {}, change: Partial<LogQuestion> = {}): Promise<void> {
  answers.request('Deployment/shop/web', question(change), { restarts: 1, generation: 1, ...ended });
  await turns();
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('a log that shows what was denied', () => {
  test('leaves nothing but a family, a path and a port', async () => {
    says(`starting with token hunter2\n${deniedText}`);
    await ask();
    expect(answered).toEqual([{ question: question(), denial }]);
    expect(JSON.stringify(answered)).not.toContain('hunter2');
    says('nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)\n');
    await ask({}, { container: 'proxy' });
    expect(answered[1]?.denial).toEqual({ family: 'bind-privileged-port', port: 80 });
  });

  test('is not read again for an hour, however often the container ends', async () => {
    says(deniedText);
    await ask();
    says('another matter\n');
    for (const minutes of [1, 30, 59.9]) {
      nowMs = minutes * minuteMs;
      await ask({ restarts: 1 + minutes });
    }
    expect([read.length, answered.length]).toEqual([1, 4]);
    expect(answered.every((answer) => answer.denial !== undefined)).toBe(true);
    nowMs = 60 * minuteMs;
    await ask({ restarts: 99 });
    expect(read).toHaveLength(2);
    expect(answered.at(-1)).not.toHaveProperty('denial');
  });

  test('is read again once a new template has failed, and says nothing of it before', async () => {
    says(deniedText);
    await ask();
    const fixed = { restarts: 0, generation: 2 };
    nowMs = 30_000;
    await ask(fixed, { podUid: 'u2' });
    expect([read.length, answered.length]).toEqual([1, 1]);
    says('another matter\n');
    nowMs = minuteMs;
    await ask(fixed, { podUid: 'u2' });
    expect(read).toHaveLength(2);
    expect(answered.at(-1)).toEqual({ question: question({ podUid: 'u2' }) });
  });

  test('is still about the pod that it is of, when only the number of replicas changes', async () => {
    says(deniedText);
    await ask();
    nowMs = 30 * minuteMs;
    await ask({ generation: 2 });
    expect([read.length, answered.at(-1)?.denial]).toEqual([1, denial]);
  });

  test('holds while it cannot be read once more', async () => {
    says(deniedText);
    await ask();
    cannot('its log is no longer there');
    nowMs = 60 * minuteMs;
    await ask({ restarts: 9 });
    expect([read.length, answered.at(-1)?.denial]).toEqual([2, denial]);
  });
});

describe('a log that shows nothing', () => {
  test('is read again later and later, and only if the container has ended again', async () => {
    const readAt: number[] = [];
    for (let minutes = 0; minutes <= 300; minutes += 1) {
      nowMs = minutes * minuteMs;
      const before = read.length;
      await ask({ restarts: 1 + minutes });
      if (read.length > before) readAt.push(minutes);
    }
    expect(readAt).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
    expect(answered).toHaveLength(301);
  });

  test('is not read again for the same end', async () => {
    await ask();
    nowMs = 1000 * minuteMs;
    await ask();
    expect([read.length, answered.length]).toEqual([1, 2]);
    await ask({}, { podUid: 'u2' });
    expect(read).toHaveLength(2);
  });

  test('nor one that is gone, whose reason is told', async () => {
    cannot('its log is no longer there');
    await ask();
    nowMs = 1000 * minuteMs;
    await ask();
    expect(read).toHaveLength(1);
    expect(answered).toEqual([
      { question: question(), because: 'its log is no longer there' },
      { question: question(), because: 'its log is no longer there' },
    ]);
  });
});

describe('a log that cannot be read now', () => {
  test('is no answer, and is tried again for the same end, later and later', async () => {
    throws(new KubeError('serverError', 'no'));
    await ask();
    nowMs = 59_000;
    await ask();
    expect([read.length, answered.length, failed.length]).toEqual([1, 0, 1]);
    nowMs = minuteMs;
    await ask();
    nowMs = 2 * minuteMs;
    await ask();
    expect([read.length, answered.length]).toEqual([2, 0]);
    says(deniedText);
    nowMs = 3 * minuteMs;
    await ask();
    expect([read.length, answered.at(-1)?.denial]).toEqual([3, denial]);
  });

  test('for want of a right is asked for again as soon as anybody does', async () => {
    tail = async () => ({ is: 'notAllowed', because: 'not yet' });
    await ask();
    says(deniedText);
    await ask();
    expect(answered).toEqual([
      { question: question(), because: 'not yet' },
      { question: question(), denial },
    ]);
  });
});

describe('readings', () => {
  test('are two at a time, one for each container, and end with the operator', async () => {
    const { promise, resolve } = Promise.withResolvers<LogTail>();
    tail = () => promise;
    for (const container of ['a', 'a', 'b', 'c', 'a']) await ask({}, { container });
    expect(read.map(({ container }) => container)).toEqual(['a', 'b']);
    const stopped = answers.stop();
    resolve({ is: 'read', text: deniedText });
    await stopped;
    await ask({}, { container: 'd' });
    expect([read.length, answered.length]).toEqual([2, 0]);
  });

  test('wait in a line of a thousand; who finds no place asks again', async () => {
    const { promise, resolve } = Promise.withResolvers<LogTail>();
    tail = () => promise;
    const all = Array.from({ length: 1_500 }, (_none, at) => `c${at}`);
    for (const container of all)
      answers.request('Deployment/shop/web', question({ container }), { restarts: 1 });
    resolve({ is: 'read', text: '' });
    await answersTo(() => answered.length === 1_000);
    expect(read).toHaveLength(1_000);
  });

  test('are remembered for five thousand containers', async () => {
    const request = (at: number): void =>
      answers.request(`Deployment/shop/w${at}`, question(), { restarts: 1 });
    for (let at = 0; at <= 5_000; at += 1) {
      request(at);
      if (at % 500 === 0) await answersTo(() => answered.length === at + 1);
    }
    for (const at of [5_000, 1]) request(at);
    await turns();
    expect(read).toHaveLength(5_001);
    request(0);
    await turns();
    expect(read).toHaveLength(5_002);
  });
});

/** Turns of the event loop, until it holds. */
async function answersTo(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000; turn += 1) {
    if (condition()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`never came true: ${condition.toString()}`);
}
