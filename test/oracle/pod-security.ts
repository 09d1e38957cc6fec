// The API server as the oracle of Pod Security: it is asked about every pod under every policy, and must say what we
// say, word for word. `npm run test:e2e -- --pod-security all`, or `sample` for a few of them.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PodSecurityPolicy } from '../../src/engine/model/pod-security.ts';
import { policyText } from '../../src/engine/platform/pod-security/pod-security-labels.ts';
import { connect } from '../e2e/cluster.ts';
import type { Cluster } from '../e2e/cluster.ts';
import { dropNamespaces } from '../e2e/namespaces.ts';
import { attempt } from '../e2e/outcome.ts';
import type { Outcome } from '../e2e/outcome.ts';
import { compareLabels, labelNamespaces } from './pod-security-label-forms.ts';
import { makeFor, namespaceOf } from './pod-security-namespaces.ts';
import { disagreements } from './pod-security-ours.ts';
import type { NamedPod } from './pod-security-pod.ts';
import { allPods, sampleOf } from './pod-security-pods.ts';
import { allPolicies, samplePolicies } from './pod-security-policies.ts';
import { recordedOf, recordedPath } from './pod-security-recorded.ts';
import type { Answers } from './pod-security-recorded.ts';
import { PodSecurityServer } from './pod-security-server.ts';
import type { Judgement } from './pod-security-server.ts';

type Options = { readonly kubeconfig: string; readonly which: 'all' | 'sample' };

const atOnce = 32;

/** One outcome for each pod. RECORD_ORACLE=1 keeps what the API server said, for the test that needs no cluster. */
export async function podSecurityOracle(
  { kubeconfig, which }: Options,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), 'rootcause-pod-security-'));
  const pods = which === 'all' ? allPods() : sampleOf(allPods());
  const policies = which === 'all' ? allPolicies : samplePolicies;
  const cluster = await connect(kubeconfig, folder);
  const server = new PodSecurityServer(folder);
  try {
    await Promise.all(policies.map((policy) => makeFor(policy, cluster, server, signal)));
    const judgements = await askAll(server, pods, policies, signal);
    const answers = judgements.map((ofPod) =>
      ofPod.map((one) => (one.is === 'judged' ? one.text : undefined)),
    );
    if (process.env['RECORD_ORACLE'] && which === 'all') await record(cluster, pods, answers);
    return [
      ...(await compareAll(pods, policies, answers, await versionOf(cluster))),
      await attempt('enough pods were judged', async () => judged(pods, judgements)),
      ...(await compareLabels(cluster, server, signal)),
    ];
  } finally {
    const names = [...policies.map(namespaceOf), ...labelNamespaces];
    await server.close();
    await dropNamespaces(cluster, names, new AbortController().signal);
    await cluster.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** In the order of the pods, and for each in the order of the policies. */
async function askAll(
  server: PodSecurityServer,
  pods: readonly NamedPod[],
  policies: readonly PodSecurityPolicy[],
  signal: AbortSignal,
): Promise<readonly (readonly Judgement[])[]> {
  const judgements: Judgement[][] = pods.map(() => []);
  const questions = pods.flatMap(({ pod }, of) => policies.map((policy, at) => ({ pod, of, policy, at })));
  const queue = questions.values();
  const work = async () => {
    for (const { pod, of, policy, at } of queue) {
      signal.throwIfAborted();
      const ofPod = judgements[of] ?? [];
      ofPod[at] = await server.ask(namespaceOf(policy), pod, policy);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  process.stdout.write(`${questions.length} questions were asked\n`);
  return judgements;
}

async function record(
  cluster: Cluster,
  pods: readonly NamedPod[],
  answers: readonly Answers[],
): Promise<void> {
  const asked = { server: await versionOf(cluster), pods, policies: allPolicies.map(policyText) };
  await writeFile(recordedPath, `${JSON.stringify(recordedOf(asked, answers), undefined, 2)}\n`);
}

/** `v1.36.3` */
const versionOf = async (cluster: Cluster): Promise<string> =>
  (await cluster.read<{ readonly gitVersion: string }>('/version'))?.gitVersion ?? '';

async function compareAll(
  pods: readonly NamedPod[],
  policies: readonly PodSecurityPolicy[],
  answers: readonly Answers[],
  version: string,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [at, { name, pod }] of pods.entries()) {
    const ofPod = answers[at] ?? [];
    const isJudged = ofPod.some((answer) => answer !== undefined);
    const skipped: Outcome = { name, result: 'skip', details: ['refused by validation'] };
    outcomes.push(
      await attempt(name, async () => (isJudged ? disagreements(pod, policies, ofPod, version) : skipped)),
    );
  }
  return outcomes;
}

/** A pod that the API server takes for invalid proves nothing. */
function judged(pods: readonly NamedPod[], judgements: readonly (readonly Judgement[])[]): readonly string[] {
  const invalid = pods.flatMap(({ name }, at) => {
    const found = judgements[at]?.find(({ is }) => is === 'invalid');
    return found?.is === 'invalid' ? [`${name}: ${found.why}`] : [];
  });
  process.stdout.write(`${invalid.length} of ${pods.length} pods were refused by validation\n`);
  return invalid.length < 0.02 * pods.length ? [] : invalid;
}
