// A namespace for each policy that is asked for, and one for each way to label a namespace.

import type { PodSecurityPolicy } from '../../src/engine/model/pod-security.ts';
import { policyText } from '../../src/engine/platform/pod-security/pod-security-labels.ts';
import type { Cluster } from '../e2e/cluster.ts';
import { makeNamespace } from '../e2e/namespaces.ts';
import { demand } from '../e2e/until.ts';
import { bases } from './pod-security-pods.ts';
import type { PodSecurityServer } from './pod-security-server.ts';

type Labels = Readonly<Record<string, string>>;

export const namespaceOf = (policy: PodSecurityPolicy): string =>
  `psa-oracle-${policyText(policy).replaceAll(/[:.]/g, '-')}`;

/** Restricted is enforced, baseline only warned of: the words must be the same. */
export function labelsOf({ level, version }: PodSecurityPolicy): Labels {
  const mode = level === 'restricted' ? 'enforce' : 'warn';
  return { [mode]: level, [`${mode}-version`]: version === 'latest' ? version : `v1.${version}` };
}

export async function makeLabelled(
  cluster: Cluster,
  name: string,
  podSecurity: Labels,
  signal: AbortSignal,
): Promise<void> {
  await makeNamespace(cluster, name, signal);
  const labels = Object.entries(podSecurity).map(
    ([key, value]) => [`pod-security.kubernetes.io/${key}`, value] as const,
  );
  await cluster.send('PATCH', `/api/v1/namespaces/${name}`, {
    metadata: { labels: Object.fromEntries(labels) },
  });
}

/** Ready when Pod Security has seen the labels; there is a pod to which ephemeral containers can be added. */
export async function makeFor(
  policy: PodSecurityPolicy,
  cluster: Cluster,
  server: PodSecurityServer,
  signal: AbortSignal,
): Promise<void> {
  const name = namespaceOf(policy);
  await makeLabelled(cluster, name, labelsOf(policy), signal);
  const spec = { ...bases.good.spec, schedulingGates: [{ name: 'rootcause.dev/oracle' }] };
  await cluster.send('POST', `/api/v1/namespaces/${name}/pods`, { metadata: { name: 'base' }, spec });
  const unseen = async () => {
    const answer = await server.ask(name, refusedByAll, policy);
    return answer.is === 'judged' && answer.text !== '' ? [] : ['nothing is refused'];
  };
  await demand(`the labels of ${name}`, unseen, { limitMs: 30_000, signal, everyMs: 50 });
}

/** At any level and version. */
export const refusedByAll = {
  metadata: { name: 'refused' },
  spec: { ...bases.bare.spec, hostPID: true },
};
