// How namespaces are labelled, and whether we read from that what the API server does.

import { namespaceLevels, policyText } from '../../src/engine/platform/pod-security/pod-security-labels.ts';
import type { Cluster } from '../e2e/cluster.ts';
import { attempt } from '../e2e/outcome.ts';
import type { Outcome } from '../e2e/outcome.ts';
import { demand } from '../e2e/until.ts';
import { makeLabelled, refusedByAll } from './pod-security-namespaces.ts';
import type { Frames, PodSecurityServer } from './pod-security-server.ts';

const labelForms: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  none: {},
  'only enforce': { enforce: 'baseline' },
  'enforce with a version': { enforce: 'baseline', 'enforce-version': 'v1.20' },
  'enforce, another version to warn of': {
    enforce: 'restricted',
    'enforce-version': 'v1.20',
    'warn-version': 'v1.30',
  },
  'enforce and warn': { enforce: 'baseline', warn: 'restricted', 'warn-version': 'v1.28' },
  'enforce, and no warning': { enforce: 'baseline', warn: 'privileged' },
  'enforces nothing': { enforce: 'privileged', 'enforce-version': 'v1.20' },
  'only a version': { 'enforce-version': 'v1.20' },
  'only warn': { warn: 'restricted' },
  'only audit': { audit: 'restricted' },
};

const names = Object.keys(labelForms);

export const labelNamespaces: readonly string[] = names.map((_, at) => `psa-oracle-labels-${at}`);

/** One outcome for each way to label: what is enforced of a pod, and what is warned of for a workload. */
export async function compareLabels(
  cluster: Cluster,
  server: PodSecurityServer,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  await Promise.all(
    labelNamespaces.map((name, at) => makeLabelled(cluster, name, labelForms[names[at] ?? ''] ?? {}, signal)),
  );
  return Promise.all(
    names.map((name, at) =>
      attempt(`labels: ${name}`, async () => {
        const { enforce, warn } = namespaceLevels(labelForms[name] ?? {});
        const refuses = enforce && enforce.level !== 'privileged' ? policyText(enforce) : 'nothing';
        const warns = warn && warn.level !== 'privileged' ? policyText(warn) : 'nothing';
        const expected = `enforces ${refuses}, warns of ${warns}`;
        const differs = async () => {
          const found = await policiesIn(labelNamespaces[at] ?? '', server);
          return found === expected ? [] : [`the API server ${found}, we say it ${expected}`];
        };
        await demand('what is read from labels', differs, { limitMs: 5_000, signal });
        return [];
      }),
    ),
  );
}

async function policiesIn(namespace: string, server: PodSecurityServer): Promise<string> {
  const pod = framesOf(await server.dryRun('POST', `/api/v1/namespaces/${namespace}/pods`, refusedByAll));
  const labels = { app: 'a' };
  const template = { ...refusedByAll, metadata: { labels } };
  const deployment = { metadata: { name: 'a' }, spec: { selector: { matchLabels: labels }, template } };
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const workload = framesOf(await server.dryRun('POST', path, deployment));
  const { refused, warned } = { refused: pod.refused, warned: workload.warned };
  return `enforces ${refused?.policy ?? 'nothing'}, warns of ${warned?.policy ?? 'nothing'}`;
}

function framesOf(answer: Frames | string): Frames {
  if (typeof answer === 'string') throw new Error(answer);
  return answer;
}
