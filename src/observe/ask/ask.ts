// Answers one question, whatever it is about.

import { parsePermissionDenial } from '../../engine/messages/permission/permission-denial.ts';
import type {
  Answer,
  ImageQuestion,
  ImageReading,
  LogAnswer,
  LogQuestion,
  Question,
} from '../../engine/model/question.ts';
import type { KubeClient } from '../../kube/api/client.ts';
import type { Discovery } from '../../kube/api/discovery.ts';
import type { AccessReviews } from '../access-reviews.ts';
import type { Owners } from '../owners.ts';
import { askCreateFailures } from './ask-create-failures.ts';
import { askDependents } from './ask-dependents.ts';
import { askDryRun } from './ask-dry-run.ts';
import { askEvents } from './ask-events.ts';
import { readLogTail } from './ask-log.ts';

export type AskSources = {
  readonly client: KubeClient;
  readonly discovery: Discovery;
  readonly owners: Owners;
  readonly access: AccessReviews;
  /** Trouble with an image is a reading, too. */
  readonly inspect: (question: ImageQuestion, signal: AbortSignal) => Promise<ImageReading>;
  readonly dryRun: boolean;
  readonly readLogs: boolean;
};

/** @throws KubeError for trouble that passes; what will stay refused is an answer, with the reason */
export async function ask(question: Question, sources: AskSources, signal: AbortSignal): Promise<Answer> {
  switch (question.ask) {
    case 'events':
      return askEvents(question, sources.client, signal);
    case 'createFailures':
      return askCreateFailures(question, sources, signal);
    case 'dependents':
      return askDependents(question, sources.client, signal);
    case 'image':
      return { question, reading: await sources.inspect(question, signal) };
    case 'log':
      return askLog(question, sources, signal);
    case 'dryRun':
      return sources.dryRun ? askDryRun(question, sources, signal) : { question, tried: dryRunsOff };
    default:
      return question satisfies never;
  }
}

const dryRunsOff = { is: 'untried', because: 'not run; enable with --dry-run=yes' } as const;

/** The text of a log goes no further than this. */
async function askLog(
  question: LogQuestion,
  { client, access, readLogs }: AskSources,
  signal: AbortSignal,
): Promise<LogAnswer> {
  const tail = await readLogTail(question, { client, access, isOn: readLogs }, signal);
  if (tail.is === 'notAllowed') return { question, because: tail.because, isAllowed: false };
  if (tail.is === 'unread') return { question, because: tail.because };
  const denial = parsePermissionDenial(tail.text, question.hints);
  return { question, ...(denial && { denial }) };
}
