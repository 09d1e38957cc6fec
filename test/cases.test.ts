// Every recorded cluster, from its objects to what is said of it.
//
// A recording is played by the embedded API server, the snapshot of each workload is gathered as the operator
// would, and both the snapshot and what follows from it are compared with the files in cases/.
// `UPDATE_CASES=1 npm test -- cases` writes them anew; read the difference before you commit it.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { diagnose } from '../src/diagnose/diagnose.ts';
import { KubeClient } from '../src/kube/client.ts';
import { Discovery } from '../src/kube/discovery.ts';
import { Transport } from '../src/kube/transport.ts';
import type { Answer, Question, Snapshot } from '../src/model/snapshot.ts';
import { keyOf } from '../src/model/workload.ts';
import { askEvents } from '../src/observe/ask-events.ts';
import { askSurroundings } from '../src/observe/ask-surroundings.ts';
import { observe } from '../src/observe/observe.ts';
import { Owners } from '../src/observe/owners.ts';
import { diagnosisName } from '../src/plan/diagnosis-name.ts';
import { fixFor } from '../src/plan/fix.ts';
import { plan } from '../src/plan/plan.ts';
import { diagnosisStatus } from '../src/report/diagnosis-status.ts';
import { diagnosisText } from '../src/report/text.ts';
import { ApiServer } from './apiserver/api-server.ts';
import { playRecording } from './apiserver/story.ts';
import { clusterOf } from './operator.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const isUpdating = process.env['UPDATE_CASES'] === '1';
const policy = {
  settleSeconds: 30,
  keepResolvedSeconds: 86_400,
  countsSeconds: 10,
  allowRootExemption: false,
};
/** Later than every recording, so that all of them are in the past. */
const nowMs = Date.parse('2026-11-22T03:00:00Z');

const recordings = readdirSync(`${root}cases/recordings`)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -'.json'.length));

const ours = [
  'RunAsUserIsRoot',
  'NonNumericUser',
  'ImageRunsAsRoot',
  'InvalidImageUID',
  'WindowsAdministrator',
];

type Expected = {
  readonly workload: string;
  readonly findings: readonly {
    readonly cause: string;
    readonly container: string;
    readonly containerType: string;
  }[];
  readonly failingPods: number;
};

/** What the scenario of a recording expects of the causes that are known today. */
function expectedOf(recording: string): readonly Expected[] {
  const [scenario] = recording.split('.');
  const file = `${root}cases/scenarios/${scenario}/expect.json`;
  const { diagnoses } = JSON.parse(readFileSync(file, 'utf8')) as { readonly diagnoses: readonly Expected[] };
  return diagnoses.filter(({ findings }) => findings.every(({ cause }) => ours.includes(cause)));
}

describe.each(recordings)('%s', (recording) => {
  const server = new ApiServer();
  const signal = AbortSignal.timeout(30_000);
  let transport: Transport;
  let snapshots: readonly Snapshot[];

  beforeAll(async () => {
    playRecording(server, recording);
    const { kubeconfig } = await server.start();
    transport = new Transport(await clusterOf(kubeconfig));
    snapshots = await gather(server, new KubeClient(transport), signal);
  });

  afterAll(async () => {
    await transport.close();
    await server.stop();
  });

  test('finds what the scenario expects, and nothing else', () => {
    const found = snapshots.flatMap((snapshot) => {
      const { verdict } = diagnose(snapshot);
      if (verdict.findings.length === 0) return [];
      return {
        workload: `${snapshot.workload?.ref.kind}/${snapshot.workload?.ref.name}`,
        findings: verdict.findings.map(({ cause, container }) => ({
          cause,
          container: container.name,
          containerType: container.type,
        })),
        failingPods: verdict.failingPods,
      };
    });
    const expected = expectedOf(recording).map(({ workload, findings, failingPods }) => ({
      workload,
      findings: findings.map(({ cause, container, containerType }) => ({ cause, container, containerType })),
      failingPods,
    }));
    expect(found).toEqual(expected);
  });

  test('says it in these words', () => {
    for (const snapshot of snapshots) {
      const file = fileOf(recording, snapshot);
      compare(`${file}.json`, `${JSON.stringify(snapshot, undefined, 1)}\n`);
      compare(`${file}.golden.txt`, textOf(snapshot));
    }
  });
});

/** One snapshot for each workload that has pods, with all questions answered. */
async function gather(
  server: ApiServer,
  client: KubeClient,
  signal: AbortSignal,
): Promise<readonly Snapshot[]> {
  const owners = new Owners(client, new Discovery(client), () => 0);
  const tops = await Promise.all(
    server.list('Pod').map((pod) => owners.topOf(pod, { apiVersion: 'v1', kind: 'Pod', name: '' }, signal)),
  );
  const workloads = new Map(tops.map(({ ref }) => [keyOf(ref), ref]));
  const snapshots: Snapshot[] = [];
  for (const [key, workload] of workloads) {
    const look = (answers: readonly Answer[]) =>
      observe(
        { key, workload, diagnosisName: diagnosisName(workload), answers, remembered: {} },
        { client, owners, nowMs: () => nowMs },
        signal,
      );
    const { questions } = diagnose(await look([]));
    const answers = await answersTo(questions, client, signal);
    const { questions: later } = diagnose(await look(answers));
    snapshots.push(await look([...answers, ...(await answersTo(later, client, signal))]));
  }
  return snapshots;
}

/** To those that the cluster itself can answer: once Events tell of a failure, it is asked what that takes down. */
async function answersTo(
  questions: readonly Question[],
  client: KubeClient,
  signal: AbortSignal,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const question of questions) {
    if (question.ask === 'events') answers.push(await askEvents(question, client, signal));
    if (question.ask === 'surroundings') answers.push(await askSurroundings(question, client, signal));
  }
  return answers;
}

function fileOf(recording: string, snapshot: Snapshot): string {
  const cause = diagnose(snapshot).verdict.findings[0]?.cause ?? 'silent';
  mkdirSync(`${root}cases/${cause}`, { recursive: true });
  return `${root}cases/${cause}/${recording}`;
}

function textOf(snapshot: Snapshot): string {
  const { verdict, failing, others, questions: open } = diagnose(snapshot);
  const planned = fixFor({ findings: verdict.findings, failing, others }, snapshot, policy);
  const questions = [...open, ...planned.questions];
  const status = diagnosisStatus(verdict, planned, snapshot);
  const { actions } = plan(status, snapshot, policy);
  const namespace = snapshot.workload?.ref.namespace ?? '';
  const said = status ? diagnosisText(namespace, status) : 'Nothing to say.\n';
  const asked = questions.map((question) => `open question: ${question.ask} of ${aboutWhat(question)}\n`);
  return `${said}${asked.join('')}actions: ${actions.map((action) => action.do).join(', ') || 'none'}\n`;
}

function aboutWhat(question: Question): string {
  switch (question.ask) {
    case 'events':
    case 'log':
      return question.pod;
    case 'image':
      return question.reference;
    case 'refusals':
    case 'surroundings':
    case 'dryRun':
      return `${question.workload.kind}/${question.workload.name}`;
    default:
      return question satisfies never;
  }
}

function compare(file: string, text: string): void {
  if (isUpdating) writeFileSync(file, text);
  expect(existsSync(file) ? readFileSync(file, 'utf8') : `${file} is missing`).toBe(text);
}
