// The causes rootcause can name, and nothing else.

export const causes = [
  'RunAsUserIsRoot',
  'NonNumericUser',
  'ImageRunsAsRoot',
  'InvalidImageUID',
  'WindowsAdministrator',
  'UserNotInImage',
  'PodSecurityViolation',
  'NonRootPermissionDenied',
] as const;

/**
 * Why a container cannot start: one of the refusals that the kubelet itself states; the container runtime does not find
 * the user; the pod is refused before it exists; or the program starts as non-root and then lacks a permission.
 */
export type Cause = (typeof causes)[number];
