// Containers that a webhook adds to pods, or that an older template had: a patch of the workload would not reach them.

import type { Finding } from '../../model/finding.ts';
import type { Workload } from '../../model/snapshot.ts';
import type { Pod } from '../../model/pod.ts';
import { containerNamed } from '../../platform/kubernetes/pod-containers.ts';
import { supersededPods } from '../../diagnose/superseded-pods.ts';

type Injector = {
  readonly name: string;
  readonly marks: RegExp;
  readonly containers: RegExp;
  readonly advice: string;
};

const injectors: readonly Injector[] = [
  {
    name: 'Istio',
    marks: /^(?:sidecar\.)?istio\.io\//,
    containers: /^istio-/,
    advice: "its user is set by Istio's injection template",
  },
  {
    name: 'Linkerd',
    marks: /^linkerd\.io\//,
    containers: /^(?:linkerd-|noop$)/,
    advice:
      'its user is set by the annotation config.linkerd.io/proxy-uid, and by proxyInit.runAsUser of the chart',
  },
  {
    name: 'Vault Agent Injector',
    marks: /^vault\.hashicorp\.com\//,
    containers: /^vault-agent/,
    advice: 'its user is set by the annotation vault.hashicorp.com/agent-run-as-user',
  },
  {
    name: 'Consul',
    marks: /^consul\.hashicorp\.com\//,
    containers: /^(?:consul-|copy-consul|envoy-sidecar)/,
    advice: "its user is set in the values of Consul's chart (connectInject)",
  },
  {
    name: 'Dapr',
    marks: /^dapr\.io\//,
    containers: /^daprd$/,
    advice: "its user is set in the values of Dapr's sidecar injector",
  },
  {
    name: 'OpenTelemetry Operator',
    marks: /^(?:sidecar|instrumentation)\.opentelemetry\.io\//,
    containers: /^(?:otc-|opentelemetry-)/,
    advice: 'its user is set in the OpenTelemetryCollector or Instrumentation resource',
  },
  {
    name: 'Datadog',
    marks: /^admission\.datadoghq\.com\//,
    containers: /^datadog-/,
    advice: "its user is set in the values of Datadog's admission controller",
  },
  {
    name: 'Kuma',
    marks: /^kuma\.io\//,
    containers: /^kuma-/,
    advice: 'its user is set in the configuration of the Kuma control plane',
  },
];

/** Says where a container comes from that the workload's template does not have; undefined where it does. */
export function injectionAdvice(
  { container }: Finding,
  { template, ref }: Workload,
  pods: readonly Pod[],
): string | undefined {
  if (
    !template ||
    ref.kind === 'Pod' ||
    container.type === 'EphemeralContainer' ||
    containerNamed(template.manifest, container.name)
  )
    return undefined;
  const marks = new Set(pods.flatMap(({ injectionMarks }) => injectionMarks ?? []));
  const known = injectors.find(
    (injector) =>
      injector.containers.test(container.name) && [...marks].some((mark) => injector.marks.test(mark)),
  );
  if (known) return adviceOf(container.name, known);
  const shown = pods.filter(({ manifest }) => containerNamed(manifest, container.name));
  if (shown.length > 0 && supersededPods(shown, template).length === shown.length)
    return `container ${container.name} is no longer in the template: its pod was made from an older one`;
  return (
    injectorNamed(container.name) ??
    `container ${container.name} is added by an admission webhook: change the configuration of the webhook`
  );
}

/** Containers whose name alone says which injector adds them. */
const tellingName =
  /^(?:istio-(?:init|proxy|validation)|linkerd-(?:init|proxy|network-validator)|vault-agent(?:-init)?|kuma-(?:init|sidecar|validation)|daprd|consul-(?:dataplane|connect-inject-init))$/;

/** For a container of which no manifest is known. */
export function injectorNamed(container: string): string | undefined {
  if (!tellingName.test(container)) return undefined;
  const known = injectors.find((injector) => injector.containers.test(container));
  return known && adviceOf(container, known);
}

const adviceOf = (container: string, { name, advice }: Injector): string =>
  `container ${container} is added by ${name}: ${advice}`;
