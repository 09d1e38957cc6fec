// The objects that the contract's cases work on, and the requests they have in common.

import type { Answer } from './contract-api.ts';
import { succeeded, type Cluster } from './contract.ts';
import { asFields, asList, asText, at, type Fields, type Json } from './object.ts';

export const applyType = { type: 'application/apply-patch+yaml' };
export const mergeType = { type: 'application/merge-patch+json' };
export const strategicType = { type: 'application/strategic-merge-patch+json' };

export const lease = (name: string, labels: Fields = {}): Fields => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name, labels },
  spec: { holderIdentity: 'first', leaseDurationSeconds: 15 },
});

/** A pod that no scheduler takes, so that it stays as it is on a real cluster too. */
export const pod = (name: string, labels: Fields = {}): Fields => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels },
  spec: { schedulerName: 'nobody', containers: [{ name: 'app', image: 'registry.example/app:1' }] },
});

export const event = (
  name: string,
  namespace: string,
  about: string,
  reason: string,
  change: Fields = {},
): Fields => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name },
  involvedObject: {
    apiVersion: 'v1',
    kind: 'Pod',
    name: about,
    namespace,
    fieldPath: 'spec.containers{app}',
    ...change,
  },
  type: 'Warning',
  reason,
  message: 'Error: something',
  source: { component: 'kubelet' },
});

export const deployment = (name: string): Fields => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        containers: [
          { name: 'app', image: 'registry.example/app:1' },
          { name: 'proxy', image: 'registry.example/proxy:1' },
        ],
      },
    },
  },
});

export const diagnosis = (name: string, rest: Fields = {}): Fields => ({
  apiVersion: 'rootcause.dev/v1alpha1',
  kind: 'Diagnosis',
  metadata: { name },
  spec: { workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name } },
  ...rest,
});

/** A whole status with one condition, and whatever is said differently. */
export const statusOf = (name: string, change: Fields = {}): Fields => ({
  apiVersion: 'rootcause.dev/v1alpha1',
  kind: 'Diagnosis',
  metadata: { name },
  status: {
    observedGeneration: 1,
    state: 'Failing',
    workload: `Deployment/${name}`,
    cause: 'ImageRunsAsRoot',
    summary: 'Container app cannot start.',
    pods: { failing: 1, total: 2, summary: '1/2' },
    firstSeenTime: '2026-01-02T03:04:05Z',
    findings: [],
    conditions: [condition('Diagnosed')],
    ...change,
  },
});

export const condition = (type: string): Fields => ({
  type,
  status: 'True',
  reason: 'Seen',
  message: '',
  lastTransitionTime: '2026-01-02T03:04:05Z',
  observedGeneration: 1,
});

/** Server-side apply of a Diagnosis, or of its status; forced unless said. */
export function applyDiagnosis(
  { send, path }: Cluster,
  object: Fields,
  {
    manager = 'rootcause',
    part = '',
    force = true,
  }: { manager?: string; part?: '' | '/status'; force?: boolean } = {},
): Promise<Answer> {
  const target = path('diagnoses', asText(at(object, 'metadata', 'name')));
  return send('PATCH', `${target}${part}?fieldManager=${manager}&force=${force}`, object, applyType);
}

export async function create(
  { send, path }: Cluster,
  plural: Parameters<Cluster['path']>[0],
  object: Fields,
): Promise<Answer> {
  return succeeded(await send('POST', path(plural), object));
}

export function versionOf({ body }: Answer): string {
  return asText(at(body, 'metadata', 'resourceVersion'));
}

export function namesIn({ body }: Answer): readonly string[] {
  return asList(at(body, 'items')).map((item) => asText(at(item, 'metadata', 'name')));
}

/** `{code, reason}` of an answer, for comparing refusals. */
export function refusalIn({ code, body }: Answer): Fields {
  return { code, reason: asFields(body)['reason'] };
}

/** The fields that a refusal names, in order. */
export function faultyFields({ body }: Answer): readonly Json[] {
  return asList(at(body, 'details', 'causes')).map((cause) => at(cause, 'field') ?? null);
}
