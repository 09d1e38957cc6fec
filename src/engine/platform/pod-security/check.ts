// What one check of Pod Security is: a function from a pod to its refusal.

import type { PodManifest } from '../../model/pod-manifest.ts';
import type { Violation } from '../../model/pod-security.ts';

export type FailedCheck = Omit<Violation, 'level'>;

/** Undefined where the pod passes. */
export type PodSecurityCheck = (pod: PodManifest) => FailedCheck | undefined;

/** The fields that a check demands cannot be set in a Windows pod, so these pass. */
export const unlessWindows =
  (check: PodSecurityCheck): PodSecurityCheck =>
  (pod) =>
    pod.spec.os?.name === 'windows' ? undefined : check(pod);

/** In a user namespace of its own a pod's root has no rights on the node, so such pods pass. */
export const unlessOwnUsers =
  (check: PodSecurityCheck): PodSecurityCheck =>
  (pod) =>
    pod.spec.hostUsers === false ? undefined : check(pod);
