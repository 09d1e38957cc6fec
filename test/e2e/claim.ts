// One run of these tests in a cluster at a time: two would delete each other's namespaces, and their operators would
// write to the same diagnoses. A lease says who runs; nothing is touched before it is held.

import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';
import type { KubeObject } from './objects.ts';

type Lease = KubeObject & {
  readonly spec?: { readonly holderIdentity?: string; readonly renewTime?: string };
};

export type Claim = { release(): Promise<void> };

const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
const name = 'rootcause-e2e';
const renewMs = 10_000;
/** A run that has not renewed for so long was killed, and what it left is cleared away. */
const expiredMs = 90_000;

/** Throws where another run holds the cluster. */
export async function claim(cluster: Cluster): Promise<Claim> {
  const held = await cluster.read<Lease>(`${leases}/${name}`);
  const { holderIdentity, renewTime = '' } = held?.spec ?? {};
  if (held !== undefined && Date.now() - Date.parse(renewTime) < expiredMs)
    throw new Error(
      `another run of these tests (${holderIdentity}) is under way in this cluster: wait for its end`,
    );
  await take(cluster, held);
  const ended = new AbortController();
  void renew(cluster, ended.signal);
  return {
    release: async () => {
      ended.abort();
      await cluster.send('DELETE', `${leases}/${name}`);
    },
  };
}

/** Of two that try at the same time the server refuses one: the name is taken, or the version is no longer that. */
async function take(cluster: Cluster, held: Lease | undefined): Promise<void> {
  const resourceVersion = held?.metadata.resourceVersion;
  const lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, ...(resourceVersion !== undefined && { resourceVersion }) },
    spec: { holderIdentity: `${hostname()}/${process.pid}`, renewTime: now() },
  };
  if (held === undefined) await cluster.send('POST', leases, lease);
  else await cluster.send('PUT', `${leases}/${name}`, lease);
}

async function renew(cluster: Cluster, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await delay(renewMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    // A server that is away for a moment is none of our trouble: the next time will do.
    await cluster.send('PATCH', `${leases}/${name}`, { spec: { renewTime: now() } }).catch(() => {});
  }
}

/** As a MicroTime, which leases have. */
function now(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
