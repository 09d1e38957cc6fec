// A pod as a manifest declares it, cut down to the fields by which the kubelet, Pod Security and OpenShift decide.
//
// Names and shapes are those of Kubernetes. Environment, commands and what a volume or a probe holds are left out, but for that they are there.

/** `C` is what is known of each container: at least what its spec says. */
export type PodManifest<C extends ContainerSpec = ContainerSpec> = {
  /** Only those that decide: the old seccomp and AppArmor ones, and the SCC that admitted the pod. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec: PodSpec<C>;
};

export type PodSpec<C extends ContainerSpec = ContainerSpec> = {
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  /** False: the pod has a user namespace of its own. */
  readonly hostUsers?: boolean;
  readonly os?: { readonly name: string };
  readonly securityContext?: PodSecurityContext;
  readonly initContainers?: readonly C[];
  readonly containers: readonly C[];
  readonly ephemeralContainers?: readonly C[];
  readonly volumes?: readonly Volume[];
};

export type ContainerList = 'initContainers' | 'containers' | 'ephemeralContainers';

export type ContainerSpec = {
  readonly name: string;
  readonly image?: string;
  /** `Always` on an init container makes it a sidecar. */
  readonly restartPolicy?: string;
  readonly securityContext?: ContainerSecurityContext;
  /** Always empty: that there are variables matters to a patch that adds one, and nothing of them is kept. */
  readonly env?: readonly [];
  /** Always empty, like `env`: that the pod starts something of its own matters, and nothing of it is kept. */
  readonly command?: readonly [];
  readonly args?: readonly [];
  readonly workingDir?: string;
  readonly ports?: readonly ContainerPort[];
  readonly volumeMounts?: readonly VolumeMount[];
  readonly livenessProbe?: HostHandler;
  readonly readinessProbe?: HostHandler;
  readonly startupProbe?: HostHandler;
  readonly lifecycle?: { readonly postStart?: HostHandler; readonly preStop?: HostHandler };
};

/** Of a probe or a lifecycle hook, the host that it calls. */
export type HostHandler = {
  readonly httpGet?: { readonly host?: string };
  readonly tcpSocket?: { readonly host?: string };
};

type ContainerPort = { readonly containerPort?: number; readonly hostPort?: number };

export type VolumeMount = { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean };

/**
 * The name, and one field named for what the volume is: `emptyDir`, `configMap`, `hostPath`. Of its contents only
 * `csi.driver`, `persistentVolumeClaim.claimName`, `secret.defaultMode` and `projected.defaultMode` are kept.
 */
export type Volume = { readonly name: string; readonly [source: string]: unknown };

/** Fields that stand at both levels; a container's value beats the pod's, field by field. */
type SharedSecurityContext = {
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly seccompProfile?: { readonly type: string; readonly localhostProfile?: string };
  readonly appArmorProfile?: { readonly type: string; readonly localhostProfile?: string };
  readonly seLinuxOptions?: {
    readonly type?: string;
    readonly user?: string;
    readonly role?: string;
    readonly level?: string;
  };
  readonly windowsOptions?: { readonly hostProcess?: boolean; readonly runAsUserName?: string };
};

export type PodSecurityContext = SharedSecurityContext & {
  readonly fsGroup?: number;
  readonly fsGroupChangePolicy?: string;
  readonly supplementalGroups?: readonly number[];
  readonly sysctls?: readonly { readonly name: string; readonly value?: string }[];
};

export type ContainerSecurityContext = SharedSecurityContext & {
  readonly privileged?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly procMount?: string;
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
};
