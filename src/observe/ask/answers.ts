// Keeps answers for as long as they hold, has slow questions answered beside the reconciles, and asks again after trouble.

import type { Answer, Question } from '../../engine/model/question.ts';
import type { Snapshot } from '../../engine/model/snapshot.ts';
import type { WorkloadKey } from '../../engine/model/workload.ts';
import { BoundedCache } from '../../net/bounded-cache.ts';
import { isSame } from '../../engine/platform/data/same.ts';
import { questionId } from '../../engine/settle.ts';
import { LanePool } from './lane-pool.ts';
import { answerKinds, dueOf, recheckMs, endOf, isOfAnotherTemplate, keptAfter } from './answer-kinds.ts';
import type { ContainerEnd, KeptAnswer } from './answer-kinds.ts';

type AnswersOptions = {
  /** @throws KubeError for trouble that passes */
  readonly ask: (question: Question, signal: AbortSignal) => Promise<Answer>;
  /** A reconcile waits for every answer, not only for those that are soon there. */
  readonly awaitsAll?: true;
  /** Something came of a question that the last reconcile of this workload did not wait for. */
  readonly onAnswer?: (key: WorkloadKey) => void;
  /** A question that no reconcile waits for met trouble; it is asked again with backoff. */
  readonly onTrouble?: (key: WorkloadKey, question: Question, error: unknown) => void;
  /** Monotonic. */
  readonly nowMs: () => number;
};

/** What is at hand. `retryMs`: after that time asking again may tell more. */
export type AtHand = { readonly answer?: Answer; readonly retryMs?: number };

type AnswerEntry = {
  kept?: KeptAnswer;
  running?: Promise<void>;
  /** Workloads to reconcile when the answer comes. */
  readonly keys: Set<WorkloadKey>;
};

type Asking = {
  readonly key: WorkloadKey;
  readonly question: Question;
  readonly end: ContainerEnd | undefined;
  readonly entry: AnswerEntry;
};

export class Answers {
  readonly #options: AnswersOptions;
  readonly #entries = new Map<Question['ask'], BoundedCache<AnswerEntry>>();
  readonly #pools = new Map<Question['ask'], LanePool>();
  readonly #stop = new AbortController();
  readonly #startMs: number;

  constructor(options: AnswersOptions) {
    this.#options = options;
    this.#startMs = options.nowMs();
  }

  /** @throws KubeError for trouble with a question that is awaited */
  async answer(
    key: WorkloadKey,
    question: Question,
    snapshot: Snapshot,
    signal: AbortSignal,
  ): Promise<AtHand> {
    const end = endOf(question, snapshot);
    const entry = this.#entryOf(question.ask, idOf(key, question));
    const asking = { key, question, end, entry };
    const isDue = this.#dueMs(asking) <= this.#options.nowMs();
    if (answerKinds[question.ask].isAwaited) {
      if (isDue) this.#keep(asking, await this.#options.ask(question, signal));
    } else {
      if (isDue && !this.#stop.signal.aborted) entry.running ??= this.#askBeside(asking);
      if (entry.running) entry.keys.add(key);
      if (this.#options.awaitsAll) await entry.running;
    }
    return this.#atHand(asking);
  }

  /** There is news: what is kept of one pod's Events, or of who may not create pods, no longer counts. */
  drop(key: WorkloadKey, ask: 'events' | 'createFailures', podUid?: string): void {
    this.#entries.get(ask)?.delete(`${key} ${ask === 'events' ? `events ${podUid}` : ask}`);
  }

  /** Ends what is under way, and waits until it has ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all([...this.#pools.values()].map((pool) => pool.onIdle()));
  }

  #dueMs({ entry: { kept }, question, end }: Asking): number {
    const isRecheck = !kept && question.ask === 'image' && question.isRecorded;
    return isRecheck ? this.#startMs + recheckMs : dueOf(kept, question, end);
  }

  #atHand(asking: Asking): AtHand {
    const { entry, question, end } = asking;
    const { kept, running } = entry;
    const retryMs = running ? Infinity : this.#dueMs(asking) - this.#options.nowMs();
    const isAnswered = kept?.answer !== undefined && !isOfAnotherTemplate(kept, end);
    return {
      ...(isAnswered && { answer: Object.assign({}, kept.answer, { question }) }),
      ...((!isAnswered || kept.isTrouble) && Number.isFinite(retryMs) && { retryMs: Math.max(0, retryMs) }),
    };
  }

  /** What nothing came of is reconciled as well, so that the queue knows when to ask again. */
  async #askBeside(asking: Asking): Promise<void> {
    const { question, entry } = asking;
    const before = entry.kept?.answer;
    await this.#poolOf(question.ask).add(answerKinds[question.ask].laneOf?.(question) ?? '', () =>
      this.#askOnce(asking),
    );
    delete entry.running;
    const keys = [...entry.keys];
    entry.keys.clear();
    const now = entry.kept?.answer;
    const isNews = !before || !now || !isSame({ ...before, question }, { ...now, question });
    if (isNews && !this.#stop.signal.aborted) for (const key of keys) this.#options.onAnswer?.(key);
  }

  async #askOnce(asking: Asking): Promise<void> {
    const { signal } = this.#stop;
    if (signal.aborted) return;
    try {
      const answer = await this.#options.ask(asking.question, signal);
      if (!signal.aborted) this.#keep(asking, answer);
    } catch (error) {
      if (signal.aborted) return;
      this.#keep(asking, undefined);
      this.#options.onTrouble?.(asking.key, asking.question, error);
    }
  }

  #keep({ entry, end }: Asking, answer: Answer | undefined): void {
    entry.kept = keptAfter(entry.kept, answer, this.#options.nowMs(), end);
  }

  #entryOf(ask: Question['ask'], id: string): AnswerEntry {
    const { nowMs } = this.#options;
    const entries = this.#entries.get(ask) ?? new BoundedCache<AnswerEntry>(answerKinds[ask].most, nowMs);
    this.#entries.set(ask, entries);
    const entry: AnswerEntry = entries.get(id) ?? { keys: new Set() };
    entries.set(id, entry);
    return entry;
  }

  #poolOf(ask: Question['ask']): LanePool {
    const { atOnce, inAll = atOnce } = answerKinds[ask];
    const pool = this.#pools.get(ask) ?? new LanePool(atOnce, inAll);
    this.#pools.set(ask, pool);
    return pool;
  }
}

/** Who an image runs as is the same for every workload that may pull it. */
const idOf = (key: WorkloadKey, question: Question): string =>
  question.ask === 'image' ? questionId(question) : `${key} ${questionId(question)}`;
