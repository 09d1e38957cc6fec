// Has images read, one at a time for each, and keeps what came of it.

import PQueue from 'p-queue';

import { imageId } from '../engine/diagnose/images/image-facts.ts';
import type { ImageAnswer, ImageQuestion, ImageReading } from '../engine/model/question.ts';
import type { WorkloadKey } from '../engine/model/workload.ts';

export type ImageAnswersOptions = {
  /** Never throws: trouble is a reading, too. */
  readonly inspect: (question: ImageQuestion, signal: AbortSignal) => Promise<ImageReading>;
  readonly onAnswer: (key: WorkloadKey, answer: ImageAnswer) => void;
  /** False once nobody waits for this workload any more. */
  readonly isWanted: (key: WorkloadKey) => boolean;
  readonly nowMs: () => number;
  readonly random?: () => number;
};

type Pull = {
  readonly keys: Set<WorkloadKey>;
  reading?: ImageReading;
  readMs: number;
  failures: number;
  isRunning: boolean;
  retry?: NodeJS.Timeout;
};

const maxImages = 2_000;
const concurrency = 2;
const firstRetryMs = 60_000;
const mostRetryMs = 3_600_000;
/** What a tag means may change; what a digest means may not. */
const tagMs = 300_000;

/** Bounded; the image that was asked for longest ago goes first. */
export class ImageAnswers {
  readonly #options: ImageAnswersOptions;
  readonly #pulls = new Map<string, Pull>();
  readonly #queue = new PQueue({ concurrency });
  readonly #stop = new AbortController();

  constructor(options: ImageAnswersOptions) {
    this.#options = options;
  }

  /** Answers through `onAnswer`: soon where the image is known, else when it has been read. */
  request(key: WorkloadKey, question: ImageQuestion): void {
    if (this.#stop.signal.aborted) return;
    const pull = this.#pullOf(imageId(question));
    pull.keys.add(key);
    if (pull.reading && !this.#isStale(pull, question)) {
      this.#options.onAnswer(key, { question, reading: pull.reading });
      return;
    }
    if (!pull.isRunning) this.#start(question, pull);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#queue.clear();
    for (const { retry } of this.#pulls.values()) clearTimeout(retry);
    await this.#queue.onIdle();
  }

  #pullOf(id: string): Pull {
    const pull = this.#pulls.get(id) ?? { keys: new Set(), readMs: 0, failures: 0, isRunning: false };
    this.#pulls.delete(id);
    const oldest = this.#pulls.size >= maxImages ? this.#pulls.keys().next().value : undefined;
    if (oldest !== undefined) {
      clearTimeout(this.#pulls.get(oldest)?.retry);
      this.#pulls.delete(oldest);
    }
    this.#pulls.set(id, pull);
    return pull;
  }

  /** Trouble is not asked about again for a new asker: its own retry is on its way. */
  #isStale({ reading, readMs }: Pull, { digest }: ImageQuestion): boolean {
    return reading?.is === 'read' && digest === undefined && this.#options.nowMs() - readMs > tagMs;
  }

  #start(question: ImageQuestion, pull: Pull): void {
    pull.isRunning = true;
    void this.#queue.add(async () => {
      const reading = await this.#options.inspect(question, this.#stop.signal);
      pull.isRunning = false;
      if (this.#stop.signal.aborted) return;
      pull.reading = reading;
      pull.readMs = this.#options.nowMs();
      for (const key of pull.keys) this.#options.onAnswer(key, { question, reading });
      if (reading.is === 'read') pull.keys.clear();
      else this.#retryLater(question, pull);
    });
  }

  #retryLater(question: ImageQuestion, pull: Pull): void {
    const ceilingMs = Math.min(mostRetryMs, firstRetryMs * 2 ** pull.failures);
    pull.failures += 1;
    pull.retry = setTimeout(
      () => {
        for (const key of pull.keys) if (!this.#options.isWanted(key)) pull.keys.delete(key);
        if (pull.keys.size > 0) this.#start(question, pull);
        else delete pull.reading;
      },
      ceilingMs * (0.5 + 0.5 * (this.#options.random ?? Math.random)()),
    ).unref();
  }
}
