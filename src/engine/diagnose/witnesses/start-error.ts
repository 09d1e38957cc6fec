// What the container runtime says of a program that it could not start: a permission that its user lacks.

import { denialSentence } from '../../messages/permission/denial-sentence.ts';
import { parsePermissionDenial } from '../../messages/permission/permission-denial.ts';
import type { PermissionDenial } from '../../model/permission.ts';
import type { Container, Pod } from '../../model/pod.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { crashingUid } from './crash.ts';
import { runtimeWords } from './runtime-words.ts';
import type { ContainerFailure } from './witness.ts';

export function startError(container: Container, pod: Pod, snapshot: Snapshot): ContainerFailure | undefined {
  const uid = crashingUid(container, pod, snapshot);
  const words = runtimeWords(container);
  if (uid === undefined || !words) return undefined;
  const denial = parsePermissionDenial(words.message, { uid });
  return denial && deniedPermission(denial);
}

export const deniedPermission = (denial: PermissionDenial): ContainerFailure => ({
  cause: 'NonRootPermissionDenied',
  message: `the program exits because ${denialSentence(denial)}`,
  ...denial,
});
