// What a witness says: why one container fails, or why the pods of a workload cannot be created.

import type { Finding } from '../../model/finding.ts';
import type { Container, Pod } from '../../model/pod.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { MergedFinding } from '../verdict.ts';

/** `message` is the same for all pods that show the failure; `user` is the one that the message prints. */
export type ContainerFailure = Pick<
  Finding,
  'cause' | 'message' | 'family' | 'path' | 'paths' | 'attempt' | 'port' | 'unconfirmed'
> & {
  readonly user?: string;
};

/** Undefined where the witness knows nothing, or is not to be believed. */
export type ContainerWitness = (
  container: Container,
  pod: Pod,
  snapshot: Snapshot,
) => ContainerFailure | undefined;

/** None where the witness knows nothing, or is not to be believed. */
export type CreationWitness = (snapshot: Snapshot) => readonly MergedFinding[];
