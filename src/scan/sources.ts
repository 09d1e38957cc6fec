// What a scan reads from, opened for one scan and closed after it.

import { KubeClient } from '../kube/api/client.ts';
import type { Cluster } from '../kube/auth/cluster.ts';
import { Discovery } from '../kube/api/discovery.ts';
import { KubeError, messageOf } from '../kube/api/error.ts';
import { Transport } from '../kube/api/transport.ts';
import type { ScanProgress, ScanTrouble, Unread } from '../engine/model/scan.ts';
import { Owners } from '../observe/owners.ts';
import { present } from '../engine/platform/data/field.ts';
import { NoNamespace } from './namespace-scope.ts';

export type ScanSources = {
  readonly transport: Transport;
  readonly client: KubeClient;
  readonly discovery: Discovery;
  readonly owners: Owners;
  readonly monotonicMs: () => number;
  /** The API server's minor version, where it tells. */
  readonly serverMinor?: number;
  readonly onProgress: (progress: ScanProgress) => void;
};

export type ScanMeans = {
  readonly cluster: Cluster;
  readonly onProgress?: (progress: ScanProgress) => void;
};

/** Expected trouble is an answer; what is thrown is a bug. */
export async function withSources<T>(
  { cluster, onProgress = () => {} }: ScanMeans,
  signal: AbortSignal,
  work: (sources: ScanSources) => Promise<T>,
): Promise<T | ScanTrouble> {
  const transport = new Transport(cluster);
  const client = new KubeClient(transport);
  const discovery = new Discovery(client);
  const monotonicMs = (): number => performance.now();
  const owners = new Owners(client, discovery, monotonicMs);
  try {
    const serverMinor = await reach(transport, signal);
    const sources = { transport, client, discovery, owners, monotonicMs, onProgress };
    return await work(serverMinor === undefined ? sources : { ...sources, serverMinor });
  } catch (error) {
    return troubleOf(error, cluster);
  } finally {
    await transport.close();
  }
}

/** A person who mistyped a context should not wait for as many attempts as an operator makes. */
async function reach(transport: Transport, signal: AbortSignal): Promise<number | undefined> {
  try {
    const { bytes } = await transport.request({ verb: 'get', path: '/version', retries: 1 }, signal);
    const [, minor] = /"minor": ?"(\d{1,4})/.exec(bytes.subarray(0, 4096).toString()) ?? [];
    return minor === undefined ? undefined : Number(minor);
  } catch (error) {
    // A server that refuses to answer is there.
    if (error instanceof KubeError && error.status !== undefined && !isHopeless(error)) return undefined;
    throw error;
  }
}

function troubleOf(error: unknown, { server }: Cluster): ScanTrouble {
  if (error instanceof NoNamespace) return { is: 'noNamespace', said: error.message };
  if (!(error instanceof KubeError)) throw error;
  if (error.code === 'forbidden') return { is: 'forbidden', said: error.said ?? error.message };
  return { is: 'failed', said: `${server}: ${error.message}` };
}

/**
 * What could not be read or judged, to be named beside what was found.
 *
 * @throws the error again where every other request would meet it as well
 */
export function unreadAfter(
  error: unknown,
  what: { readonly kind: string; readonly namespace?: string | undefined; readonly name?: string },
): Unread {
  if (isHopeless(error)) throw error;
  const because = error instanceof KubeError ? (error.said ?? error.message) : `${bug}: ${messageOf(error)}`;
  return present({ ...what, because });
}

const bug = 'it could not be judged, which is a bug in rootcause';

export function isHopeless(error: unknown): boolean {
  return error instanceof KubeError && hopeless.has(error.code);
}

const hopeless: ReadonlySet<string> = new Set(['unauthorized', 'unreachable', 'tls', 'aborted']);
