// A watch of one collection, and what is needed to make one.

import type { ReflectorOptions } from '../kube/watch/reflector.ts';

export type Watch = {
  readonly kind: 'Diagnosis' | 'Pod' | 'Event' | 'ReplicaSet';
  /** Resolves when the signal fires, and not before. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** Resolves once the first list is in. */
  readonly synced: Promise<void>;
  readonly hasSynced: () => boolean;
};

export type Watched<T> = Pick<ReflectorOptions<T>, 'path' | 'query' | 'needles' | 'decode' | 'onChange'>;

export type Particulars<T> = Watched<T> & { readonly needles?: readonly string[] };
