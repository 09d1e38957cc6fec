// Small workloads for the checks, with images that the scenarios name.

import type { Scenario } from './scenario.ts';

export type Images = {
  /** Refused under runAsNonRoot. */
  readonly root: string;
  /** The same, and listens on a port below 1024. */
  readonly lowPort: string;
  /** Runs as a number, and so passes. */
  readonly healthy: string;
  /** Sets USER to a name that it knows. */
  readonly named: string;
};

/** The images of scenarios: no registry has its name in this code. */
export function imagesOf(scenarios: readonly Scenario[]): Images {
  const of = (name: string) => {
    const manifest = scenarios.find((one) => one.name === name)?.manifest ?? '';
    return /^\s*image: (\S+)$/m.exec(manifest)?.[1] ?? '';
  };
  return {
    root: of('deployment-root'),
    lowPort: of('privileged-port'),
    healthy: of('numeric-ok'),
    named: of('statefulset-named-group'),
  };
}

type Wanted = {
  readonly namespace: string;
  readonly name: string;
  readonly image: string;
  readonly replicas?: number;
};

export function deployment(wanted: Wanted): object {
  return { ...replicaSet(wanted), kind: 'Deployment' };
}

export function failingJob({ namespace, name, image }: Wanted) {
  const { spec } = replicaSet({ namespace, name, image });
  const { template } = spec;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace },
    spec: { template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } },
  };
}

/** `owner` makes it the work of somebody's controller. */
export function replicaSet({ namespace, name, image, replicas = 1 }: Wanted, owner?: object) {
  const labels = { app: name };
  const spec = {
    terminationGracePeriodSeconds: 1,
    securityContext: { runAsNonRoot: true },
    containers: [{ name: 'app', image }],
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, namespace, ...(owner ? { ownerReferences: [owner] } : {}) },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

/** One of any kind that makes pods, without a security context: "restricted" refuses every pod of it. */
export function ofKind(kind: string, { namespace, name, image }: Wanted): object {
  const labels = { app: name };
  const pod = { terminationGracePeriodSeconds: 1, containers: [{ name: 'app', image }] };
  const template = { metadata: { labels }, spec: pod };
  const job = { backoffLimit: 1, template: { spec: { ...pod, restartPolicy: 'Never' } } };
  const specs: Readonly<Record<string, object>> = {
    Job: job,
    CronJob: { schedule: '0 3 29 2 *', jobTemplate: { spec: job } },
    StatefulSet: { replicas: 1, serviceName: name, selector: { matchLabels: labels }, template },
    ReplicaSet: { replicas: 1, selector: { matchLabels: labels }, template },
    DaemonSet: { selector: { matchLabels: labels }, template },
  };
  const apiVersion = kind.endsWith('Job') ? 'batch/v1' : 'apps/v1';
  return { apiVersion, kind, metadata: { name, namespace }, spec: specs[kind] };
}
