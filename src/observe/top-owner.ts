// Whose is this: the workload behind a pod, behind an Event about one, or behind a ReplicaSet.

import type { KubeClient } from '../kube/api/client.ts';
import { pathOf } from '../kube/api/discovery.ts';
import { podRef, replicaSetRef } from './owners.ts';
import type { Owner, Owners } from './owners.ts';
import type { PodEvent } from '../engine/project/project-event.ts';
import type { Observation } from './collections.ts';

type OwnerSources = { readonly client: KubeClient; readonly owners: Owners };

const metadataOnly = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

/**
 * The workload behind what a collection shows; undefined where that is gone.
 *
 * @throws KubeError when the API server could not answer, which says nothing about the owner
 */
export function ownerOf(
  seen: Exclude<Observation, { is: 'record' }>,
  sources: OwnerSources,
  signal: AbortSignal,
): Promise<Owner | undefined> {
  const { owners } = sources;
  switch (seen.is) {
    case 'pod':
      return owners.topOf(seen.pod, podRef, signal);
    case 'podEvent':
      return ownerOfEvent(seen.event, sources, signal);
    case 'createEvent':
      return owners.topOfReference(seen.controller, signal);
    case 'replicaSet':
      return owners.topOf(seen.replicaSet, replicaSetRef, signal);
    default:
      return seen satisfies never;
  }
}

/** Undefined where the pod is gone. */
async function ownerOfEvent(
  { namespace, pod, podUid }: PodEvent,
  { client, owners }: OwnerSources,
  signal: AbortSignal,
): Promise<Owner | undefined> {
  const path = pathOf({ apiVersion: 'v1', plural: 'pods', namespace, name: pod });
  const object = await client.get(path, signal, { accept: metadataOnly });
  if (object === undefined) return undefined;
  const owner = await owners.topOf(object, podRef, signal);
  // The Event may be about an earlier pod of the same name.
  return owner.ref.kind === 'Pod' && owner.ref.uid !== podUid ? undefined : owner;
}
