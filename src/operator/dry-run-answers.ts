// Has patches tried beside the looks at workloads: an admission webhook that is slow keeps no diagnosis waiting.

import PQueue from 'p-queue';

import type { DryRun, DryRunAnswer, DryRunQuestion } from '../engine/model/question.ts';
import type { WorkloadKey } from '../engine/model/workload.ts';

export type DryRunAnswersOptions = {
  readonly ask: (question: DryRunQuestion, signal: AbortSignal) => Promise<DryRunAnswer>;
  readonly onAnswer: (key: WorkloadKey, answer: DryRunAnswer) => void;
  /** The next look at the workload asks again. */
  readonly onError: (key: WorkloadKey, error: unknown) => void;
};

/** What stands in place of an answer where nothing may be tried. */
export const dryRunsOff: DryRun = { is: 'untried', because: 'dry runs are switched off: --dry-run=yes' };

const concurrency = 2;
const maxWaiting = 1_000;

/** Bounded: what finds no place is asked for again by the next look at its workload. */
export class DryRunAnswers {
  readonly #options: DryRunAnswersOptions;
  readonly #waiting = new Set<string>();
  readonly #queue = new PQueue({ concurrency });
  readonly #stop = new AbortController();

  constructor(options: DryRunAnswersOptions) {
    this.#options = options;
  }

  /** Answers through `onAnswer`; a question that waits already is not asked twice. */
  request(key: WorkloadKey, question: DryRunQuestion): void {
    const id = `${key} ${question.patchDigest} ${question.generation}`;
    if (this.#stop.signal.aborted || this.#waiting.has(id) || this.#waiting.size >= maxWaiting) return;
    this.#waiting.add(id);
    void this.#queue.add(async () => {
      await this.#ask(key, question);
      this.#waiting.delete(id);
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#queue.clear();
    await this.#queue.onIdle();
  }

  async #ask(key: WorkloadKey, question: DryRunQuestion): Promise<void> {
    const { signal } = this.#stop;
    const { ask, onAnswer, onError } = this.#options;
    try {
      const answer = await ask(question, signal);
      if (!signal.aborted) onAnswer(key, answer);
    } catch (error) {
      if (!signal.aborted) onError(key, error);
    }
  }
}
