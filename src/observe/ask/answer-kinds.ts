// How each kind of question is answered and how long its answer holds, as a table; and what is special about logs.

import { containerNamed } from '../../engine/platform/kubernetes/pod-containers.ts';
import type { Answer, ImageReading, Question } from '../../engine/model/question.ts';
import { parseReference } from '../../engine/platform/image/image-reference.ts';
import type { Snapshot } from '../../engine/model/snapshot.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

type AnswerKind = {
  /** A reconcile waits for the answer; else it is found beside the reconciles, and the workload is reconciled again. */
  readonly isAwaited: boolean;
  /** How long an answer is used without asking again. */
  readonly freshMs: number;
  /** Wait before asking again after trouble, doubled each time; what is awaited is retried by the queue of workloads. */
  readonly retryMs: { readonly first: number; readonly most: number };
  /** Questions under way at once, of one lane and of all. */
  readonly atOnce: number;
  readonly inAll?: number;
  /** Questions of another lane need not wait for these. */
  readonly laneOf?: (question: Question) => string;
  /** Answers kept; the one used longest ago goes first. */
  readonly most: number;
};

const never = Infinity;
const atOnceByTheQueue = { isAwaited: true, retryMs: { first: 0, most: 0 }, atOnce: Infinity } as const;

export const answerKinds: Readonly<Record<Question['ask'], AnswerKind>> = {
  // A new Event drops the answer.
  events: { ...atOnceByTheQueue, freshMs: 15 * second, most: 20_000 },
  createFailures: { ...atOnceByTheQueue, freshMs: 15 * second, most: 20_000 },
  // Services, Ingresses and budgets change at a person's pace.
  dependents: { ...atOnceByTheQueue, freshMs: 2 * minute, most: 20_000 },
  // Of a digest; a tag may be moved (`tagMs`).
  image: {
    isAwaited: false,
    freshMs: never,
    retryMs: { first: minute, most: hour },
    atOnce: 2,
    inAll: 16,
    laneOf: (question) =>
      question.ask === 'image' ? `${question.namespace} ${parseReference(question.reference)?.host}` : '',
    most: 2_000,
  },
  // Read again only after the container has ended again, each time later (`dueOfLog`).
  log: { isAwaited: false, freshMs: never, retryMs: { first: minute, most: hour }, atOnce: 2, most: 5_000 },
  // Policies of others may change without a change of the workload.
  dryRun: {
    isAwaited: false,
    freshMs: 10 * minute,
    retryMs: { first: 10 * second, most: 10 * minute },
    atOnce: 2,
    most: 5_000,
  },
};

/** After a restart, what is recorded of an image is read again once there is time for it. */
export const recheckMs = 10 * minute;

const tagMs = 5 * minute;
const unknownRegistryMs = 15 * second;

/** A person who has changed the template waits for what becomes of it; changes one after the other cost one read. */
const afterChangeMs = 5 * second;

/** Tells one end of a container from the next, and one state of its workload from another. */
export type ContainerEnd = {
  readonly podUid: string;
  readonly restarts: number;
  readonly generation: number | undefined;
};

/** What is kept of one question. */
export type KeptAnswer = {
  readonly answer?: Answer;
  /** Monotonic milliseconds. */
  readonly askedMs: number;
  /** Times in a row that asking led to nothing: trouble, or a log without a denial. */
  readonly fruitless: number;
  /** Asking failed in a way that may pass. */
  readonly isTrouble: boolean;
  /** Of a log. */
  readonly end?: ContainerEnd;
};

/** Which end of its container a question about a log means. */
export function endOf(question: Question, { pods, workload }: Snapshot): ContainerEnd | undefined {
  if (question.ask !== 'log') return undefined;
  const pod = pods.find(({ uid }) => uid === question.podUid);
  const restarts = (pod && containerNamed(pod.manifest, question.container)?.restarts) ?? 0;
  return { podUid: question.podUid, restarts, generation: workload?.generation };
}

/** What to keep once a question was asked again; `answer` is undefined after trouble. */
export function keptAfter(
  before: KeptAnswer | undefined,
  answer: Answer | undefined,
  askedMs: number,
  end: ContainerEnd | undefined,
): KeptAnswer {
  const same = before?.end?.generation === end?.generation ? before : undefined;
  const isTrouble = answer === undefined || ('reading' in answer && !isWhole(answer.reading));
  const isFruitless = isTrouble || (end !== undefined && !('denial' in answer));
  // What was learned before stays so where nothing can be read now.
  const learned = isTrouble || 'because' in answer ? learnedIn(same?.answer) : undefined;
  const kept = learned ?? answer;
  return {
    askedMs,
    isTrouble,
    fruitless: isFruitless ? (same?.fruitless ?? 0) + 1 : 0,
    ...(kept && { answer: kept }),
    ...(end && { end }),
  };
}

const isWhole = (reading: ImageReading): boolean => reading.is === 'read' && !reading.isPartial;

function learnedIn(answer: Answer | undefined): Answer | undefined {
  if (!answer) return undefined;
  return 'denial' in answer || ('reading' in answer && answer.reading.is === 'read') ? answer : undefined;
}

/** When to ask (again), in monotonic milliseconds; Infinity where that would tell nothing new. */
export function dueOf(
  kept: KeptAnswer | undefined,
  question: Question,
  end: ContainerEnd | undefined,
): number {
  if (!kept) return -Infinity;
  if (kept.isTrouble) return kept.askedMs + troubleMs(kept, question);
  if (end) return dueOfLog(kept, question, end);
  const isTag = question.ask === 'image' && question.digest === undefined;
  return kept.askedMs + (isTag ? tagMs : answerKinds[question.ask].freshMs);
}

/** A registry that no node was known to have an image from may be known soon, and asking costs little. */
function troubleMs(kept: KeptAnswer, question: Question): number {
  const reading = kept.answer && 'reading' in kept.answer ? kept.answer.reading : undefined;
  if (reading?.is !== 'notAttempted') return backoffOf(kept, question);
  const wasPulled = kept.answer && 'reading' in kept.answer && kept.answer.question.isPulled;
  return question.ask === 'image' && question.isPulled && !wasPulled ? 0 : unknownRegistryMs;
}

/** Reads again only what may tell something new, and costs little enough by then. */
function dueOfLog(kept: KeptAnswer, question: Question, end: ContainerEnd): number {
  const { answer, askedMs } = kept;
  if (isOfAnotherTemplate(kept, end)) return askedMs + afterChangeMs;
  if (answer && 'denial' in answer) return askedMs + answerKinds.log.retryMs.most;
  // The right to read may have come; asking for it costs nothing.
  if (answer && 'isAllowed' in answer) return askedMs;
  return isSameEnd(kept, end) ? never : askedMs + backoffOf(kept, question);
}

/** What a pod of another template died of says nothing of this one. */
export function isOfAnotherTemplate(kept: KeptAnswer, end: ContainerEnd | undefined): boolean {
  return end !== undefined && kept.end?.generation !== end.generation && !isSameEnd(kept, end);
}

const isSameEnd = ({ end: known }: KeptAnswer, { podUid, restarts }: ContainerEnd): boolean =>
  known?.podUid === podUid && known.restarts === restarts;

function backoffOf({ fruitless }: KeptAnswer, { ask }: Question): number {
  const { first, most } = answerKinds[ask].retryMs;
  return Math.min(most, first * 2 ** Math.max(0, fruitless - 1));
}
