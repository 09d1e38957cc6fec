// A pod that is asked about, and changes to it: at the pod, at one of its containers, at all of them.

import type { Fields } from './pod-security-forms.ts';

export type Pod = {
  readonly metadata: {
    readonly name: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: Spec;
};

export type Spec = {
  readonly securityContext?: Fields;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly hostUsers?: boolean;
  readonly os?: { readonly name: string };
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
  readonly ephemeralContainers?: readonly Container[];
  readonly volumes?: readonly Fields[];
};

export type Container = {
  readonly name: string;
  readonly image: string;
  readonly restartPolicy?: string;
  readonly securityContext?: Fields;
  readonly ports?: readonly Fields[];
};

export type NamedPod = { readonly name: string; readonly pod: Pod };

export const container = (name: string, securityContext?: Fields): Container => ({
  name,
  image: 'registry.example/a:1',
  ...(securityContext === undefined ? {} : { securityContext }),
});

export const sidecar = (name: string, securityContext?: Fields): Container => ({
  ...container(name, securityContext),
  restartPolicy: 'Always',
});

/** Objects field by field, everything else as a whole; undefined takes away. */
export function merged<T extends object>(base: T, change: Fields): T {
  const fields = Object.entries(change).map(([key, value]) => {
    const old = (base as Fields)[key];
    return [key, isFields(value) && isFields(old) ? merged(old, value) : value] as const;
  });
  return { ...base, ...Object.fromEntries(fields) };
}

export const withSpec = (pod: Pod, change: Fields): Pod => ({ ...pod, spec: merged(pod.spec, change) });

export const withAnnotations = (pod: Pod, annotations: Readonly<Record<string, string>>): Pod => ({
  ...pod,
  metadata: { ...pod.metadata, annotations: { ...pod.metadata.annotations, ...annotations } },
});

/** Changes each container; `at` counts those of one list. */
export function withContainers(pod: Pod, change: (one: Container, at: number) => Container): Pod {
  const { initContainers, containers, ephemeralContainers } = pod.spec;
  return {
    ...pod,
    spec: {
      ...pod.spec,
      ...(initContainers && { initContainers: initContainers.map(change) }),
      containers: containers.map(change),
      ...(ephemeralContainers && { ephemeralContainers: ephemeralContainers.map(change) }),
    },
  };
}

export const containersIn = ({ spec }: Pod): readonly Container[] => [
  ...(spec.initContainers ?? []),
  ...spec.containers,
  ...(spec.ephemeralContainers ?? []),
];

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
