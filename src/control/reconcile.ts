// Looks at one workload: gathers everything, decides without touching anything, then acts.

import { apply } from '../apply/apply.ts';
import { diagnose } from '../diagnose/diagnose.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Outcome, Plan } from '../model/action.ts';
import type { Verdict } from '../model/finding.ts';
import type { Fix } from '../model/fix.ts';
import type { Question, Snapshot } from '../model/snapshot.ts';
import type { WorkloadKey, WorkloadRef } from '../model/workload.ts';
import { askEvents } from '../observe/ask-events.ts';
import { askSurroundings } from '../observe/ask-surroundings.ts';
import type { Target } from '../observe/observe.ts';
import { observe } from '../observe/observe.ts';
import type { Owners } from '../observe/owners.ts';
import { diagnosisName } from '../plan/diagnosis-name.ts';
import { fixFor } from '../plan/fix.ts';
import type { FixPolicy } from '../plan/occasion.ts';
import type { Policy } from '../plan/plan.ts';
import { plan } from '../plan/plan.ts';
import { diagnosisStatus } from '../report/diagnosis-status.ts';
import type { DryRunAnswers } from './dry-run-answers.ts';
import type { ImageAnswers } from './image-answers.ts';
import type { SharedImages } from './shared-images.ts';
import type { WorkloadIndex } from './workload-index.ts';

export type World = {
  readonly client: KubeClient;
  readonly owners: Owners;
  readonly index: WorkloadIndex;
  readonly images: ImageAnswers;
  readonly dryRuns: DryRunAnswers;
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

/** All that is pure: from what is seen to what should be done, and what would have to be known. */
function decide(snapshot: Snapshot, policy: Policy & FixPolicy) {
  const { verdict, failing, others, questions: open } = diagnose(snapshot);
  const { findings } = verdict;
  const planned = fixFor({ findings, failing, others }, snapshot, policy);
  const questions = [...open, ...planned.questions];
  const isOpen = questions.some((question) => question.ask === 'events');
  // While Events are still to be read, no finding does not mean that there is none: only out of sight, perhaps.
  const isUndecided = isOpen && verdict.findings.length === 0;
  const status = diagnosisStatus(verdict, planned, snapshot);
  const toDo = isUndecided ? nothing : plan(status, snapshot, policy, questions.length > 0);
  const isAsking = questions.some(isAnsweredAtOnce);
  return { verdict, questions, fix: planned.fix, isOpen, ...toDo, ...(isAsking && { againSeconds: 0 }) };
}

const nothing: Plan = { actions: [] };

/** An image may take minutes and a dry run seconds; either brings the key back by itself. */
const isAnsweredAtOnce = ({ ask }: Question): boolean => ask === 'events' || ask === 'surroundings';

/** @throws KubeError for trouble that passes; what was found and done by then stands */
export async function askAll(
  key: WorkloadKey,
  questions: readonly Question[],
  { images, dryRuns, index, client }: World,
  signal: AbortSignal,
): Promise<void> {
  // Requests first: trouble with one question must not leave another unasked.
  for (const question of questions) {
    if (question.ask === 'image') images.request(key, question);
    if (question.ask === 'dryRun') dryRuns.request(key, question);
  }
  for (const question of questions) {
    if (question.ask === 'events') index.keepAnswer(key, await askEvents(question, client, signal));
    if (question.ask === 'surroundings')
      index.keepAnswer(key, await askSurroundings(question, client, signal));
  }
}
