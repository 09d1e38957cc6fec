// One look at one workload, with every question answered that the look gives rise to.

import type { Answer, Question, Snapshot } from '../../model/snapshot.ts';
import type { WorkloadKey, WorkloadRef } from '../../model/workload.ts';
import { observe } from '../../observe/observe.ts';
import { diagnosisName } from '../../plan/diagnosis-name.ts';
import type { FixPolicy } from '../../plan/occasion.ts';
import { judge } from '../judge.ts';
import type { Answers } from './answers.ts';
import type { ScanSources } from './sources.ts';

export type LookTarget = {
  readonly key: WorkloadKey;
  readonly workload: WorkloadRef;
  /** Whether a Diagnosis can have been recorded, and be read. */
  readonly hasRecords: boolean;
  /** Told of a question that could not be answered; throws where it is of no use to go on. */
  readonly note: (error: unknown) => void;
};

export type Looking = {
  readonly answers: Answers;
  readonly sources: ScanSources;
  readonly policy: FixPolicy;
  readonly signal: AbortSignal;
};

/** Events lead to an image, and that to a patch that can be tried; more than that is a circle. */
const maxRounds = 8;

/** @throws KubeError when the workload itself cannot be read */
export async function look(target: LookTarget, looking: Looking): Promise<Snapshot> {
  const { policy } = looking;
  const first = await firstSnapshot(target, looking);
  const answers: Answer[] = [];
  const seen = (): Snapshot => ({ ...first, answers: [...answers] });
  const asked = new Set<string>();
  for (let round = 0; round < maxRounds; round += 1) {
    const questions = judge(seen(), policy).questions.filter((one) => !asked.has(JSON.stringify(one)));
    if (questions.length === 0) break;
    for (const question of questions) asked.add(JSON.stringify(question));
    const given = await Promise.all(questions.map((question) => answerTo(question, target, looking)));
    answers.push(...given.filter((answer) => answer !== undefined));
  }
  return seen();
}

function firstSnapshot(
  { key, workload, hasRecords }: LookTarget,
  { sources, signal }: Looking,
): Promise<Snapshot> {
  const target = { key, workload, answers: [], remembered: {} };
  return observe(
    hasRecords ? { ...target, diagnosisName: diagnosisName(workload) } : target,
    { ...sources, nowMs: () => Date.now() },
    signal,
  );
}

/** Trouble with one question leaves no other unasked. */
async function answerTo(
  question: Question,
  { note }: LookTarget,
  { answers, signal }: Looking,
): Promise<Answer | undefined> {
  try {
    return await answers.answer(question, signal);
  } catch (error) {
    note(error);
    return undefined;
  }
}
