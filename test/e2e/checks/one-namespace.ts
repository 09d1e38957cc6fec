// The operator with the rights of the overlay for one namespace: a Role there, and nothing in the whole cluster.

import type { Account } from '../account.ts';
import type { Operator } from '../operator.ts';
import { until } from '../until.ts';
import type { Complaints } from '../until.ts';
import { deployment } from '../workloads.ts';
import { checkPrefix, create, lacks } from './check.ts';
import type { Ground } from './check.ts';

export type Means = {
  /** Makes a namespace with an account that has the rights of the manifests in this folder. */
  readonly settle: (manifests: string, namespace: string) => Promise<Account>;
  readonly start: (flags: readonly string[], kubeconfig: string) => Promise<Operator>;
  readonly stop: () => Promise<Complaints>;
};

/** No other operator may run. */
export async function oneNamespace(ground: Ground, { settle, start, stop }: Means): Promise<Complaints> {
  const { cluster, images, signal } = ground;
  const namespace = `${checkPrefix}alone`;
  const account = await settle('overlays/one-namespace', namespace);
  const operator = await start(['--namespaces', namespace], account.kubeconfig);
  await create(cluster, deployment({ namespace, name: 'web', image: images.root }));
  const limitMs = 60_000;
  const missing = await until(lacks(ground, namespace, 'Deployment/web', 'Failing'), { limitMs, signal });
  const refused = operator.log().filter((line) => line.includes('forbidden'));
  return [...missing, ...refused.slice(0, 3), ...(await stop())];
}
