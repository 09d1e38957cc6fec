// One look at one workload, with every question answered that the look gives rise to.

import type { Snapshot } from '../engine/model/snapshot.ts';
import type { Answer, Question } from '../engine/model/question.ts';
import type { WorkloadKey, WorkloadRef } from '../engine/model/workload.ts';
import { observe } from '../observe/observe.ts';
import { diagnosisName } from '../engine/platform/kubernetes/diagnosis-name.ts';
import type { FixPolicy } from '../engine/fix/fix-input.ts';
import { judge } from '../engine/judge.ts';
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
  const answers: Answer[] = [];
  const asked = new Set<string>();
  for (let round = 1; ; round += 1) {
    // An answer may lead to more that has to be read: the template of a controller that is refused its pods.
    const snapshot = await observed(target, [...answers], looking);
    const { questions } = judge(snapshot, looking.policy);
    const open = questions.filter((question) => !asked.has(JSON.stringify(question)));
    if (open.length === 0 || round > maxRounds) return snapshot;
    for (const question of open) asked.add(JSON.stringify(question));
    const given = await Promise.all(open.map((question) => answerTo(question, target, looking)));
    answers.push(...given.filter((answer) => answer !== undefined));
  }
}

function observed(
  { key, workload, hasRecords }: LookTarget,
  answers: readonly Answer[],
  { sources, signal }: Looking,
): Promise<Snapshot> {
  const target = { key, workload, answers, remembered: {} };
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
