// Looks at one workload: gathers everything, decides without touching anything, then acts.

import { apply } from '../apply/apply.ts';
import type { KubeClient } from '../kube/api/client.ts';
import type { Outcome, Plan } from '../engine/model/action.ts';
import type { Verdict } from '../engine/model/finding.ts';
import type { Fix } from '../engine/model/fix.ts';
import type { Snapshot } from '../engine/model/snapshot.ts';
import type { Question } from '../engine/model/question.ts';
import type { WorkloadKey, WorkloadRef } from '../engine/model/workload.ts';
import type { Target } from '../observe/observe.ts';
import { observe } from '../observe/observe.ts';
import type { Owners } from '../observe/owners.ts';
import { diagnosisName } from '../engine/platform/kubernetes/diagnosis-name.ts';
import type { FixPolicy } from '../engine/fix/fix-input.ts';
import type { Policy } from '../engine/plan/plan.ts';
import { plan } from '../engine/plan/plan.ts';
import { askCluster, isForCluster } from '../observe/ask/ask-cluster.ts';
import type { DryRunAnswers } from './dry-run-answers.ts';
import type { ImageAnswers } from './image-answers.ts';
import { judge } from '../engine/judge.ts';
import type { LogAnswers } from './log-answers.ts';
import { endedOf } from './log-answers.ts';
import type { SharedImages } from './shared-images.ts';
import type { TrackedWorkloads } from './tracked-workloads.ts';

export type World = {
  readonly client: KubeClient;
  readonly owners: Owners;
  readonly index: TrackedWorkloads;
  readonly images: ImageAnswers;
  readonly dryRuns: DryRunAnswers;
  readonly logs: LogAnswers;
  readonly sharedImages: SharedImages;
  readonly policy: Policy & FixPolicy;
  readonly nowMs: () => number;
};

/** What one look found and did. */
export type Looked = {
  readonly snapshot: Snapshot;
  readonly verdict: Verdict;
  readonly fix?: Fix;
  /** For askAll, once it is noted what this look did: an answer brings the key back. */
  readonly questions: readonly Question[];
  readonly outcomes: readonly Outcome[];
  readonly againSeconds?: number;
};

/** @throws KubeError when the API server could not answer; the queue brings the key back */
export async function reconcile(
  key: WorkloadKey,
  world: World,
  signal: AbortSignal,
): Promise<Looked | undefined> {
  const workload = world.index.workloadOf(key);
  if (!workload) return undefined;
  const snapshot = await observe(targetOf(key, workload, world), world, signal);
  const { verdict, questions, fix, isOpen, actions, againSeconds } = decide(snapshot, world.policy);
  const outcomes = await apply(actions, world, signal);
  const wrote = outcomes.some(({ action, result }) => action === 'writeStatus' && result === 'done');
  const isQuiet = verdict.findings.length === 0 && !isOpen;
  world.index.remember(key, { isQuiet, wrote, now: snapshot.now });
  return {
    snapshot,
    verdict,
    questions,
    outcomes,
    ...(fix && { fix }),
    ...(againSeconds !== undefined && { againSeconds }),
  };
}

function targetOf(key: WorkloadKey, workload: WorkloadRef, { index, sharedImages }: World): Target {
  const sameImage = sharedImages.othersWithImagesOf(key);
  return {
    key,
    workload,
    diagnosisName: diagnosisName(workload),
    answers: index.answersFor(key),
    remembered: index.remembered(key),
    ...(sameImage && { sameImage }),
  };
}

function decide(snapshot: Snapshot, policy: Policy & FixPolicy) {
  const { verdict, fix, questions, status } = judge(snapshot, policy);
  const isOpen = questions.some(({ ask }) => ask === 'events' || ask === 'createFailures');
  // While Events are still to be read, no finding does not mean that there is none: only out of sight, perhaps.
  const isUndecided = isOpen && verdict.findings.length === 0;
  const toDo = isUndecided ? nothing : plan(status, snapshot, policy, questions.length > 0);
  // Other answers bring the key back by themselves.
  const isAsking = questions.some(isForCluster);
  return { verdict, questions, fix, isOpen, ...toDo, ...(isAsking && { againSeconds: 0 }) };
}

const nothing: Plan = { actions: [] };

/** @throws KubeError for trouble that passes; what was found and done by then stands */
export async function askAll(
  key: WorkloadKey,
  { questions, snapshot }: Pick<Looked, 'questions' | 'snapshot'>,
  { images, dryRuns, logs, index, client, owners }: World,
  signal: AbortSignal,
): Promise<void> {
  // Requests first: trouble with one question must not leave another unasked.
  for (const question of questions) {
    if (question.ask === 'image') images.request(key, question);
    if (question.ask === 'dryRun') dryRuns.request(key, question);
    if (question.ask === 'log') logs.request(key, question, endedOf(snapshot, question));
  }
  for (const question of questions.filter(isForCluster))
    index.keepAnswer(key, await askCluster(question, { client, owners }, signal));
}
