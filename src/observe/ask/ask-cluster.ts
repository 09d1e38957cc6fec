// Answers the questions that take no more than a few requests to the API server.

import type {
  Answer,
  DryRunQuestion,
  ImageQuestion,
  LogQuestion,
  Question,
} from '../../engine/model/question.ts';
import { askEvents } from './ask-events.ts';
import { askCreateFailures } from './ask-create-failures.ts';
import type { CreateFailureSources } from './ask-create-failures.ts';
import { askDependents } from './ask-dependents.ts';

export type ClusterQuestion = Exclude<Question, ImageQuestion | LogQuestion | DryRunQuestion>;

/** An image may take minutes, a log and a dry run seconds. */
export const isForCluster = (question: Question): question is ClusterQuestion =>
  question.ask !== 'image' && question.ask !== 'log' && question.ask !== 'dryRun';

/** @throws KubeError for trouble that passes; what will stay refused is an answer, with the reason */
export function askCluster(
  question: ClusterQuestion,
  sources: CreateFailureSources,
  signal: AbortSignal,
): Promise<Answer> {
  switch (question.ask) {
    case 'events':
      return askEvents(question, sources.client, signal);
    case 'createFailures':
      return askCreateFailures(question, sources, signal);
    case 'dependents':
      return askDependents(question, sources.client, signal);
    default:
      return question satisfies never;
  }
}
