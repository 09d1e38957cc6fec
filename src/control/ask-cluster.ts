// Answers the questions that take no more than a request or two to the API server.

import type { KubeClient } from '../kube/client.ts';
import type { Answer, EventsQuestion, Question, SurroundingsQuestion } from '../model/snapshot.ts';
import { askEvents } from '../observe/ask-events.ts';
import { askSurroundings } from '../observe/ask-surroundings.ts';

export type ClusterQuestion = EventsQuestion | SurroundingsQuestion;

/** An image may take minutes and a dry run seconds. */
export const isForCluster = (question: Question): question is ClusterQuestion =>
  question.ask === 'events' || question.ask === 'surroundings';

/** @throws KubeError for trouble that passes; what will stay refused is an answer, with the reason */
export function askCluster(
  question: ClusterQuestion,
  client: KubeClient,
  signal: AbortSignal,
): Promise<Answer> {
  return question.ask === 'events'
    ? askEvents(question, client, signal)
    : askSurroundings(question, client, signal);
}
