// Why a pod does not start that has nothing to do with runAsNonRoot, but is met beside it.

import type { ObjectRef } from './workload.ts';

export type Neighbour =
  | { readonly is: 'missingObject'; readonly kind: 'Secret' | 'ConfigMap'; readonly name: string }
  | {
      readonly is: 'missingKey';
      readonly kind: 'Secret' | 'ConfigMap';
      /** `namespace/name` */
      readonly name: string;
      readonly key: string;
    }
  | { readonly is: 'unreadCache'; readonly what: string }
  /** Keys of a Secret or a ConfigMap that no environment variable can be called. */
  | { readonly is: 'invalidEnvironmentNames'; readonly names: string }
  | { readonly is: 'subPath'; readonly volumeMount: string }
  /** `group` where the runtime prints it. */
  | { readonly is: 'groupWithoutUser'; readonly group?: string }
  | { readonly is: 'unknownWindowsAccount' }
  /** CreateContainerConfigError for any other reason: printable, at most 200 characters. */
  | { readonly is: 'otherConfigError'; readonly message: string };

/** One row for each workload and reason. */
export type NeighbourRow = {
  readonly namespace: string;
  readonly workload: ObjectRef;
  readonly container?: string;
  readonly neighbour: Neighbour;
};

/** As far as a text names what it is about. */
export type PastedNeighbour = {
  readonly neighbour: Neighbour;
  readonly container?: string;
  readonly pod?: string;
  readonly namespace?: string;
};
