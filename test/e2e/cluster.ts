// The cluster under test: kubectl as a command, and its API server through a kubectl proxy on a private socket,
// so that every kubeconfig works, whatever way it authenticates.

import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { KubeList } from './objects.ts';

export type Cluster = {
  /** KUBECTL and KUBECONFIG, as the steps of a scenario expect them. */
  readonly environment: { readonly KUBECTL: string; readonly KUBECONFIG: string };
  /** False for an API server that stands alone: nobody acts on namespaces, roles or replicas there. */
  readonly hasControllers: boolean;
  /** Standard output; an exit code other than 0 is an error that carries standard error. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /** Undefined where there is no such object. */
  read<T>(path: string): Promise<T | undefined>;
  list<T>(path: string): Promise<KubeList<T>>;
  /** Any other status than 2xx is an error. */
  send(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<void>;
  /** Lines of a watch, until the server ends it. */
  watch(path: string, signal: AbortSignal): AsyncIterable<string>;
  close(): Promise<void>;
};

/** Starts the proxy; `folder` is where its socket lies, and nobody else should be able to enter it. */
export async function connect(kubeconfig: string, folder: string): Promise<Cluster> {
  const environment = { KUBECTL: findKubectl(kubeconfig), KUBECONFIG: kubeconfig };
  const socketPath = join(folder, 'api.sock');
  const proxy = spawn(environment.KUBECTL, ['proxy', `--unix-socket=${socketPath}`], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'ignore'], // it tells of every refused connection
    detached: true, // Ctrl-C is for us: the proxy must outlive it, as cleaning up goes through it
  });
  process.once('exit', () => proxy.kill());
  await serving(proxy, AbortSignal.timeout(30_000));
  const agent = new Agent({ connect: { socketPath }, bodyTimeout: 0, connections: 512 });
  const api = caller(agent);
  const published = await api.read('/api/v1/namespaces/kube-system/configmaps/kube-root-ca.crt');
  return {
    environment,
    hasControllers: published !== undefined,
    ...api,
    kubectl: runner(environment),
    close: () => end(proxy, agent),
  };
}

/** $KUBECTL, or kubectl on PATH, or the one that lies beside the kubeconfig. */
function findKubectl(kubeconfig: string): string {
  const beside = dirname(kubeconfig);
  const named = process.env['KUBECTL'];
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'kubectl'));
  const places = [
    ...(named ? [named] : []),
    ...onPath,
    join(beside, 'bin', 'kubectl'),
    join(beside, 'kubectl'),
  ];
  const found = places.find(isExecutable);
  if (found === undefined)
    throw new Error('no kubectl: set KUBECTL, or put it on PATH or beside the kubeconfig');
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function serving(proxy: ChildProcess, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    proxy.stdout?.once('data', () => resolve());
    proxy.once('error', reject);
    proxy.once('exit', (code) => reject(new Error(`kubectl proxy ended with ${code}`)));
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

async function end(proxy: ChildProcess, agent: Agent): Promise<void> {
  await agent.destroy();
  if (proxy.exitCode === null) proxy.kill();
}

function runner(environment: Cluster['environment']): Cluster['kubectl'] {
  const options = { env: { ...process.env, ...environment }, maxBuffer: 64 << 20, timeout: 300_000 };
  return (args, input) =>
    new Promise((resolve, reject) => {
      const child = execFile(environment.KUBECTL, args, options, (error, stdout, stderr) => {
        if (error) reject(new Error(`kubectl ${args.join(' ')}: ${stderr.trim() || error.message}`));
        else resolve(stdout);
      });
      child.stdin?.on('error', () => {}); // a kubectl that failed early does not read its input
      child.stdin?.end(input);
    });
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

function caller(agent: Agent): Pick<Cluster, 'read' | 'list' | 'send' | 'watch'> {
  const origin = 'http://localhost';
  async function call(
    method: Method,
    path: string,
    body?: unknown,
    attemptsLeft = 20,
  ): Promise<string | undefined> {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': type } };
    const answer = await request(origin + path, { dispatcher: agent, method, ...sent });
    const text = await answer.body.text();
    if (answer.statusCode < 300) return text;
    if (answer.statusCode === 404 && method === 'GET') return undefined;
    if (answer.statusCode === 429 && attemptsLeft > 0) {
      await delay(Number(answer.headers['retry-after'] ?? 1) * 1000); // the storage of a new kind starts, for one
      return call(method, path, body, attemptsLeft - 1);
    }
    throw new Error(`${method} ${path}: ${answer.statusCode} ${text.trim().slice(0, 300)}`);
  }
  return {
    read: async <T>(path: string) => {
      const text = await call('GET', path);
      const found: T | undefined = text === undefined ? text : JSON.parse(text);
      return found;
    },
    list: async <T>(path: string) => {
      const text = await call('GET', path);
      const found: KubeList<T> = text === undefined ? none : JSON.parse(text);
      return found;
    },
    send: async (method, path, body) => void (await call(method, path, body)),
    watch: async function* (path, signal) {
      const answer = await request(origin + path, { dispatcher: agent, signal });
      if (answer.statusCode !== 200) throw new Error(`watch ${path}: ${answer.statusCode}`);
      yield* createInterface({ input: answer.body, crlfDelay: Infinity });
    },
  };
}

/** What the server of a namespace that is gone says. */
const none = { metadata: { resourceVersion: '' }, items: [] };
