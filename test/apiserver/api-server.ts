// An API server in memory: real HTTP, real lists, watches, patches and refusals, for tests and the demo.
//
// It imitates what rootcause relies on, and that exactly: contract.ts runs against it and against a real one.

import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { randomUUID } from 'node:crypto';
import type { Allows } from './access.ts';
import { answer } from './answer.ts';
import { resourceOfCrd } from './custom-schema.ts';
import { FaultList, type Injected } from './fault-list.ts';
import type { Fault } from './faults.ts';
import { collectGarbage } from './garbage-collector.ts';
import { Lists } from './lists.ts';
import { Logs } from './logs.ts';
import { cleanCopy, type Fields, type KubeObject } from './object.ts';
import { readRequest, type ApiRequest } from './request.ts';
import { apiVersionOf, builtInResources, qualifiedKind, type Resource } from './resource.ts';
import { sinkTo, type Sink } from './sink.ts';
import { Store } from './store.ts';
import { now } from './writes.ts';

export type ApiServerOptions = {
  /** 0: any free one, which stays the same after stop and start. */
  readonly port?: number;
  /** Kinds beside the built-in ones and Diagnosis. */
  readonly resources?: readonly Resource[];
  /** Bearer tokens that are let in; everybody is when this is left out. */
  readonly acceptTokens?: readonly string[];
  /** How often an open watch that asked for bookmarks gets one. */
  readonly bookmarkIntervalMs?: number;
  /** How many changes a watch can go back, at least. */
  readonly historySize?: number;
};

const diagnosisCrd = new URL('../../crds/rootcause.dev_diagnoses.yaml', import.meta.url);
const recordedRequests = 20_000;

type OpenWatch = { readonly request: ApiRequest; readonly sink: Sink; muted: boolean };

export class ApiServer {
  readonly #options: ApiServerOptions;
  readonly #store: Store;
  readonly #lists: Lists;
  readonly #logs = new Logs();
  readonly #faults = new FaultList();
  readonly #resources: Resource[];
  readonly #watches = new Set<OpenWatch>();
  #requests: ApiRequest[] = [];
  #tokens: readonly string[] | undefined;
  #allows: Allows = () => true;
  #port: number;
  #running: { readonly server: Server; readonly stopCollecting: () => void } | undefined;

  constructor(options: ApiServerOptions = {}) {
    this.#options = options;
    this.#store = new Store(options.historySize ?? 10_000);
    this.#lists = new Lists(this.#store);
    const ours = existsSync(diagnosisCrd) ? [resourceOfCrd(readFileSync(diagnosisCrd, 'utf8'))] : [];
    this.#resources = [...builtInResources, ...ours, ...(options.resources ?? [])];
    this.#tokens = options.acceptTokens;
    this.#port = options.port ?? 0;
    this.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
  }

  /** Listens on loopback. `kubeconfig` is the text of a file that lets kubectl in. */
  async start(): Promise<{ readonly url: string; readonly kubeconfig: string }> {
    const server = createServer((request, response) => void this.#serve(request, response));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = portOf(server);
    this.#running = { server, stopCollecting: collectGarbage(this.#store, () => this.#resources) };
    const url = `http://127.0.0.1:${this.#port}`;
    return { url, kubeconfig: kubeconfigOf(url, this.#tokens?.[0]) };
  }

  /** Breaks all connections off and refuses new ones. The objects stay; the record of changes is lost, as in a crash. */
  async stop(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    this.#running = undefined;
    running.stopCollecting();
    const closed = new Promise((resolve) => running.server.close(resolve));
    this.cutWatches();
    running.server.closeAllConnections();
    await closed;
    this.compact();
  }

  /** Adds a kind: `customKind('example.com/v1', 'Widget')`. */
  register(resource: Resource): void {
    this.#resources.push(resource);
  }

  /** Stores an object past all checks, status and managedFields included; makes its namespace if there is none. */
  put(object: KubeObject): KubeObject {
    const given = cleanCopy(object);
    const resource = this.#resourceOf(given.kind, given.apiVersion);
    const { name } = given.metadata;
    const namespace = resource.namespaced ? (given.metadata.namespace ?? 'default') : '';
    if (resource.namespaced && !this.get('Namespace', '', namespace)) this.#putNamespace(namespace);
    const live = this.#store.get(resource, namespace, name)?.metadata;
    const { resourceVersion: _, ...metadata } = given.metadata;
    const system = { uid: live?.uid ?? randomUUID(), creationTimestamp: live?.creationTimestamp ?? now() };
    const place = resource.namespaced ? { namespace } : {};
    const complete = { ...system, ...generationFrom(resource, live), ...metadata, ...place };
    return this.#store.save(resource, { ...given, metadata: complete });
  }

  /** Replaces the status of an object that exists. */
  setStatus(kind: string, namespace: string, name: string, status: Fields): KubeObject {
    const live = this.get(kind, namespace, name);
    if (!live) throw new Error(`There is no ${kind} ${namespace}/${name}.`);
    return this.put({ ...live, status });
  }

  /** `kind` as in `Pod`, or `StatefulSet.apps.example.com` where several groups have it; `namespace` '' for a cluster's. */
  get(kind: string, namespace: string, name: string): KubeObject | undefined {
    return this.#store.get(this.#resourceOf(kind), namespace, name);
  }

  list(kind: string, namespace = ''): readonly KubeObject[] {
    const all = this.#store.list(this.#resourceOf(kind));
    return all.filter(({ metadata }) => namespace === '' || metadata.namespace === namespace);
  }

  /** What a container wrote until it last ended, or so far where it has not. */
  setLog(namespace: string, pod: string, container: string, text: string | Buffer): void {
    this.#logs.set(namespace, pod, container, text);
  }

  remove(kind: string, namespace: string, name: string): void {
    this.#store.remove(this.#resourceOf(kind), namespace, name);
  }

  /** Requests since the start or the last clear, oldest first; the latest 20,000 of them. */
  requests(): readonly ApiRequest[] {
    return this.#requests;
  }

  clearRequests(): void {
    this.#requests = [];
  }

  inject(fault: Fault): Injected {
    return this.#faults.add(fault);
  }

  /** Ends all faults at once; open streams keep what has already befallen them. */
  liftFaults(): void {
    this.#faults.clear();
  }

  /** How many watches are open now. */
  watchCount(plural?: string): number {
    return this.#watchesOf(plural).length;
  }

  /** Breaks open watches off. */
  cutWatches(plural?: string): void {
    this.#watchesOf(plural).forEach(({ sink }) => sink.reset());
  }

  /** Open watches stay open and say nothing more: a half-open connection. */
  muteWatches(plural?: string): void {
    this.#watchesOf(plural).forEach((watch) => (watch.muted = true));
  }

  /** Forgets the past: watches from earlier versions and lists in progress hear 410. */
  compact(): void {
    this.#store.compact();
    this.#lists.forget();
  }

  /** From now on only these bearer tokens are let in; undefined lets everybody in. */
  acceptTokens(tokens: readonly string[] | undefined): void {
    this.#tokens = tokens;
  }

  /** From now on this answers access reviews, which say yes before; requests themselves are not held to it. */
  answerAccessReviews(allows: Allows): void {
    this.#allows = allows;
  }

  #watchesOf(plural: string | undefined): readonly OpenWatch[] {
    return [...this.#watches].filter(({ request }) => plural === undefined || request.resource === plural);
  }

  #putNamespace(name: string): void {
    const metadata = { name, labels: { 'kubernetes.io/metadata.name': name } };
    this.put({ apiVersion: 'v1', kind: 'Namespace', metadata, status: { phase: 'Active' } });
  }

  #resourceOf(kind: string, apiVersion?: string): Resource {
    const found = this.#resources.find(
      (resource) =>
        (resource.kind === kind && (apiVersion ?? apiVersionOf(resource)) === apiVersionOf(resource)) ||
        qualifiedKind(resource) === kind,
    );
    if (!found) throw new Error(`The embedded API server has no kind ${kind}; register it first.`);
    return found;
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = incoming;
    const request = readRequest(method, url, headers['user-agent'] ?? '');
    this.#record(request);
    const { sink, refusal } = this.#faults.strike(request, this.#open(request, sinkTo(response)));
    const context = {
      store: this.#store,
      lists: this.#lists,
      logs: this.#logs,
      resources: this.#resources,
      tokens: this.#tokens,
      allows: this.#allows,
      bookmarkIntervalMs: this.#options.bookmarkIntervalMs ?? 60_000,
    };
    await answer(context, request, incoming, sink, refusal);
  }

  #record(request: ApiRequest): void {
    this.#requests.push(request);
    if (this.#requests.length > recordedRequests * 2)
      this.#requests = this.#requests.slice(-recordedRequests);
  }

  /** Keeps hold of a watch for as long as it is open. */
  #open(request: ApiRequest, sink: Sink): Sink {
    if (request.verb !== 'watch') return sink;
    const open: OpenWatch = { request, sink, muted: false };
    this.#watches.add(open);
    sink.closed.addEventListener('abort', () => this.#watches.delete(open));
    const unlessMuted =
      <T extends readonly unknown[]>(act: (...values: T) => void) =>
      (...values: T): void =>
        open.muted ? undefined : act(...values);
    return { ...sink, write: unlessMuted(sink.write), end: unlessMuted(sink.end) };
  }
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

function generationFrom(resource: Resource, live: KubeObject['metadata'] | undefined): Fields {
  return resource.hasGeneration ? { generation: live?.generation ?? 1 } : {};
}

function kubeconfigOf(url: string, token: string | undefined): string {
  const user = token === undefined ? '{}' : JSON.stringify({ token });
  return [
    'apiVersion: v1',
    'kind: Config',
    `clusters: [{name: embedded, cluster: {server: "${url}"}}]`,
    `users: [{name: embedded, user: ${user}}]`,
    'contexts: [{name: embedded, context: {cluster: embedded, user: embedded}}]',
    'current-context: embedded',
    '',
  ].join('\n');
}
