// The API server as the oracle of strategic merge patches: Deployments without replicas are patched by dry runs, and what
// would come of each must be what we say: `npm run test:e2e -- --strategic-merge all`, or `sample` for a few of them.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { KubeClient } from '../../src/kube/api/client.ts';
import { loadCluster } from '../../src/kube/auth/cluster.ts';
import { KubeError } from '../../src/kube/api/error.ts';
import { Transport } from '../../src/kube/api/transport.ts';
import { objectAt } from '../../src/engine/platform/data/field.ts';
import { podManifestOf } from '../../src/engine/platform/kubernetes/pod-manifest.ts';
import type { PodPatch } from '../../src/engine/platform/kubernetes/strategic-merge.ts';
import { connect } from '../e2e/cluster.ts';
import { dropNamespaces, makeNamespace } from '../e2e/namespaces.ts';
import { attempt } from '../e2e/outcome.ts';
import type { Outcome } from '../e2e/outcome.ts';
import { allPairs } from './strategic-merge-pairs.ts';
import type { Pairs } from './strategic-merge-pairs.ts';
import { disagreement, writeRecorded } from './strategic-merge-recorded.ts';
import type { Answer, Answers } from './strategic-merge-recorded.ts';
import type { Template } from './strategic-merge-template.ts';

type Options = { readonly kubeconfig: string; readonly which: 'all' | 'sample' };

const namespace = 'strategic-merge-oracle';
const collection = `/apis/apps/v1/namespaces/${namespace}/deployments`;
const sampleStep = 9;

/** One outcome for each template. RECORD_ORACLE=1 keeps what the server said, for the test that needs no cluster. */
export async function strategicMergeOracle(
  { kubeconfig, which }: Options,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), 'rootcause-strategic-merge-'));
  const cluster = await connect(kubeconfig, folder);
  const transport = new Transport(await loadCluster({ kubeconfig }));
  const client = new KubeClient(transport);
  try {
    await makeNamespace(cluster, namespace, signal);
    const pairs = allPairs().filter((_, at) => which === 'all' || at % sampleStep === 0);
    const answers: Answers[] = [];
    const outcomes: Outcome[] = [];
    for (const [at, one] of pairs.entries()) {
      const compared = async (): Promise<readonly string[]> => {
        const said = await askAll(client, `template-${at}`, one, signal);
        answers.push(said);
        return said.patches.flatMap((answer) => disagreement(said.before, answer) ?? []);
      };
      outcomes.push(await attempt(`template ${at}`, compared));
    }
    if (process.env['RECORD_ORACLE'] && which === 'all') writeRecorded(answers);
    return [...outcomes, await attempt('few patches are refused', async () => fewRefused(answers))];
  } finally {
    await dropNamespaces(cluster, [namespace], new AbortController().signal);
    await Promise.all([cluster.close(), transport.close()]);
    await rm(folder, { recursive: true, force: true });
  }
}

async function askAll(
  client: KubeClient,
  name: string,
  { template, patches }: Pairs,
  signal: AbortSignal,
): Promise<Answers> {
  const created = await client.create(collection, deploymentOf(name, template), signal);
  const before = podManifestOf(objectAt(created, 'spec', 'template'));
  if (!isDeepStrictEqual(before, podManifestOf(template)))
    throw new Error(`the server fills in what we do not know of: ${JSON.stringify([template, before])}`);
  const answers: Answer[] = [];
  for (const patch of patches) answers.push(await ask(client, `${collection}/${name}`, patch, signal));
  return { before, patches: answers };
}

async function ask(client: KubeClient, path: string, patch: PodPatch, signal: AbortSignal): Promise<Answer> {
  try {
    const options = { manager: 'oracle', fieldValidation: 'Ignore' } as const;
    const { object } = await client.dryRunPatch(path, { spec: { template: patch } }, signal, options);
    return { patch, after: podManifestOf(objectAt(object, 'spec', 'template')) };
  } catch (error) {
    if (error instanceof KubeError && error.code === 'invalid') return { patch, refused: error.said ?? '' };
    throw error;
  }
}

function deploymentOf(name: string, { metadata, spec }: Template): object {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { ...metadata, labels }, spec },
    },
  };
}

/** A server that refuses most of them proves nothing. */
function fewRefused(answers: readonly Answers[]): readonly string[] {
  const all = answers.flatMap(({ patches }) => patches);
  const refused = all.flatMap(({ refused: why }) => why ?? []);
  process.stdout.write(`${refused.length} of ${all.length} patches were refused\n`);
  return refused.length < 0.3 * all.length ? [] : refused;
}
