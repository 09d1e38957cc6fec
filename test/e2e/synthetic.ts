// Pods that no node runs: the tests themselves write their status, so that they fail and recover when the tests say,
// on a real cluster as well as on an API server that stands alone.

import type { Cluster } from './cluster.ts';
import type { KubeObject } from './objects.ts';

export type Synthetic = {
  readonly namespace: string;
  readonly name: string;
  readonly owner?: OwnerReference;
};

export type OwnerReference = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller: true;
};

export async function createPod(cluster: Cluster, { namespace, name, owner }: Synthetic): Promise<void> {
  const spec = {
    schedulerName: 'nobody',
    securityContext: { runAsNonRoot: true },
    containers: [{ name: 'app', image: 'registry.example/app:1' }],
  };
  const metadata = { name, ...(owner ? { ownerReferences: [owner] } : {}) };
  const path = `/api/v1/namespaces/${namespace}/pods`;
  await cluster.send('POST', path, { apiVersion: 'v1', kind: 'Pod', metadata, spec });
}

/** Says of the pod what a kubelet says that finds an image without USER. */
export async function failPod(cluster: Cluster, { namespace, name }: Synthetic): Promise<void> {
  const { metadata } = (await cluster.read<KubeObject>(`/api/v1/namespaces/${namespace}/pods/${name}`)) ?? {};
  const where = `(pod: "${name}_${namespace}(${metadata?.uid})", container: app)`;
  const message = `container has runAsNonRoot and image will run as root ${where}`;
  const waiting = { reason: 'CreateContainerConfigError', message };
  await writeStatus(cluster, { namespace, name }, 'Pending', { waiting });
}

export async function healPod(cluster: Cluster, pod: Synthetic): Promise<void> {
  await writeStatus(cluster, pod, 'Running', { running: { startedAt: new Date().toISOString() } });
}

/** At once: no node has to end anything. */
export async function deletePod(cluster: Cluster, { namespace, name }: Synthetic): Promise<void> {
  await cluster.send('DELETE', `/api/v1/namespaces/${namespace}/pods/${name}?gracePeriodSeconds=0`);
}

async function writeStatus(cluster: Cluster, { namespace, name }: Synthetic, phase: string, state: object) {
  const isReady = phase === 'Running';
  const container = {
    name: 'app',
    image: 'registry.example/app:1',
    imageID: '',
    ready: isReady,
    restartCount: 0,
    state,
  };
  const conditions = [{ type: 'Ready', status: isReady ? 'True' : 'False' }];
  const status = { phase, conditions, containerStatuses: [container] };
  await cluster.send('PATCH', `/api/v1/namespaces/${namespace}/pods/${name}/status`, { status });
}
