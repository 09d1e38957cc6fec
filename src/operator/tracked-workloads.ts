// Remembers, for every broken workload, what only this process knows of it.

import { imageId } from '../engine/diagnose/images/image-facts.ts';
import type { Remembered } from '../engine/model/snapshot.ts';
import type { Answer, Question } from '../engine/model/question.ts';
import type { Time } from '../engine/model/time.ts';
import type { WorkloadKey, WorkloadRef } from '../engine/model/workload.ts';

/** What Events said lives this long; the next look asks again. An image stays what it is. */
const eventsMs = 15_000;
/** A log is read again so late that a crashing container costs next to nothing. */
const logMs = 900_000;
/** One that shows nothing may do so before long; who reads logs knows when. */
const fruitlessLogMs = 60_000;
/** What depends on the pods changes at a person's pace. */
const dependentsMs = 120_000;
/** Policies of others may change without a change of the workload. */
const dryRunMs = 600_000;
const maxAnswers = 64;
const maxWorkloads = 20_000;

type Entry = {
  workload: WorkloadRef;
  /** Monotonic time at which something first pointed to it while it had no open diagnosis. */
  shownMs?: number;
  quietSince?: Time;
  wroteTime?: Time;
  readonly answers: Map<string, { readonly answer: Answer; readonly untilMs: number }>;
};

/** Bounded; the entry that was touched longest ago goes first, and costs no more than a fresh look. */
export class TrackedWorkloads {
  readonly #entries = new Map<WorkloadKey, Entry>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Notes the workload behind a key; a later reference replaces an earlier one that had no uid, or another. */
  note(key: WorkloadKey, workload: WorkloadRef): void {
    const entry = this.#entries.get(key);
    if (entry && workload.uid !== '') entry.workload = workload;
    if (entry) return;
    const oldest = this.#entries.size >= maxWorkloads ? this.#entries.keys().next().value : undefined;
    if (oldest !== undefined) this.#entries.delete(oldest);
    this.#entries.set(key, { workload, answers: new Map() });
  }

  workloadOf(key: WorkloadKey): WorkloadRef | undefined {
    return this.#entries.get(key)?.workload;
  }

  keys(): IterableIterator<WorkloadKey> {
    return this.#entries.keys();
  }

  forget(key: WorkloadKey): void {
    this.#entries.delete(key);
  }

  /** Monotonic milliseconds. */
  nowMs(): number {
    return this.#nowMs();
  }

  /** Starts the clock of time_to_diagnosis, unless it runs already. */
  shown(key: WorkloadKey, shownMs: number): void {
    const entry = this.#entries.get(key);
    if (entry) entry.shownMs ??= shownMs;
  }

  /** Milliseconds since it was first shown; stops that clock. */
  takeShownMs(key: WorkloadKey): number | undefined {
    const entry = this.#entries.get(key);
    if (entry?.shownMs === undefined) return undefined;
    const passedMs = this.#nowMs() - entry.shownMs;
    delete entry.shownMs;
    return passedMs;
  }

  remembered(key: WorkloadKey): Remembered {
    const { quietSince, wroteTime } = this.#entries.get(key) ?? {};
    return { ...(quietSince !== undefined && { quietSince }), ...(wroteTime !== undefined && { wroteTime }) };
  }

  remember(
    key: WorkloadKey,
    what: { readonly isQuiet: boolean; readonly wrote: boolean; readonly now: Time },
  ): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    if (!what.isQuiet) delete entry.quietSince;
    else entry.quietSince ??= what.now;
    if (what.wrote) entry.wroteTime = what.now;
  }

  answersFor(key: WorkloadKey): readonly Answer[] {
    const entry = this.#entries.get(key);
    if (!entry) return [];
    for (const [id, { untilMs }] of entry.answers) if (untilMs <= this.#nowMs()) entry.answers.delete(id);
    return [...entry.answers.values()].map(({ answer }) => answer);
  }

  keepAnswer(key: WorkloadKey, answer: Answer): void {
    const answers = this.#entries.get(key)?.answers;
    if (!answers) return;
    const oldest = answers.size >= maxAnswers ? answers.keys().next().value : undefined;
    if (oldest !== undefined) answers.delete(oldest);
    answers.set(idOf(answer.question), { answer, untilMs: this.#nowMs() + lifeMsOf(answer) });
  }

  /** Drops what is known of one pod's Events, since there is a new one. */
  dropAnswers(key: WorkloadKey, podUid: string): void {
    this.#entries.get(key)?.answers.delete(podUid);
  }
}

const livesMs: Readonly<Record<Question['ask'], number>> = {
  events: eventsMs,
  createFailures: eventsMs,
  log: logMs,
  image: Number.POSITIVE_INFINITY,
  dependents: dependentsMs,
  dryRun: dryRunMs,
};

function lifeMsOf(answer: Answer): number {
  const isFruitless = answer.question.ask === 'log' && !('denial' in answer);
  return isFruitless ? fruitlessLogMs : livesMs[answer.question.ask];
}

function idOf(question: Question): string {
  switch (question.ask) {
    case 'events':
      return question.podUid;
    case 'image':
      return imageId(question);
    case 'dependents':
    case 'createFailures':
      return question.ask;
    case 'log':
      return `log ${question.container}`;
    case 'dryRun':
      return `${question.patchDigest} ${question.generation}`;
    default:
      return question satisfies never;
  }
}
