// Every recorded cluster, from its objects to what is said of it.
//
// A recording is played by the embedded API server, the snapshot of each workload is gathered as the operator
// would, and both the snapshot and what follows from it are compared with the files in cases/.
// `UPDATE_CASES=1 npm test -- cases` writes them anew; read the difference before you commit it.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { diagnose } from '../src/engine/diagnose/diagnose.ts';
import { parsePermissionDenial } from '../src/engine/messages/permission/permission-denial.ts';
import { KubeClient } from '../src/kube/api/client.ts';
import { Discovery } from '../src/kube/api/discovery.ts';
import { Transport } from '../src/kube/api/transport.ts';
import type { Snapshot } from '../src/engine/model/snapshot.ts';
import type {
  Answer,
  ImageQuestion,
  ImageReading,
  LogAnswer,
  LogQuestion,
  Question,
} from '../src/engine/model/question.ts';
import { keyOf } from '../src/engine/model/workload.ts';
import { askEvents } from '../src/observe/ask/ask-events.ts';
import { askCreateFailures } from '../src/observe/ask/ask-create-failures.ts';
import { askDependents } from '../src/observe/ask/ask-dependents.ts';
import { observe } from '../src/observe/observe.ts';
import { Owners } from '../src/observe/owners.ts';
import { diagnosisName } from '../src/engine/platform/kubernetes/diagnosis-name.ts';
import { judge } from '../src/engine/judge.ts';
import { plan } from '../src/engine/plan/plan.ts';
import { redacted } from '../src/engine/redact/redacted.ts';
import { settle } from '../src/engine/settle.ts';
import { diagnosisText } from '../src/engine/report/text.ts';
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

type Expected = {
  readonly workload: string;
  readonly findings: readonly {
    readonly cause: string;
    readonly container: string;
    readonly containerType: string;
  }[];
  readonly failingPods: number;
};

/** What the scenario of a recording expects. */
function expectedOf(recording: string): readonly Expected[] {
  const [scenario] = recording.split('.');
  const file = `${root}cases/scenarios/${scenario}/expect.json`;
  const { diagnoses } = JSON.parse(readFileSync(file, 'utf8')) as { readonly diagnoses: readonly Expected[] };
  return diagnoses;
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
    snapshots = await gather(server, recording, new KubeClient(transport), signal);
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

/** One snapshot for each workload, with all questions answered but that for a dry run. */
async function gather(
  server: ApiServer,
  recording: string,
  client: KubeClient,
  signal: AbortSignal,
): Promise<readonly Snapshot[]> {
  const owners = new Owners(client, new Discovery(client), () => 0);
  const refs = makers.flatMap(({ apiVersion, kind }) =>
    server.list(kind).map((object) => ({ object, self: { apiVersion, kind, name: '' } })),
  );
  const tops = await Promise.all(refs.map(({ object, self }) => owners.topOf(object, self, signal)));
  const workloads = new Map(tops.map(({ ref }) => [keyOf(ref), ref]));
  const snapshots: Snapshot[] = [];
  for (const [key, workload] of workloads) {
    const target = { key, workload, diagnosisName: diagnosisName(workload), remembered: {} };
    const observed = await observe(target, { client, owners, nowMs: () => nowMs }, signal);
    const answer = (question: Question) => answerTo(question, { recording, client, owners }, signal);
    snapshots.push((await settle(observed, policy, answer)).snapshot);
  }
  return snapshots;
}

const makers = [
  { apiVersion: 'v1', kind: 'Pod' },
  { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
];

type Means = { readonly recording: string; readonly client: KubeClient; readonly owners: Owners };

/** The cluster answers what it can; images and logs answer as they did when they were recorded. */
async function answerTo(question: Question, means: Means, signal: AbortSignal): Promise<Answer | undefined> {
  switch (question.ask) {
    case 'events':
      return askEvents(question, means.client, signal);
    case 'createFailures':
      return askCreateFailures(question, means, signal);
    case 'dependents':
      return askDependents(question, means.client, signal);
    case 'image':
      return { question, reading: readingFor(question) };
    case 'log':
      return logAnswer(question, means.recording);
    case 'dryRun':
      return undefined;
    default:
      return question satisfies never;
  }
}

const images = JSON.parse(readFileSync(`${root}cases/images.json`, 'utf8')) as Readonly<
  Record<string, ImageReading>
>;
function readingFor({ reference, access }: ImageQuestion): ImageReading {
  const reading = images[reference] ?? unreadable;
  if (reading.is !== 'read' || access?.path !== '/var/data/x') return reading;
  const detail = '/var/data is owned by 0:0 with mode 0755 and not writable by 10001';
  return { ...reading, access: { detail, isAllowed: false } };
}

const unreadable: ImageReading = { is: 'unread', because: 'this image was not recorded' };

type Log = { readonly pod: string; readonly container: string; readonly text: string };

function logAnswer(question: LogQuestion, recording: string): LogAnswer {
  const { logs } = JSON.parse(readFileSync(`${root}cases/recordings/${recording}.json`, 'utf8')) as {
    readonly logs: readonly Log[];
  };
  const log = logs.find(({ pod, container }) => pod === question.pod && container === question.container);
  const denial = log && parsePermissionDenial(redacted(log.text), question.hints);
  return { question, ...(denial && { denial }) };
}

function fileOf(recording: string, snapshot: Snapshot): string {
  const cause = diagnose(snapshot).verdict.findings[0]?.cause ?? 'silent';
  mkdirSync(`${root}cases/${cause}`, { recursive: true });
  return `${root}cases/${cause}/${recording}`;
}

function textOf(snapshot: Snapshot): string {
  const { questions, status } = judge(snapshot, policy);
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
    case 'createFailures':
    case 'dependents':
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
