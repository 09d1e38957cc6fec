// Asks the real kubelet: specs run as containers of bare pods, and what becomes of each is watched.

import PQueue from 'p-queue';
import type { Cluster } from '../e2e/cluster.ts';
import { mirror } from '../e2e/mirror.ts';
import type { Mirror } from '../e2e/mirror.ts';
import type { WireContainerStatus, WirePod } from '../e2e/objects.ts';
import { demand } from '../e2e/until.ts';
import { refusedWith } from './kubelet-says.ts';
import type { KubeletSays } from './kubelet-says.ts';
import { textOf } from './kubelet-specs.ts';
import type { Spec } from './kubelet-specs.ts';

const containersPerPod = 12;
const podsAtOnce = 8;
const podLimitMs = 300_000;

/** A spec with the reference of an image that has its USER. */
export type Imaged = { readonly spec: Spec; readonly image: string };

/** What comes of each, by spec. `namespace` is there already. */
export async function askKubelet(
  cluster: Cluster,
  namespace: string,
  all: readonly Imaged[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Spec, KubeletSays>> {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const watching = new AbortController();
  const pods = await mirror<WirePod>(cluster, path, AbortSignal.any([signal, watching.signal]));
  const queue = new PQueue({ concurrency: podsAtOnce });
  const says = new Map<Spec, KubeletSays>();
  const run = async (group: readonly Imaged[], at: number): Promise<void> => {
    const name = `kubelet-oracle-${at}`;
    await cluster.send('POST', path, podOf(name, group));
    for (const [spec, said] of await settled(pods, name, group, signal)) says.set(spec, said);
    await cluster.send('DELETE', `${path}/${name}?gracePeriodSeconds=0`);
    process.stdout.write(`${says.size} of ${all.length} containers are settled\n`);
  };
  try {
    await queue.addAll(groupsOf(all).map((group, at) => () => run(group, at)));
  } finally {
    watching.abort();
  }
  return says;
}

/** The containers of a pod share the settings of the pod. */
function groupsOf(all: readonly Imaged[]): readonly (readonly Imaged[])[] {
  const bySettings = Object.values(Object.groupBy(all, ({ spec }) => textOf(spec.pod)));
  return bySettings.flatMap((group = []) =>
    Array.from({ length: Math.ceil(group.length / containersPerPod) }, (_, at) =>
      group.slice(at * containersPerPod, (at + 1) * containersPerPod),
    ),
  );
}

function podOf(name: string, group: readonly Imaged[]): object {
  const containers = group.map(({ spec, image }, at) => ({
    name: containerName(at),
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['/bin/sh', '-c', 'exit 0'],
    securityContext: spec.container,
  }));
  const spec = {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 0,
    automountServiceAccountToken: false,
    securityContext: group[0]?.spec.pod,
    containers,
  };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec };
}

const containerName = (at: number): string => `app-${at}`;

async function settled(
  pods: Mirror<WirePod>,
  name: string,
  group: readonly Imaged[],
  signal: AbortSignal,
): Promise<readonly (readonly [Spec, KubeletSays])[]> {
  let says: readonly (KubeletSays | string)[] = [];
  const unsettled = (): readonly string[] => {
    const pod = pods.objects().find(({ metadata }) => metadata.name === name);
    says = group.map((_, at) => saysOf(pod, containerName(at)));
    return says.filter((one) => typeof one === 'string');
  };
  await demand(name, unsettled, { limitMs: podLimitMs, signal });
  return group.flatMap(({ spec }, at) => {
    const said = says[at];
    return typeof said === 'object' ? [[spec, said] as const] : [];
  });
}

/** What came of a container; as long as nothing did, why. */
function saysOf(pod: WirePod | undefined, name: string): KubeletSays | string {
  const status = pod?.status?.containerStatuses?.find((one) => one.name === name);
  const { waiting, ...started }: NonNullable<WireContainerStatus['state']> = status?.state ?? {};
  if (started.running ?? started.terminated) return { is: 'passed' };
  const { reason = 'Waiting', message = '' } = waiting ?? {};
  if (reason === 'CreateContainerConfigError') return refusedWith(message);
  return later.has(reason) ? { is: 'passed' } : `${name} is ${reason} ${message}`;
}

/** Of one container the kubelet decides before it asks the runtime to create it. */
const later = new Set(['CreateContainerError', 'RunContainerError']);
