// Asks the real runtime: images run as containers of pods, and each writes down who it is.

import PQueue from 'p-queue';
import type { Cluster } from '../e2e/cluster.ts';
import { demand } from '../e2e/until.ts';
import { programPath } from './image.ts';
import type { RuntimeSays } from './verdict.ts';

const containersPerPod = 12;
const podsAtOnce = 4;
const podLimitMs = 240_000;
const name = 'app-';

/** What comes of each image, in their order. `namespace` is there already. */
export async function runAll(
  cluster: Cluster,
  namespace: string,
  images: readonly string[],
  signal: AbortSignal,
  onProgress: (done: number) => void,
): Promise<readonly RuntimeSays[]> {
  const queue = new PQueue({ concurrency: podsAtOnce });
  let done = 0;
  const groups = Array.from({ length: Math.ceil(images.length / containersPerPod) }, (_, at) =>
    images.slice(at * containersPerPod, (at + 1) * containersPerPod),
  );
  const run = async (group: readonly string[], at: number): Promise<readonly RuntimeSays[]> => {
    const said = await runPod(cluster, namespace, `oracle-${at}`, group, signal);
    done += group.length;
    onProgress(done);
    return said;
  };
  const says = await Promise.all(groups.map((group, at) => queue.add(() => run(group, at))));
  return says.flat();
}

async function runPod(
  cluster: Cluster,
  namespace: string,
  podName: string,
  images: readonly string[],
  signal: AbortSignal,
): Promise<readonly RuntimeSays[]> {
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  await cluster.send('POST', pods, podOf(podName, images));
  let says: readonly (RuntimeSays | string)[] = [];
  const unsettled = async (): Promise<readonly string[]> => {
    const pod = await cluster.read<Pod>(`${pods}/${podName}`);
    says = images.map((_, at) => saysOf(pod, `${name}${at}`));
    return says.filter((one) => typeof one === 'string');
  };
  await demand(podName, unsettled, { limitMs: podLimitMs, signal, everyMs: 1000 });
  await cluster.send('DELETE', `${pods}/${podName}?gracePeriodSeconds=0`);
  return says.filter((one) => typeof one !== 'string');
}

function podOf(podName: string, images: readonly string[]): object {
  const program = `/${programPath}`;
  const script = `exec >/dev/termination-log; ${program} id -u; ${program} id -g`;
  const containers = images.map((image, at) => ({
    name: `${name}${at}`,
    image,
    imagePullPolicy: 'IfNotPresent',
    command: [program, 'sh', '-c', script],
  }));
  const spec = {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 0,
    automountServiceAccountToken: false,
  };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: podName }, spec: { ...spec, containers } };
}

type Pod = {
  readonly status?: {
    readonly containerStatuses?: readonly { readonly name: string; readonly state?: State }[];
  };
};

type State = { readonly waiting?: Told; readonly terminated?: Told };
type Told = { readonly reason?: string; readonly message?: string };

/** What came of a container; as long as nothing did, why. */
function saysOf(pod: Pod | undefined, container: string): RuntimeSays | string {
  const status = pod?.status?.containerStatuses?.find((one) => one.name === container);
  const { terminated, waiting } = status?.state ?? {};
  if (terminated) return ended(terminated);
  const { reason = 'Waiting', message = '' } = waiting ?? {};
  if (!refusals.has(reason) || isPassing.test(message)) return `${container} is ${reason} ${message}`;
  return { is: isUnpacked(reason) ? 'refused' : 'notUnpacked', reason, message };
}

const isUnpacked = (reason: string): boolean => !/Image|Pull/.test(reason);

function ended({ reason = '', message = '' }: Told): RuntimeSays {
  const [uid, gid] = message.trim().split('\n').map(Number);
  if (reason !== 'Completed' || uid === undefined || gid === undefined || !Number.isInteger(uid + gid))
    return { is: 'refused', reason, message };
  return { is: 'ran', uid, gid };
}

const refusals = new Set([
  'CreateContainerError',
  'RunContainerError',
  'CreateContainerConfigError',
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
]);

/** Trouble of the machine, not of the image; the kubelet tries again. */
const isPassing = /deadline exceeded|is reserved for|connection (refused|reset)|unavailable|EOF/i;
