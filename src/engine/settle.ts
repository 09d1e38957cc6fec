// Judges a workload, asks what would say more, and judges again, until every answer at hand is part of the judgement.

import { imageId } from './diagnose/images/image-facts.ts';
import type { FixPolicy } from './fix/fix-input.ts';
import { judge, type Judged } from './judge.ts';
import type { Answer, Question } from './model/question.ts';
import type { Snapshot } from './model/snapshot.ts';

/** Undefined: there is no answer, or not yet. The snapshot is the one that the question came from. */
export type Answerer = (question: Question, snapshot: Snapshot) => Promise<Answer | undefined>;

/** `questions` are those that stay without an answer, and for which nothing stands in. */
export type Settled = Judged & { readonly snapshot: Snapshot };

/** Events lead to an image, and that to a patch that can be tried; more rounds than this would be a circle. */
const maxRounds = 8;

/** Asks each question once, the questions of one round together. */
export async function settle(observed: Snapshot, policy: FixPolicy, answer: Answerer): Promise<Settled> {
  const asked = new Set<string>();
  let snapshot = observed;
  for (let round = 0; ; round += 1) {
    const judged = judge(snapshot, policy);
    const open = new Map(judged.questions.map((question) => [questionId(question), question]));
    for (const id of asked) open.delete(id);
    if (open.size === 0 || round === maxRounds)
      return { ...judged, questions: judged.questions.filter((one) => !isRecheck(one)), snapshot };
    for (const id of open.keys()) asked.add(id);
    const seen = snapshot;
    const answers = await Promise.all([...open.values()].map((question) => answer(question, seen)));
    snapshot = withAnswers(
      snapshot,
      answers.filter((one) => one !== undefined),
    );
  }
}

const isRecheck = (question: Question): boolean => question.ask === 'image' && question.isRecorded === true;

/** Two questions with the same id have the same answer, of one workload and at one time. */
export function questionId(question: Question): string {
  switch (question.ask) {
    case 'events':
      return `events ${question.podUid}`;
    case 'image':
      return `image ${imageId(question)}`;
    case 'log':
      return `log ${question.container}`;
    case 'dryRun':
      return `dryRun ${question.patchDigest} ${question.generation}`;
    case 'dependents':
    case 'createFailures':
      return question.ask;
    default:
      return question satisfies never;
  }
}

/** A controller that may not create pods is the only one that can show the template of a workload without its own. */
function withAnswers(snapshot: Snapshot, answers: readonly Answer[]): Snapshot {
  const { workload } = snapshot;
  const template = answers.flatMap((one) => ('template' in one && one.template ? one.template : []))[0];
  return {
    ...snapshot,
    answers: [...snapshot.answers, ...answers],
    ...(workload && !workload.template && template && { workload: { ...workload, template } }),
  };
}
