// What is watched for pods that were never made: Events of controllers, and the condition of a ReplicaSet.

import {
  failedCreateEvents,
  projectRejectedReplicaSet,
  rejectedController,
  podSecurityNeedle,
} from '../engine/project/project-create-failure.ts';
import type { OwnerEnqueuer } from './owner-enqueuer.ts';
import type { Particulars, Watch } from './watch.ts';

/** Where controllers go that may not create their pods. */
export type TakesRefusals = Pick<OwnerEnqueuer, 'creationRefused' | 'replicaSetChanged'>;

/**
 * Makes something of each of these collections. Events tell of every kind of controller, but are gone after an hour or
 * so; a ReplicaSet tells for as long as it is refused, and tells when it no longer is.
 *
 * @param namespaces empty: all of them at once
 */
export function refusalCollectionsFor<R>(
  namespaces: readonly string[],
  takes: TakesRefusals,
  make: <T>(kind: Watch['kind'], particulars: Particulars<T>) => R,
): readonly R[] {
  const needles = [podSecurityNeedle];
  return (namespaces.length > 0 ? namespaces : ['']).flatMap((namespace) => {
    const scope = namespace && `/namespaces/${namespace}`;
    const events = {
      path: `/api/v1${scope}/events`,
      query: { fieldSelector: failedCreateEvents },
      needles,
      decode: rejectedController,
      onChange: (_id: string, now: ReturnType<typeof rejectedController>) => takes.creationRefused(now),
    };
    const replicaSets = {
      path: `/apis/apps/v1${scope}/replicasets`,
      needles,
      decode: projectRejectedReplicaSet,
      onChange: (id: string, now: ReturnType<typeof projectRejectedReplicaSet>) =>
        takes.replicaSetChanged(id, now),
    };
    return [make('Event', events), make('ReplicaSet', replicaSets)];
  });
}
