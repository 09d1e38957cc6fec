import { beforeEach, describe, expect, test } from '@jest/globals';

import type {
  Answer,
  DryRunQuestion,
  EventsQuestion,
  ImageQuestion,
  ImageReading,
  LogAnswer,
  LogQuestion,
  Question,
} from '../../engine/model/question.ts';
import type { Snapshot } from '../../engine/model/snapshot.ts';
import { KubeError } from '../../kube/api/error.ts';
import { Answers, type AtHand } from './answers.ts';

const minuteMs = 60_000;
const web = 'Deployment/shop/web';

let nowMs: number;
let asked: Question[];
let requeued: string[];
let troubles: unknown[];
let reply: (question: Question) => Promise<Answer>;
let answers: Answers;

beforeEach(() => {
  nowMs = 0;
  asked = [];
  requeued = [];
  troubles = [];
  says({});
  answers = new Answers({
    ask: (question) => {
      asked.push(question);
      return reply(question);
    },
    onAnswer: (key) => void requeued.push(key),
    onTrouble: (_key, _question, error) => void troubles.push(error),
    nowMs: () => nowMs,
  });
});

/** Every question is answered with this. */
function says(fields: object): void {
  reply = async (question) => Object.assign({ question }, fields) as Answer;
}

function fails(): void {
  reply = async () => {
    throw new KubeError('serverError', 'no');
  };
}

type Ended = { readonly podUid?: string; readonly restarts?: number; readonly generation?: number };

/** A workload one of whose containers has ended so often. */
const snapshotOf = ({ podUid = 'u1', restarts = 1, generation = 1 }: Ended = {}): Snapshot =>
  ({
    pods: [
      {
        uid: podUid,
        manifest: { spec: { containers: ['app', 'proxy'].map((name) => ({ name, restarts })) } },
      },
    ],
    workload: { generation },
  }) as unknown as Snapshot;

const log = (change: Partial<LogQuestion> = {}): LogQuestion => ({
  ask: 'log',
  namespace: 'shop',
  pod: 'web-1',
  podUid: 'u1',
  container: 'app',
  previous: true,
  hints: { uid: 10_001, volumeMounts: [] },
  ...change,
});

const events: EventsQuestion = { ask: 'events', namespace: 'shop', pod: 'web-1', podUid: 'u1' };
const dryRun = { ask: 'dryRun', patchDigest: 'sha256:1', generation: 1 } as unknown as DryRunQuestion;
const image = (change: Partial<ImageQuestion> = {}): ImageQuestion => ({
  ask: 'image',
  reference: 'registry.example/web:1',
  digest: 'sha256:1',
  namespace: 'shop',
  serviceAccount: 'default',
  pullSecrets: [],
  ...change,
});

const ask = (question: Question, snapshot = snapshotOf(), key = web): Promise<AtHand> =>
  answers.answer(key, question, snapshot, new AbortController().signal);

/** What a reconcile has, and the one that follows once everything that it asked has been answered. */
async function askTwice(question: Question, snapshot = snapshotOf(), key = web): Promise<AtHand> {
  const first = await ask(question, snapshot, key);
  await turns();
  return requeued.includes(key) ? ask(question, snapshot, key) : first;
}

/** The log of a container that has ended so often. */
const askLog = (ended: Ended = {}, change: Partial<LogQuestion> = {}): Promise<AtHand> =>
  askTwice(
    log({ ...(ended.podUid !== undefined && { podUid: ended.podUid }), ...change }),
    snapshotOf(ended),
  );

const denialIn = ({ answer }: AtHand): LogAnswer['denial'] => (answer as LogAnswer | undefined)?.denial;

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

const denial = { family: 'image-dir-ownership', path: '/var/data/x' };

describe('a question that is awaited', () => {
  test('is answered in the same reconcile, and not asked again for a while', async () => {
    says({ events: [] });
    expect(await ask(events)).toEqual({ answer: { question: events, events: [] } });
    nowMs = 14_999;
    await ask(events);
    expect(asked).toHaveLength(1);
    nowMs = 15_000;
    await ask(events);
    expect(asked).toHaveLength(2);
    expect(requeued).toEqual([]);
  });

  test('is used however long the answer took', async () => {
    reply = async (question) => {
      nowMs += 60_000;
      return Object.assign({ question }, { events: [] }) as Answer;
    };
    expect((await ask(events)).answer).toEqual({ question: events, events: [] });
  });

  test('is asked again once there is news', async () => {
    says({ events: [] });
    await ask(events);
    answers.drop(web, 'events', 'u2');
    await ask(events);
    expect(asked).toHaveLength(1);
    answers.drop(web, 'events', 'u1');
    await ask(events);
    expect(asked).toHaveLength(2);
  });

  test('fails with its trouble, and is asked again the next time', async () => {
    fails();
    await expect(ask(events)).rejects.toThrow('no');
    says({ events: [] });
    expect((await ask(events)).answer).toBeDefined();
  });

  test('is of one workload', async () => {
    says({ events: [] });
    await ask(events);
    await ask(events, snapshotOf(), 'Job/shop/once');
    expect(asked).toHaveLength(2);
  });
});

describe('an image', () => {
  const read: ImageReading = { is: 'read' } as ImageReading;

  test('is read once for all workloads that have it, and each is reconciled when it was', async () => {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    reply = () => promise;
    expect(await ask(image())).toEqual({});
    expect(await ask(image(), snapshotOf(), 'Job/shop/once')).toEqual({});
    resolve({ question: image(), reading: read });
    await turns();
    expect(requeued.toSorted()).toEqual([web, 'Job/shop/once'].toSorted());
    expect(await ask(image())).toEqual({ answer: { question: image(), reading: read } });
    nowMs = 1e12;
    await ask(image());
    expect(asked).toHaveLength(1);
  });

  test('under a tag is read again after a while, and what was read holds until then and through trouble', async () => {
    const tagged: ImageQuestion = { ...image(), reference: 'registry.example/web:2' };
    const { digest: _digest, ...question } = tagged;
    says({ reading: read });
    await askTwice(question);
    fails();
    nowMs = 5 * minuteMs;
    expect((await ask(question)).answer).toEqual({ question, reading: read });
    await turns();
    expect(asked).toHaveLength(2);
    expect((await ask(question)).answer).toEqual({ question, reading: read });
  });

  test('that cannot be read says why, and is tried again later and later', async () => {
    const reading: ImageReading = { is: 'unread', because: 'denied' };
    says({ reading });
    expect(await askTwice(image())).toEqual({ answer: { question: image(), reading }, retryMs: minuteMs });
    const readAt: number[] = [];
    for (let minutes = 0; minutes <= 200; minutes += 1) {
      nowMs = minutes * minuteMs;
      const before = asked.length;
      await askTwice(image());
      if (asked.length > before) readAt.push(minutes);
    }
    expect(readAt).toEqual([1, 3, 7, 15, 31, 63, 123, 183]);
    expect(requeued).toEqual([web]);
  });

  test('is one of two that are read at once', async () => {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    reply = () => promise;
    for (const digest of ['sha256:1', 'sha256:2', 'sha256:3', 'sha256:1']) await ask(image({ digest }));
    expect(asked).toHaveLength(2);
    const stopped = answers.stop();
    resolve({ question: image(), reading: read });
    await stopped;
    await ask(image({ digest: 'sha256:4' }));
    expect([asked.length, requeued.length]).toEqual([2, 0]);
  });

  test('waits for no image of another namespace or registry', async () => {
    reply = () => new Promise(() => undefined);
    for (const digest of ['sha256:1', 'sha256:2', 'sha256:3']) await ask(image({ digest }));
    await ask(image({ namespace: 'bank' }));
    await ask(image({ reference: 'other.example/web:1' }));
    expect(asked).toHaveLength(4);
  });

  test('is not the same for another namespace, account or pull secret', async () => {
    says({ reading: read });
    await askTwice(image());
    expect(await ask(image({ namespace: 'bank' }))).toEqual({});
    expect(await ask(image({ serviceAccount: 'other' }))).toEqual({});
    expect(await ask(image({ pullSecrets: ['other'] }))).toEqual({});
  });

  test('of a registry that is not known is asked for again soon, and at once when its pod has pulled it', async () => {
    const reading: ImageReading = { is: 'notAttempted', because: 'no node' };
    says({ reading });
    await askTwice(image());
    expect((await ask(image())).retryMs).toBe(15_000);
    says({ reading: read });
    await ask(image({ isPulled: true }));
    await turns();
    expect((await ask(image({ isPulled: true }))).answer).toMatchObject({ reading: read });
  });

  test('that was read in part is an answer, and is read again later; what is whole stays', async () => {
    const partial = { ...read, isPartial: true } as ImageReading;
    says({ reading: partial });
    expect(await askTwice(image())).toMatchObject({ answer: { reading: partial }, retryMs: minuteMs });
    says({ reading: { is: 'unread', because: 'down' } });
    nowMs = minuteMs;
    await ask(image());
    await turns();
    expect((await ask(image())).answer).toMatchObject({ reading: partial });
    says({ reading: read });
    nowMs = 10 * minuteMs;
    await ask(image());
    await turns();
    expect(await ask(image())).toEqual({ answer: { question: image(), reading: read } });
  });

  test('whose facts are recorded is read again when there is time, and its workload comes back for that', async () => {
    const recorded = image({ isRecorded: true });
    says({ reading: read });
    expect(await ask(recorded)).toEqual({ retryMs: 10 * minuteMs });
    expect(asked).toEqual([]);
    nowMs = 10 * minuteMs;
    expect(await askTwice(recorded)).toMatchObject({ answer: { reading: read } });
    expect(asked).toHaveLength(1);
  });

  test('is forgotten when two thousand others were asked for since', async () => {
    says({ reading: read });
    for (let at = 0; at <= 2_000; at += 1) await ask(image({ digest: `sha256:${at}` }));
    await turns();
    const before = asked.length;
    await ask(image({ digest: 'sha256:2000' }));
    expect(asked).toHaveLength(before);
    await ask(image({ digest: 'sha256:0' }));
    await turns();
    expect(asked).toHaveLength(before + 1);
  });
});

describe('a dry run', () => {
  test('that met trouble brings its workload back, with the time to try again', async () => {
    fails();
    expect(await ask(dryRun)).toEqual({});
    await turns();
    expect([requeued, troubles.length]).toEqual([[web], 1]);
    expect(await ask(dryRun)).toEqual({ retryMs: 10_000 });
    says({ tried: { is: 'accepted', warnings: [] } });
    nowMs = 10_000;
    await ask(dryRun);
    await turns();
    expect((await ask(dryRun)).answer).toMatchObject({ tried: { is: 'accepted' } });
  });

  test('is tried again after ten minutes, and its last answer holds meanwhile', async () => {
    says({ tried: { is: 'accepted', warnings: [] } });
    await askTwice(dryRun);
    says({ tried: { is: 'refused', because: 'policy' } });
    nowMs = 10 * minuteMs;
    expect((await ask(dryRun)).answer).toMatchObject({ tried: { is: 'accepted' } });
    await turns();
    expect((await ask(dryRun)).answer).toMatchObject({ tried: { is: 'refused' } });
    expect(requeued).toEqual([web, web]);
  });
});

describe('a log that shows what was denied', () => {
  test('is not read again for an hour, however often the container ends', async () => {
    says({ denial });
    await askLog();
    says({});
    for (const minutes of [1, 30, 59.9]) {
      nowMs = minutes * minuteMs;
      expect(denialIn(await askLog({ restarts: 1 + minutes }))).toEqual(denial);
    }
    expect(asked).toHaveLength(1);
    nowMs = 60 * minuteMs;
    expect(denialIn(await askLog({ restarts: 99 }))).toBeUndefined();
    expect(asked).toHaveLength(2);
  });

  test('is read again once a new template has failed, and says nothing of it before', async () => {
    says({ denial });
    await askLog();
    const fixed = { podUid: 'u2', restarts: 0, generation: 2 };
    nowMs = 2000;
    expect(await askLog(fixed)).toEqual({ retryMs: 3000 });
    says({});
    nowMs = 5000;
    await askLog(fixed);
    expect(await askLog(fixed)).toEqual({ answer: { question: log({ podUid: 'u2' }) } });
    expect(asked).toHaveLength(2);
  });

  test('is still about the pod that it is of, when only the number of replicas changes', async () => {
    says({ denial });
    await askLog();
    nowMs = 30 * minuteMs;
    expect(denialIn(await askLog({ generation: 2 }))).toEqual(denial);
    expect(asked).toHaveLength(1);
  });

  test.each([
    ['because it is gone', () => says({ because: 'its log is no longer there' })],
    ['because of trouble', fails],
  ])('holds while it cannot be read once more %s', async (_why, cannot) => {
    says({ denial });
    await askLog();
    cannot();
    nowMs = 60 * minuteMs;
    expect(denialIn(await askLog({ restarts: 9 }))).toEqual(denial);
    expect(asked).toHaveLength(2);
  });
});

describe('a log that shows nothing', () => {
  test('is read again later and later, and only if the container has ended again', async () => {
    const readAt: number[] = [];
    for (let minutes = 0; minutes <= 300; minutes += 1) {
      nowMs = minutes * minuteMs;
      const before = asked.length;
      await askLog({ restarts: 1 + minutes });
      if (asked.length > before) readAt.push(minutes);
    }
    expect(readAt).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
  });

  test('is not read again for the same end, nor one that is gone', async () => {
    await askLog();
    says({ because: 'its log is no longer there' });
    await askLog({}, { container: 'proxy' });
    nowMs = 1000 * minuteMs;
    await askLog();
    expect(await askLog({}, { container: 'proxy' })).toMatchObject({
      answer: { because: 'its log is no longer there' },
    });
    expect(asked).toHaveLength(2);
  });

  test('because of a missing right is asked for again at every reconcile', async () => {
    says({ because: 'not allowed', isAllowed: false });
    await askLog();
    await turns();
    says({ denial });
    await ask(log());
    await turns();
    expect(denialIn(await ask(log()))).toEqual(denial);
  });
});

test('a log that cannot be read now brings its workload back until it can', async () => {
  fails();
  expect(await askLog()).toEqual({ retryMs: minuteMs });
  nowMs = 59_000;
  expect(await askLog()).toEqual({ retryMs: 1_000 });
  expect([asked.length, troubles.length]).toEqual([1, 1]);
  nowMs = minuteMs;
  expect(await askLog()).toEqual({ retryMs: 2 * minuteMs });
  says({ denial });
  nowMs = 3 * minuteMs;
  await ask(log());
  await turns();
  expect(denialIn(await ask(log()))).toEqual(denial);
});

test('where all questions are awaited, slow ones are answered at once, too', async () => {
  says({ tried: { is: 'accepted', warnings: [] } });
  const all = new Answers({ ask: (question) => reply(question), awaitsAll: true, nowMs: () => 0 });
  const { answer } = await all.answer(web, dryRun, snapshotOf(), new AbortController().signal);
  expect(answer).toMatchObject({ tried: { is: 'accepted' } });
});
