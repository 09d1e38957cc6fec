// Pod Security admission: its levels, and what it refuses.

export const podSecurityLevels = ['privileged', 'baseline', 'restricted'] as const;

export type PodSecurityLevel = (typeof podSecurityLevels)[number];

/** `latest`, or the minor version of Kubernetes 1 that a policy is pinned to: 28 for `v1.28`. */
export type PolicyVersion = 'latest' | number;

export type PodSecurityPolicy = { readonly level: PodSecurityLevel; readonly version: PolicyVersion };

/** One check that a pod fails, in the words of the API server. */
export type Violation = {
  /** `runAsNonRoot != true` */
  readonly reason: string;
  /** `pod or container "app" must set securityContext.runAsNonRoot=true`; empty where there is none. */
  readonly detail: string;
  /** Where the check belongs; absent where a text does not tell. */
  readonly level?: 'baseline' | 'restricted';
  /** True where the pod's own settings are refused, not only a container's. */
  readonly pod?: boolean;
  /** Names of the containers that are refused. */
  readonly containers?: readonly string[];
};
