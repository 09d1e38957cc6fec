// Answers the questions that take no more than a few requests to the API server.

import type { Answer, DryRunQuestion, ImageQuestion, LogQuestion, Question } from '../model/snapshot.ts';
import { askEvents } from '../observe/ask-events.ts';
import { askRefusals } from '../observe/ask-refusals.ts';
import type { RefusalSources } from '../observe/ask-refusals.ts';
import { askSurroundings } from '../observe/ask-surroundings.ts';

export type ClusterQuestion = Exclude<Question, ImageQuestion | LogQuestion | DryRunQuestion>;

/** An image may take minutes, a log and a dry run seconds. */
export const isForCluster = (question: Question): question is ClusterQuestion =>
  question.ask !== 'image' && question.ask !== 'log' && question.ask !== 'dryRun';

/** @throws KubeError for trouble that passes; what will stay refused is an answer, with the reason */
export function askCluster(
  question: ClusterQuestion,
  sources: RefusalSources,
  signal: AbortSignal,
): Promise<Answer> {
  switch (question.ask) {
    case 'events':
      return askEvents(question, sources.client, signal);
    case 'refusals':
      return askRefusals(question, sources, signal);
    case 'surroundings':
      return askSurroundings(question, sources.client, signal);
    default:
      return question satisfies never;
  }
}
