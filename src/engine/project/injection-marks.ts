// The marks by which a pod shows that a webhook has added containers to it.

import { objectAt } from '../platform/data/field.ts';

/** Annotations and labels that injectors set, or by which they are asked, as their sources and manuals name them. */
const keys: ReadonlySet<string> = new Set([
  'sidecar.istio.io/status',
  'sidecar.istio.io/inject',
  'linkerd.io/proxy-version',
  'linkerd.io/inject',
  'kuma.io/sidecar-injected',
  'kuma.io/sidecar-injection',
  'consul.hashicorp.com/connect-inject-status',
  'injector.nsm.nginx.com/status', // NGINX Service Mesh
  'osm-proxy-uuid', // Open Service Mesh
  'vault.hashicorp.com/agent-inject',
  'vault.hashicorp.com/agent-inject-status',
  'openbao.openbao.org/agent-inject-status',
  'operator.1password.io/status',
  'dapr.io/enabled',
  'dapr.io/sidecar-injected',
  'sidecar.opentelemetry.io/inject',
  'sidecar.opentelemetry.io/injected',
  'oneagent.dynatrace.com/injected',
  'gke-gcsfuse/volumes',
  'azure.workload.identity/inject-proxy-sidecar',
]);

/** Where the key itself goes on to say what is added. */
const prefixes: readonly string[] = [
  'instrumentation.opentelemetry.io/',
  'admission.datadoghq.com/',
  'appmesh.k8s.aws/',
  'cloudsql.cloud.google.com/',
];

const maxMarks = 20;

/**
 * Keys only, sorted, without doubles: what stands behind them may be a whole configuration. A value `false` or
 * `disabled` says that nothing was added.
 */
export function injectionMarksOf(pod: unknown): readonly string[] {
  const marks = ['annotations', 'labels'].flatMap((field) =>
    Object.entries(objectAt(pod, 'metadata', field))
      .filter(([key, value]) => isMark(key) && value !== 'false' && value !== 'disabled')
      .map(([key]) => key),
  );
  return [...new Set(marks)].toSorted().slice(0, maxMarks);
}

const isMark = (key: string): boolean => keys.has(key) || prefixes.some((prefix) => key.startsWith(prefix));
