// Answers the questions of one look at a cluster, each image once.

import PQueue from 'p-queue';

import { imageId } from '../../diagnose/image-facts.ts';
import { KubeError, messageOf } from '../../kube/error.ts';
import type { Answer, ImageQuestion, ImageReading, Question } from '../../model/snapshot.ts';
import { AccessReviews } from '../../observe/access-reviews.ts';
import { askDryRun } from '../../observe/ask-dry-run.ts';
import { askCluster, isForCluster } from '../ask-cluster.ts';
import { dryRunsOff } from '../dry-run-answers.ts';
import type { Inspector } from '../inspect-image.ts';
import { inspectImage, switchedOff } from '../inspect-image.ts';
import type { ScanSources } from './sources.ts';

export type AnswersOptions = {
  readonly sources: ScanSources;
  /** Absent where no image may be read. */
  readonly inspector?: Inspector;
  readonly dryRun: boolean;
};

const imagesAtOnce = 2;

/** Lives as long as the look. */
export class Answers {
  readonly #options: AnswersOptions;
  readonly #access: AccessReviews;
  readonly #readings = new Map<string, Promise<ImageReading>>();
  readonly #queue = new PQueue({ concurrency: imagesAtOnce });

  constructor(options: AnswersOptions) {
    this.#options = options;
    this.#access = new AccessReviews(options.sources.client, options.sources.monotonicMs);
  }

  /**
   * Undefined for a question that nobody answers here.
   *
   * @throws KubeError when the API server could not answer; what will stay refused is an answer
   */
  async answer(question: Question, signal: AbortSignal): Promise<Answer | undefined> {
    const { client, discovery } = this.#options.sources;
    if (isForCluster(question)) return askCluster(question, client, signal);
    if (question.ask === 'image') return { question, reading: await this.#reading(question, signal) };
    if (question.ask !== 'dryRun') return undefined;
    if (!this.#options.dryRun) return { question, tried: dryRunsOff };
    return askDryRun(question, { client, discovery, access: this.#access }, signal);
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
