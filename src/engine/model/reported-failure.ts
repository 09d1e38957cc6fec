// What a text says of one failure, where there is no cluster to ask.

import type { Finding, ImageFacts, Setting } from './finding.ts';
import type { ObjectRef } from './workload.ts';

/** As far as a text or a manifest beside it says. */
export type WorkloadName = Pick<ObjectRef, 'kind' | 'name'>;

/**
 * The fields of a finding, as far as the text has them: what it does not say stays unset, and nothing is guessed. The user
 * of an image is as printed; for `UserNotInImage` the user or group that is missing.
 */
export type ReportedFailure = Pick<
  Finding,
  'cause' | 'message' | 'family' | 'path' | 'paths' | 'attempt' | 'port' | 'policy' | 'violations'
> & {
  readonly container: Partial<Finding['container']>;
  readonly image: Partial<Pick<ImageFacts, 'user' | 'reference'>>;
  readonly pod: { readonly name?: string; readonly namespace?: string };
  /** The object that makes the pod. */
  readonly workload?: WorkloadName;
  /** Every field that decides, where the manifest was pasted. */
  readonly settings?: readonly Setting[];
  /** Of Pod Security: false where it only warned. */
  readonly enforced?: boolean;
  /** True where a manifest alone shows it, and nothing has failed yet. */
  readonly predicted?: boolean;
  /** How often the text says it, where that is more than once. */
  readonly times?: number;
};

/** Why a pod does not start that has nothing to do with runAsNonRoot, but is met beside it. */
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

/** As far as a text names what it is about. */
export type PastedNeighbour = {
  readonly neighbour: Neighbour;
  readonly container?: string;
  readonly pod?: string;
  readonly namespace?: string;
};

/** A setting in a manifest or a text that cannot do what its author wants. */
export type Remark =
  /** With this in force on the container, what failed could not have failed so. */
  | {
      readonly is: 'notInForce';
      readonly field: 'runAsUser' | 'runAsNonRoot';
      readonly value: number | boolean;
      readonly container?: string;
      /** True where the pasted manifest would put it in force: then the pod is older, or made from another. */
      readonly isInManifest: boolean;
    }
  /** At a path where Kubernetes has no such field, so that it is dropped. */
  | { readonly is: 'misplaced'; readonly field: string; readonly belongs: string }
  /** The API server refuses a container that has both. */
  | { readonly is: 'exclusive'; readonly container: string; readonly fields: readonly [string, string] };
