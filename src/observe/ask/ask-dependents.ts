// Answers the question what depends on the pods of a workload: Services, Ingresses, budgets, autoscalers.

import type { KubeClient } from '../../kube/api/client.ts';
import { pathOf } from '../../kube/api/discovery.ts';
import { KubeError } from '../../kube/api/error.ts';
import type { DependentsAnswer, DependentsQuestion } from '../../engine/model/question.ts';
import type { ObjectRef } from '../../engine/model/workload.ts';
import { groupOf } from '../../engine/model/workload.ts';
import { booleanAt, listAt, objectAt, textAt } from '../../engine/platform/data/field.ts';
import type { Labels } from '../../engine/project/label-selector.ts';
import { hasLabels, isSelected } from '../../engine/project/label-selector.ts';

/** Objects of one kind that are read for one workload. */
const maxRead = 500;
/** Services whose endpoints are asked for. */
const maxServices = 50;
/** Names kept of one kind. */
const maxNames = 10;

const apiVersions = {
  services: 'v1',
  endpointslices: 'discovery.k8s.io/v1',
  ingresses: 'networking.k8s.io/v1',
  poddisruptionbudgets: 'policy/v1',
  horizontalpodautoscalers: 'autoscaling/v2',
} as const;

type Kind = keyof typeof apiVersions;

/** The objects of a kind in the workload's namespace; none where they may not be listed, which is noted. */
type ReadKind = (kind: Kind, labelSelector?: string) => Promise<readonly unknown[] | undefined>;

/**
 * A kind that may not be listed is named in `unread`, and nothing is said of it. Without the right to endpoint slices
 * all Services that select the pods are named, as it is not known then which of them have other endpoints.
 *
 * @throws KubeError for trouble that passes
 */
export async function askDependents(
  question: DependentsQuestion,
  client: KubeClient,
  signal: AbortSignal,
): Promise<DependentsAnswer> {
  const { labels, workload } = question;
  const unread = new Set<Kind>();
  const read: ReadKind = async (kind, labelSelector) => {
    const path = pathOf({ apiVersion: apiVersions[kind], plural: kind, namespace: workload.namespace });
    const query = labelSelector === undefined ? {} : { labelSelector };
    const items = await unlessRefused(client.list(path, query, signal, { max: maxRead }));
    if (!items) unread.add(kind);
    return items;
  };
  const [services, budgets, autoscalers] = await Promise.all([
    stoppedServices(labels, read),
    read('poddisruptionbudgets'),
    read('horizontalpodautoscalers'),
  ]);
  const ingresses = services.length > 0 ? await read('ingresses') : [];
  const dependents = {
    services: services.slice(0, maxNames),
    ingresses: namesOf(ingresses, (ingress) => backendsOf(ingress).some((name) => services.includes(name))),
    disruptionBudgets: namesOf(budgets, (budget) => isSelected(labels, objectAt(budget, 'spec')['selector'])),
    autoscalers: namesOf(autoscalers, (autoscaler) => isScaling(autoscaler, workload)),
    unread: [...unread].toSorted(),
  };
  return { question, dependents };
}

/** Refused to this account, or a kind that this cluster does not have: asking again would change nothing. */
async function unlessRefused(items: AsyncIterable<unknown>): Promise<readonly unknown[] | undefined> {
  try {
    const read: unknown[] = [];
    for await (const item of items) read.push(item);
    return read;
  } catch (error) {
    if (error instanceof KubeError && (error.code === 'forbidden' || error.status === 404)) return undefined;
    throw error;
  }
}

/** Services that select the pods and have no ready endpoint. */
async function stoppedServices(labels: Labels, read: ReadKind): Promise<readonly string[]> {
  const selecting = namesOf(await read('services'), (service) => isSelecting(service, labels), maxServices);
  if (selecting.length === 0) return [];
  const slices = await read('endpointslices', `${serviceName} in (${selecting.join(',')})`);
  const served = new Set((slices ?? []).filter(isReady).map(serviceOf));
  return selecting.filter((name) => !served.has(name));
}

/** An ExternalName leads elsewhere, whatever it selects. */
function isSelecting(service: unknown, labels: Labels): boolean {
  const { type, selector } = objectAt(service, 'spec');
  return type !== 'ExternalName' && hasLabels(labels, selector);
}

const serviceName = 'kubernetes.io/service-name';

const serviceOf = (slice: unknown): string | undefined => textAt(slice, 'metadata', 'labels', serviceName);

/**
 * Unknown counts as ready, as the API asks for. `ready` says nothing of the pod where the Service publishes addresses
 * that are not ready; `serving` does.
 */
function isReady(slice: unknown): boolean {
  return listAt(slice, 'endpoints').some(
    (endpoint) =>
      booleanAt(endpoint, 'conditions', 'ready') !== false &&
      booleanAt(endpoint, 'conditions', 'serving') !== false,
  );
}

/** Names of the Services to which an Ingress leads. */
function backendsOf(ingress: unknown): readonly string[] {
  const paths = listAt(ingress, 'spec', 'rules').flatMap((rule) => listAt(rule, 'http', 'paths'));
  const backends = [
    objectAt(ingress, 'spec', 'defaultBackend'),
    ...paths.map((path) => objectAt(path, 'backend')),
  ];
  return backends.flatMap((backend) => textAt(backend, 'service', 'name') ?? []);
}

/** The version of the API may differ, and the reference may leave it out. */
function isScaling(autoscaler: unknown, { apiVersion, kind, name }: ObjectRef): boolean {
  const target = objectAt(autoscaler, 'spec', 'scaleTargetRef');
  const group = groupOf(textAt(target, 'apiVersion') ?? apiVersion);
  return target['kind'] === kind && target['name'] === name && group === groupOf(apiVersion);
}

function namesOf(
  objects: readonly unknown[] | undefined,
  isMeant: (object: unknown) => boolean,
  max = maxNames,
): readonly string[] {
  const names = (objects ?? []).filter(isMeant).flatMap((object) => textAt(object, 'metadata', 'name') ?? []);
  return names.toSorted().slice(0, max);
}
