import { describe, expect, test } from '@jest/globals';

import type { DryRunAnswer, DryRunQuestion } from '../engine/model/question.ts';
import { DryRunAnswers } from './dry-run-answers.ts';

const workload = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', namespace: 'shop', uid: 'u' };
const question = (patchDigest: string): DryRunQuestion => ({
  ask: 'dryRun',
  workload,
  generation: 1,
  patchDigest,
  patch: '{}',
});

/** Answers one question when it is told to. */
function slowly(onAnswered: () => void = () => undefined) {
  const asked: DryRunQuestion[] = [];
  const waiting: ((answer: DryRunAnswer | Error) => void)[] = [];
  const answered: string[] = [];
  const answers = new DryRunAnswers({
    ask: (one) =>
      new Promise((resolve, reject) => {
        asked.push(one);
        waiting.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
      }),
    onAnswer: (key, answer) => {
      answered.push(`${key} ${answer.tried.is}`);
      onAnswered();
    },
    onError: (key, error) => {
      answered.push(`${key} ${String(error)}`);
      onAnswered();
    },
  });
  return { answers, asked, waiting, answered };
}

const accepted = (one: DryRunQuestion): DryRunAnswer => ({
  question: one,
  tried: { is: 'accepted', warnings: [] },
});

describe('dry runs', () => {
  test('are asked for once however often a look asks, two at a time, and answered for their workload', async () => {
    const first = Promise.withResolvers<void>();
    const { answers, asked, waiting, answered } = slowly(() => first.resolve());
    for (const digest of ['a', 'a', 'b', 'c', 'a']) answers.request('k', question(digest));
    expect(asked.map(({ patchDigest }) => patchDigest)).toEqual(['a', 'b']);
    waiting[0]?.(accepted(question('a')));
    await first.promise;
    expect(answered).toEqual(['k accepted']);
    waiting[1]?.(accepted(question('b')));
    await answersTo(() => waiting.length === 3);
    waiting[2]?.(accepted(question('c')));
    await answersTo(() => answered.length === 3);
  });

  test('that fail are reported, and may be asked for again', async () => {
    const { answers, asked, waiting, answered } = slowly();
    answers.request('k', question('a'));
    waiting[0]?.(new Error('no'));
    await answersTo(() => answered.length === 1);
    expect(answered).toEqual(['k Error: no']);
    await answersTo(() => {
      answers.request('k', question('a'));
      return asked.length === 2;
    });
  });

  test('end with the operator, and answer nobody after that', async () => {
    const { answers, asked, waiting, answered } = slowly();
    for (const digest of ['a', 'b', 'c']) answers.request('k', question(digest));
    const stopped = answers.stop();
    for (const answer of waiting) answer(accepted(question('a')));
    await stopped;
    answers.request('k', question('d'));
    expect([asked.length, answered]).toEqual([2, []]);
  });
});

/** Turns of the event loop, until it holds. */
async function answersTo(condition: () => boolean): Promise<void> {
  for (let turns = 0; turns < 1000; turns += 1) {
    if (condition()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`never came true: ${condition.toString()}`);
}
