// Has logs of ended containers read beside the looks at workloads, and keeps of each no more than what was denied.

import PQueue from 'p-queue';

import { parsePermissionDenial } from '../engine/messages/permission/permission-denial.ts';
import type { PermissionDenial } from '../engine/model/permission.ts';
import type { Snapshot } from '../engine/model/snapshot.ts';
import type { LogAnswer, LogQuestion } from '../engine/model/question.ts';
import type { WorkloadKey } from '../engine/model/workload.ts';
import type { LogTail } from '../observe/ask/ask-log.ts';

export type LogAnswersOptions = {
  /** Its text is free of secrets, and forgotten once it is understood. */
  readonly read: (question: LogQuestion, signal: AbortSignal) => Promise<LogTail>;
  readonly onAnswer: (key: WorkloadKey, answer: LogAnswer) => void;
  /** It is read again after a while, if anybody asks. */
  readonly onError: (key: WorkloadKey, error: unknown) => void;
  /** Monotonic. */
  readonly nowMs: () => number;
};

/** Tells one end of a container from the next, and one state of its workload from another. */
export type Ended = { readonly restarts: number; readonly generation?: number };

/** What a reading came to, and when. */
type Known = Ended & {
  readonly podUid: string;
  readonly readMs: number;
  /** Readings in a row that showed nothing. */
  readonly fruitless: number;
  readonly denial?: PermissionDenial;
  readonly because?: string;
  /** Set where reading failed in a way that passes: the same end may be read again. */
  readonly isTrouble?: true;
};

const concurrency = 2;
const maxWaiting = 1_000;
const maxKnown = 5_000;
const leastMs = 60_000;
const mostMs = 3_600_000;

/** Bounded: what finds no place is asked for again by a later look, and what is forgotten is read once more. */
export class LogAnswers {
  readonly #options: LogAnswersOptions;
  readonly #known = new Map<string, Known>();
  readonly #waiting = new Set<string>();
  readonly #queue = new PQueue({ concurrency });
  readonly #stop = new AbortController();

  constructor(options: LogAnswersOptions) {
    this.#options = options;
  }

  /**
   * Answers through `onAnswer`: at once where nothing new is to be learned, else when the log has been read. Where that
   * has to wait, or fails in a way that passes, there is no answer, and a later look asks again.
   */
  request(key: WorkloadKey, question: LogQuestion, ended: Ended): void {
    const id = `${key} ${question.container}`;
    if (this.#stop.signal.aborted || this.#waiting.has(id)) return;
    const known = this.#known.get(id);
    const next = known ? nextOf(known, question.podUid, ended, this.#options.nowMs()) : 'read';
    if (next === 'answer' && known) this.#options.onAnswer(key, answerOf(question, known));
    if (next !== 'read' || this.#waiting.size >= maxWaiting) return;
    this.#waiting.add(id);
    void this.#queue.add(async () => {
      await this.#read(id, key, question, ended);
      this.#waiting.delete(id);
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#queue.clear();
    await this.#queue.onIdle();
  }

  async #read(id: string, key: WorkloadKey, question: LogQuestion, ended: Ended): Promise<void> {
    const reading = await this.#readingOf(key, question);
    if (this.#stop.signal.aborted) return;
    if (reading.is === 'notAllowed') {
      this.#options.onAnswer(key, { question, because: reading.because });
      return;
    }
    const now = { ...ended, podUid: question.podUid, readMs: this.#options.nowMs() };
    const known = { ...now, ...learned(reading, this.#beforeOf(id, ended)) };
    this.#keep(id, known);
    if (!known.isTrouble) this.#options.onAnswer(key, answerOf(question, known));
  }

  /** The text goes no further than this. */
  async #readingOf(key: WorkloadKey, question: LogQuestion): Promise<Reading> {
    const { signal } = this.#stop;
    try {
      const tail = await this.#options.read(question, signal);
      if (tail.is !== 'read') return tail;
      const denial = parsePermissionDenial(tail.text, question.hints);
      return { is: 'read', ...(denial && { denial }) };
    } catch (error) {
      if (!signal.aborted) this.#options.onError(key, error);
      return { is: 'trouble' };
    }
  }

  #beforeOf(id: string, { generation }: Ended): Known | undefined {
    const known = this.#known.get(id);
    return known?.generation === generation ? known : undefined;
  }

  #keep(id: string, known: Known): void {
    this.#known.delete(id);
    const oldest = this.#known.size >= maxKnown ? this.#known.keys().next().value : undefined;
    if (oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(id, known);
  }
}

/** Which end of its container a question is about. */
export function endedOf({ pods, workload }: Snapshot, { podUid, container }: LogQuestion): Ended {
  const found = pods.find(({ uid }) => uid === podUid)?.containers.find(({ name }) => name === container);
  const generation = workload?.generation;
  return { restarts: found?.restarts ?? 0, ...(generation !== undefined && { generation }) };
}

type Reading =
  | { readonly is: 'read'; readonly denial?: PermissionDenial }
  | { readonly is: 'unread' | 'notAllowed'; readonly because: string }
  /** It may go better soon. */
  | { readonly is: 'trouble' };

type Learned = Pick<Known, 'fruitless' | 'denial' | 'because' | 'isTrouble'>;

/** What was denied stays so where it cannot be read now: that takes nothing back. */
function learned(reading: Reading, before: Known | undefined): Learned {
  const denial = reading.is === 'read' ? reading.denial : before?.denial;
  if (denial) return { fruitless: 0, denial };
  const fruitless = (before?.fruitless ?? 0) + 1;
  if (reading.is === 'read') return { fruitless };
  return reading.is === 'trouble' ? { fruitless, isTrouble: true } : { fruitless, because: reading.because };
}

/** Reads again only what may tell something new, and costs little enough by then. */
function nextOf(
  known: Known,
  podUid: string,
  { restarts, generation }: Ended,
  nowMs: number,
): 'read' | 'answer' | 'wait' {
  const passedMs = nowMs - known.readMs;
  const hasEndedAgain = known.podUid !== podUid || known.restarts !== restarts;
  // What a pod of another template died of says nothing of this one.
  if (hasEndedAgain && known.generation !== generation) return passedMs >= leastMs ? 'read' : 'wait';
  if (known.denial) return passedMs >= mostMs ? 'read' : 'answer';
  const isDue = passedMs >= Math.min(mostMs, leastMs * 2 ** (known.fruitless - 1));
  if (known.isTrouble) return isDue ? 'read' : 'wait';
  return isDue && hasEndedAgain ? 'read' : 'answer';
}

function answerOf(question: LogQuestion, { denial, because }: Known): LogAnswer {
  return { question, ...(denial && { denial }), ...(because !== undefined && { because }) };
}
