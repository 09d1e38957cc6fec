// The causes rootcause can name, and nothing else.

export const causes = [
  'RunAsUserIsRoot',
  'NonNumericUser',
  'ImageRunsAsRoot',
  'InvalidImageUID',
  'WindowsAdministrator',
] as const;

/** Why a container cannot start: one of the refusals that the kubelet itself states. */
export type Cause = (typeof causes)[number];
