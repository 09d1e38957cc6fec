// Answers the questions of one look at a cluster, each image once.

import PQueue from 'p-queue';

import { imageId } from '../engine/diagnose/images/image-facts.ts';
import { parsePermissionDenial } from '../engine/messages/permission/permission-denial.ts';
import { KubeError, messageOf } from '../kube/api/error.ts';
import type {
  Answer,
  ImageQuestion,
  ImageReading,
  LogAnswer,
  LogQuestion,
  Question,
} from '../engine/model/question.ts';
import type { AccessReviews } from '../observe/access-reviews.ts';
import { askDryRun } from '../observe/ask/ask-dry-run.ts';
import { readLogTail } from '../observe/ask/ask-log.ts';
import { askCluster, isForCluster } from '../observe/ask/ask-cluster.ts';
import { dryRunsOff } from '../operator/dry-run-answers.ts';
import type { Inspector } from '../images/inspect-image.ts';
import { inspectImage, switchedOff } from '../images/inspect-image.ts';
import type { ScanSources } from './sources.ts';

export type AnswersOptions = {
  readonly sources: ScanSources;
  /** Absent where no image may be read. */
  readonly inspector?: Inspector;
  readonly access: AccessReviews;
  readonly dryRun: boolean;
  readonly readLogs: boolean;
};

const imagesAtOnce = 2;

/** Lives as long as the look. */
export class Answers {
  readonly #options: AnswersOptions;
  readonly #readings = new Map<string, Promise<ImageReading>>();
  readonly #queue = new PQueue({ concurrency: imagesAtOnce });

  constructor(options: AnswersOptions) {
    this.#options = options;
  }

  /** @throws KubeError when the API server could not answer; what will stay refused is an answer */
  async answer(question: Question, signal: AbortSignal): Promise<Answer> {
    const { sources, access, dryRun } = this.#options;
    if (isForCluster(question)) return askCluster(question, sources, signal);
    if (question.ask === 'image') return { question, reading: await this.#reading(question, signal) };
    if (question.ask === 'log') return this.#log(question, signal);
    if (!dryRun) return { question, tried: dryRunsOff };
    return askDryRun(question, { ...sources, access }, signal);
  }

  /** The text goes no further than this. */
  async #log(question: LogQuestion, signal: AbortSignal): Promise<LogAnswer> {
    const { sources, access, readLogs } = this.#options;
    const tail = await readLogTail(question, { client: sources.client, access, isOn: readLogs }, signal);
    if (tail.is !== 'read') return { question, because: tail.because };
    const denial = parsePermissionDenial(tail.text, question.hints);
    return { question, ...(denial && { denial }) };
  }

  #reading(question: ImageQuestion, signal: AbortSignal): Promise<ImageReading> {
    const { inspector } = this.#options;
    if (!inspector) return Promise.resolve(switchedOff);
    const id = imageId(question);
    const known = this.#readings.get(id);
    if (known) return known;
    const reading = this.#queue.add(() => read(question, inspector, signal));
    this.#readings.set(id, reading);
    return reading;
  }
}

/** Trouble with an image is a reading, whatever it is. */
async function read(
  question: ImageQuestion,
  inspector: Inspector,
  signal: AbortSignal,
): Promise<ImageReading> {
  try {
    return await inspectImage(question, inspector, signal);
  } catch (error) {
    if (signal.aborted) throw new KubeError('aborted', 'the scan was given up');
    return { is: 'unread', because: `reading it failed in an unexpected way: ${messageOf(error)}` };
  }
}
