// The life of an operator: serve, lead, watch, and end in good order.

import type { OperatorOptions } from './operator-options.ts';
import type { ImageAccess } from '../images/image-access.ts';
import type { Cluster } from '../kube/auth/cluster.ts';
import { Lease } from '../kube/lease.ts';
import type { Logger } from '../telemetry/logger.ts';
import { TelemetryServer } from '../telemetry/server.ts';
import { createParts, type Parts } from './parts.ts';

const leaseName = 'rootcause';

/** Runs for as long as `run` is not aborted; `stop` must follow, whatever came of it. */
export class Operator {
  readonly #config: OperatorOptions;
  readonly #cluster: Cluster;
  readonly #log: Logger;
  readonly #parts: Parts;
  readonly #server: TelemetryServer;
  readonly #stop = new AbortController();
  #isStandby: boolean;

  constructor(config: OperatorOptions, cluster: Cluster, access: ImageAccess, log: Logger) {
    this.#config = config;
    this.#cluster = cluster;
    this.#log = log;
    this.#isStandby = config.leader.elect;
    this.#parts = createParts(config, cluster, access, log, this.#stop.signal);
    this.#server = new TelemetryServer({
      ...config.listen,
      registry: this.#parts.metrics.registry,
      missing: () => this.#missing(),
    });
  }

  /**
   * Resolves soon after the signal has fired.
   *
   * @throws Error when the metrics cannot be served, or when the lease is lost: another replica acts now
   */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#stop.abort(), { once: true });
    if (signal.aborted) return;
    const { address, port } = await this.#server.start();
    this.#log.info({ address, port, server: this.#cluster.server }, 'serving');
    await (this.#config.leader.elect ? this.#lead() : this.#watch());
  }

  async stop(): Promise<void> {
    const { enqueuer, answers, loop, inspector, transport } = this.#parts;
    this.#stop.abort();
    await enqueuer.stop();
    await answers.stop();
    await loop.stop();
    await this.#server.stop();
    await inspector.registry.close();
    await transport.close();
    this.#log.info('stopped');
  }

  async #lead(): Promise<void> {
    const { signal } = this.#stop;
    const { namespace = this.#cluster.namespace, identity } = this.#config.leader;
    const lease = new Lease({ client: this.#parts.client, namespace, name: leaseName, identity });
    this.#log.info({ namespace, lease: leaseName, identity }, 'waiting for the lease');
    await lease.acquire(signal);
    if (signal.aborted) return;
    const watching = this.#watch();
    await Promise.race([lease.hold(signal), watching]);
    const isLost = !signal.aborted;
    this.#stop.abort();
    await watching;
    await this.#parts.loop.stop();
    if (isLost) throw new Error('The lease was lost: another replica may act now, so this one ends.');
    await lease.release();
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    const { metrics, logAccess, watches } = this.#parts;
    this.#isStandby = false;
    metrics.leader.set(1);
    await logAccess.check(signal);
    const runs: Promise<void>[] = [logAccess.run(signal)];
    for (const kind of watches) {
      runs.push(...kind.map((watch) => watch.run(signal)));
      await Promise.all(kind.map((watch) => watch.synced));
    }
    if (!signal.aborted) this.#log.info('watching');
    await Promise.all(runs);
    metrics.leader.set(0);
  }

  #missing(): readonly string[] {
    if (this.#isStandby) return [];
    return this.#parts.watches
      .flat()
      .filter((watch) => !watch.hasSynced())
      .map((watch) => `The first list of kind ${watch.kind} is not in yet${hints[watch.kind] ?? ''}.`);
  }
}

const hints: Readonly<Record<string, string>> = {
  Diagnosis: ': is the custom resource of crds/ installed, and may the account list it?',
  ReplicaSet: ': has the role been applied again since the upgrade?',
};
