// Every setting of a pod that Pod Security looks at, at values that it permits and at values that it refuses.

export type Fields = Readonly<Record<string, unknown>>;
export type Forms = Readonly<Record<string, Fields>>;

/** Of a security context at either level; undefined takes a field away. */
export const contextForms: Forms = {
  'runAsNonRoot true': { runAsNonRoot: true },
  'runAsNonRoot false': { runAsNonRoot: false },
  'no runAsNonRoot': { runAsNonRoot: undefined },
  'uid 0': { runAsUser: 0 },
  'uid 0 and gid 0': { runAsUser: 0, runAsGroup: 0 },
  'uid 1000': { runAsUser: 1000 },
  'seccomp RuntimeDefault': { seccompProfile: { type: 'RuntimeDefault' } },
  'seccomp Localhost': { seccompProfile: { type: 'Localhost', localhostProfile: 'profiles/a.json' } },
  'seccomp Unconfined': { seccompProfile: { type: 'Unconfined' } },
  'no seccomp': { seccompProfile: undefined },
  'AppArmor RuntimeDefault': { appArmorProfile: { type: 'RuntimeDefault' } },
  'AppArmor Localhost': { appArmorProfile: { type: 'Localhost', localhostProfile: 'a' } },
  'AppArmor Unconfined': { appArmorProfile: { type: 'Unconfined' } },
  'SELinux without fields': { seLinuxOptions: {} },
  'SELinux level': { seLinuxOptions: { level: 's0:c1,c2' } },
  'SELinux type empty': { seLinuxOptions: { type: '', user: '', role: '' } },
  'SELinux container_t': { seLinuxOptions: { type: 'container_t' } },
  'SELinux container_init_t': { seLinuxOptions: { type: 'container_init_t' } },
  'SELinux container_kvm_t': { seLinuxOptions: { type: 'container_kvm_t' } },
  'SELinux container_engine_t': { seLinuxOptions: { type: 'container_engine_t' } },
  'SELinux spc_t': { seLinuxOptions: { type: 'spc_t' } },
  'SELinux user': { seLinuxOptions: { user: 'system_u' } },
  'SELinux role': { seLinuxOptions: { role: 'system_r' } },
  'SELinux type, user and role': { seLinuxOptions: { type: 'spc_t', user: 'system_u', role: 'system_r' } },
  'SELinux type of odd characters': { seLinuxOptions: { type: 'we"ird) \\ (t, ü' } },
  'no host process': { windowsOptions: { hostProcess: false } },
  'Windows user': { windowsOptions: { runAsUserName: 'ContainerUser' } },
  'host process': { windowsOptions: { hostProcess: true } },
};

/** Only of a container's. */
export const containerContextForms: Forms = {
  privileged: { privileged: true },
  'not privileged': { privileged: false },
  escalation: { allowPrivilegeEscalation: true },
  'no word about escalation': { allowPrivilegeEscalation: undefined },
  'no escalation': { allowPrivilegeEscalation: false },
  'procMount Default': { procMount: 'Default' },
  'procMount Unmasked': { procMount: 'Unmasked' },
  'no capabilities': { capabilities: undefined },
  'capabilities without fields': { capabilities: { drop: undefined } },
  'drops nothing by name': { capabilities: { drop: [] } },
  'drops all in small letters': { capabilities: { drop: ['all'] } },
  'drops some': { capabilities: { drop: ['NET_RAW', 'CHOWN'] } },
  'drops some and ALL': { capabilities: { drop: ['NET_RAW', 'ALL'] } },
  'adds NET_BIND_SERVICE': { capabilities: { add: ['NET_BIND_SERVICE'] } },
  'adds a default': { capabilities: { add: ['CHOWN'] } },
  'adds all defaults': {
    capabilities: {
      add: [
        'AUDIT_WRITE',
        'CHOWN',
        'DAC_OVERRIDE',
        'FOWNER',
        'FSETID',
        'KILL',
        'MKNOD',
        'NET_BIND_SERVICE',
        'SETFCAP',
        'SETGID',
        'SETPCAP',
        'SETUID',
        'SYS_CHROOT',
      ],
    },
  },
  'adds NET_RAW': { capabilities: { add: ['NET_RAW'] } },
  'adds two': { capabilities: { add: ['SYS_TIME', 'NET_ADMIN', 'SYS_TIME'] } },
  'adds with prefix': { capabilities: { add: ['CAP_CHOWN'] } },
  'adds CAP_SYS_ADMIN': { capabilities: { add: ['CAP_SYS_ADMIN'] } },
  'adds ALL': { capabilities: { add: ['ALL'], drop: ['ALL'] } },
  'adds in small letters': { capabilities: { add: ['net_bind_service'] } },
  'read-only': { readOnlyRootFilesystem: true },
};

const http = (host?: string) => ({ httpGet: { port: 80, ...(host === undefined ? {} : { host }) } });
const tcp = (host?: string) => ({ tcpSocket: { port: 80, ...(host === undefined ? {} : { host }) } });

/** Of a container: whom its probes and hooks call. */
export const probeForms: Forms = {
  'probes of itself': { livenessProbe: http(), readinessProbe: tcp(), startupProbe: http('') },
  'a command as probe': { livenessProbe: { exec: { command: ['true'] } } },
  'liveness of a host': { livenessProbe: http('10.0.0.1') },
  'readiness of a host': { readinessProbe: tcp('localhost') },
  'startup of a host': { startupProbe: http('example.com') },
  'all probes of one host': {
    livenessProbe: http('127.0.0.1'),
    readinessProbe: http('127.0.0.1'),
    startupProbe: tcp('127.0.0.1'),
  },
  'probes of two hosts': { livenessProbe: http('z.example'), readinessProbe: tcp('a.example') },
  'hooks of itself': { lifecycle: { postStart: http(), preStop: { exec: { command: ['true'] } } } },
  'postStart of a host': { lifecycle: { postStart: http('10.0.0.2') } },
  'preStop of a host': { lifecycle: { preStop: tcp('10.0.0.3') } },
  'hooks and probe of hosts': {
    startupProbe: http('b.example'),
    lifecycle: { postStart: tcp('c.example'), preStop: http('b.example') },
  },
};

/** Ports of the container at that place among its kind: no two containers may have the same one of the node. */
export const portForms: Readonly<Record<string, (at: number) => Fields>> = {
  'a port': (at) => ({ ports: [{ containerPort: 8080 + at }] }),
  'port 0 of the node': (at) => ({ ports: [{ containerPort: 8080 + at, hostPort: 0 }] }),
  'a port of the node': (at) => ({ ports: [{ containerPort: 80 + at, hostPort: 80 + at }] }),
  'two ports of the node': (at) => ({
    ports: [
      { containerPort: 9000 + at, hostPort: 9000 + at },
      { containerPort: 443 + at, hostPort: 443 + at, protocol: 'UDP' },
    ],
  }),
  'a port of the node and one not': (at) => ({
    ports: [
      { containerPort: 8080 + at, hostPort: 8080 + at },
      { containerPort: 1234 + at, name: 'metrics' },
    ],
  }),
  'one port of the node by two protocols': (at) => ({
    ports: [
      { containerPort: 53 + at, hostPort: 53 + at, protocol: 'TCP' },
      { containerPort: 53 + at, hostPort: 53 + at, protocol: 'UDP' },
    ],
  }),
};

/** Of the pod as a whole. */
export const specForms: Forms = {
  hostNetwork: { hostNetwork: true },
  hostPID: { hostPID: true },
  hostIPC: { hostIPC: true },
  'hostNetwork and hostIPC': { hostNetwork: true, hostIPC: true },
  'all host namespaces': { hostNetwork: true, hostPID: true, hostIPC: true },
  'no host namespaces': { hostNetwork: false, hostPID: false, hostIPC: false },
  'a user namespace': { hostUsers: false },
  "the host's users": { hostUsers: true },
  'Linux by name': { os: { name: 'linux' } },
  Windows: { os: { name: 'windows' } },
};

/** By name; some were never permitted, some only from a version on. */
export const sysctlNames: readonly string[] = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
  'net.ipv4.tcp_slow_start_after_idle',
  'kernel.msgmax',
  'kernel/shm_rmid_forced',
  'vm.swappiness',
];

/** By type, with as much in them as the API server wants to see. */
export const volumeForms: Forms = {
  configMap: { name: 'a' },
  csi: { driver: 'a.example' },
  downwardAPI: {},
  emptyDir: {},
  ephemeral: {
    volumeClaimTemplate: {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
  },
  image: { reference: 'registry.example/a:1' },
  persistentVolumeClaim: { claimName: 'a' },
  projected: { sources: [] },
  secret: { secretName: 'a' },
  hostPath: { path: '/var/log' },
  gcePersistentDisk: { pdName: 'a' },
  awsElasticBlockStore: { volumeID: 'a' },
  gitRepo: { repository: 'https://git.example/a' },
  nfs: { server: 'a', path: '/a' },
  iscsi: { targetPortal: '10.0.0.1:3260', iqn: 'iqn.2001-04.com.example:a', lun: 0 },
  glusterfs: { endpoints: 'a', path: 'a' },
  rbd: { monitors: ['a'], image: 'a' },
  flexVolume: { driver: 'example/a' },
  cinder: { volumeID: 'a' },
  cephfs: { monitors: ['a'] },
  flocker: { datasetName: 'a' },
  fc: { targetWWNs: ['50060e801049cfd1'], lun: 0 },
  azureFile: { secretName: 'a', shareName: 'a' },
  vsphereVolume: { volumePath: 'a' },
  quobyte: { registry: 'a:1', volume: 'a' },
  azureDisk: { diskName: 'a', diskURI: 'https://blob.example/a' },
  photonPersistentDisk: { pdID: 'a' },
  portworxVolume: { volumeID: 'a' },
  scaleIO: { gateway: 'https://a.example', system: 'a', secretRef: { name: 'a' }, volumeName: 'a' },
  storageos: { volumeName: 'a' },
};

export const seccompOfPod = 'seccomp.security.alpha.kubernetes.io/pod';
export const seccompOfContainer = 'container.seccomp.security.alpha.kubernetes.io/';
export const appArmorOfContainer = 'container.apparmor.security.beta.kubernetes.io/';

export const seccompAnnotations = ['unconfined', 'runtime/default', 'docker/default', 'localhost/a'] as const;
export const appArmorAnnotations = ['unconfined', 'runtime/default', 'localhost/a', ''] as const;
