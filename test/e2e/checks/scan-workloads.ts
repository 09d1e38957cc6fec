// Workloads of every kind that Pod Security objects to, each for reasons of its own; some have no pod.

import type { KubeObject } from '../objects.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Without a pod, but with the spec that its pods would have. */
export type IdleWorkload = { readonly object: KubeObject; readonly podSpec: Fields };

/** How many pods there are once every controller has made its own, on a cluster with one node. */
export const podCount = 8;

export function mixedWorkloads(
  namespace: string,
  image: string,
): { readonly running: readonly KubeObject[]; readonly idle: readonly IdleWorkload[] } {
  const app = { name: 'app', image };
  const pod = (spec: Fields = {}, container: Fields = {}): Fields => ({
    terminationGracePeriodSeconds: 1,
    containers: [{ ...app, ...container }],
    ...spec,
  });
  const object = (apiVersion: string, kind: string, name: string, spec: Fields): KubeObject =>
    // The rest of the metadata is the API server's to fill in.
    ({ apiVersion, kind, metadata: { name, namespace }, spec }) as unknown as KubeObject;
  const controller = (kind: string, name: string, podSpec: Fields, more: Fields = {}): IdleWorkload => {
    const labels = { app: name };
    const rest = { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podSpec } };
    return { object: object('apps/v1', kind, name, { ...rest, ...more }), podSpec };
  };
  const job = (podSpec: Fields, more: Fields = {}): Fields => ({ template: { spec: podSpec }, ...more });
  const strict = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
  const strictPod = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
  const privileged = { name: 'side', image, securityContext: { privileged: true } };
  const adds = { name: 'init', image, securityContext: { capabilities: { add: ['NET_ADMIN'] } } };
  const onHost = { hostPID: true, volumes: [{ name: 'host', hostPath: { path: '/tmp' } }] };
  const odd = { securityContext: { seLinuxOptions: { type: 'odd_t' } }, initContainers: [adds] };
  const once = { restartPolicy: 'Never' };
  const late = pod(once, { securityContext: strict });
  const yearly = pod({ ...once, hostNetwork: true }, { ports: [{ containerPort: 9 }] });
  return {
    running: [
      controller('Deployment', 'web', pod({ containers: [app, privileged] }), { replicas: 3 }).object,
      controller('StatefulSet', 'db', pod({ securityContext: strictPod }, { securityContext: { ...strict, runAsUser: 0 } }), { serviceName: 'db' }).object, // prettier-ignore
      controller('DaemonSet', 'agent', pod(onHost)).object,
      controller('Deployment', 'good', pod({ securityContext: strictPod }, { securityContext: strict }))
        .object,
      object('v1', 'Pod', 'bare', pod()),
      object('batch/v1', 'Job', 'once', job(pod(once, { command: ['id'] }))),
    ],
    idle: [
      controller('Deployment', 'zero', pod(odd), { replicas: 0 }),
      controller('ReplicaSet', 'none', pod({}, { securityContext: { runAsNonRoot: false } }), {
        replicas: 0,
      }),
      { object: object('batch/v1', 'Job', 'late', job(late, { suspend: true })), podSpec: late },
      {
        object: object('batch/v1', 'CronJob', 'yearly', {
          schedule: '0 0 1 1 *',
          jobTemplate: { spec: job(yearly) },
        }),
        podSpec: yearly,
      },
    ],
  };
}
