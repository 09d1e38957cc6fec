// The life of an operator: serve, lead, watch, and end in good order.

import type { OperatorOptions } from './operator-options.ts';
import type { ImageAccess } from '../images/image-access.ts';
import type { KubeError } from '../kube/api/error.ts';
import type { Cluster } from '../kube/auth/cluster.ts';
import { Lease } from '../kube/lease.ts';
import type { Logger } from '../telemetry/logger.ts';
import { type Readiness, TelemetryServer } from '../telemetry/server.ts';
import { createParts, type OperatorParts } from './parts.ts';

const leaseName = 'rootcause';

/** Runs for as long as `run` is not aborted; `stop` must follow, whatever came of it. */
export class Operator {
  readonly #config: OperatorOptions;
  readonly #cluster: Cluster;
  readonly #log: Logger;
  readonly #parts: OperatorParts;
  readonly #server: TelemetryServer;
  readonly #stop = new AbortController();
  #isStandby: boolean;
  #lease: Lease | undefined;

  constructor(config: OperatorOptions, cluster: Cluster, access: ImageAccess, log: Logger) {
    this.#config = config;
    this.#cluster = cluster;
    this.#log = log;
    this.#isStandby = config.leader.elect;
    this.#parts = createParts(config, cluster, access, log);
    this.#server = new TelemetryServer({
      ...config.listen,
      registry: this.#parts.metrics.registry,
      readiness: () => this.#readiness(),
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
    const { answers, loop, inspector, transport } = this.#parts;
    this.#stop.abort();
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
    const { client, repeats } = this.#parts;
    const onTrouble = ({ code, message }: KubeError): void => {
      if (repeats.allows('lease', message))
        this.#log.warn(
          { namespace, lease: leaseName, code, reason: message },
          'lease not read or written, retried',
        );
    };
    const lease = new Lease({ client, namespace, name: leaseName, identity, onTrouble });
    this.#lease = lease;
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
    const { metrics, logAccess, watches, enqueuer } = this.#parts;
    this.#isStandby = false;
    metrics.leader.set(1);
    await Promise.all([logAccess.run(signal), watches.run(signal), enqueuer.run(signal)]);
    metrics.leader.set(0);
  }

  #readiness(): Readiness {
    const trouble = this.#lease?.trouble;
    const { namespace = this.#cluster.namespace } = this.#config.leader;
    const cannotLead = `This replica cannot read or write the Lease ${namespace}/${leaseName}: ${trouble}.`;
    const problems = [
      ...(trouble === undefined ? [] : [cannotLead]),
      ...(this.#isStandby ? [] : this.#parts.watches.problems()),
    ];
    return { problems, isStandby: this.#isStandby };
  }
}
