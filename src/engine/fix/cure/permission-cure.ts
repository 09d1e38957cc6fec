// What would give a program that is not root the permission that it lacked: one remedy for each family, smallest first.
//
// None of them makes it root again, adds a capability, or opens a file to everybody.

import type { Finding } from '../../model/finding.ts';
import type { PermissionFamily } from '../../model/permission.ts';
import { permissionFamilies } from '../../model/permission.ts';
import type { ContainerSpec, PodManifest, Volume } from '../../model/pod-manifest.ts';
import { containersOf, contextOf } from '../../platform/kubelet/kubelet-user.ts';
import type { PodPatch } from '../../platform/kubernetes/strategic-merge.ts';
import type { Cure } from './change.ts';
import { volumeName } from '../patch/volume-name.ts';

type Remedy = Omit<Cure, 'finding'>;

/** A container that died, as the pod has it. */
type DeniedContainer = {
  readonly finding: Finding;
  readonly container: ContainerSpec;
  readonly list: 'initContainers' | 'containers';
  readonly manifest: PodManifest;
  readonly uid?: number;
  readonly gid?: number;
};

export function permissionCure(finding: Finding, manifest: PodManifest | undefined): Remedy {
  const family = permissionFamilies.find((name) => name === finding.family);
  const container = manifest && containersOf(manifest).find(({ name }) => name === finding.container.name);
  if (!family || !container) return manual('mend the permission that its log names');
  const { runAsUser = finding.image.uid, runAsGroup = finding.image.gid } = contextOf(manifest, container);
  return remedyOf[family]({
    finding,
    container,
    list: manifest.spec.containers.includes(container) ? 'containers' : 'initContainers',
    manifest,
    ...(runAsUser !== undefined && { uid: runAsUser }),
    ...(runAsGroup !== undefined && { gid: runAsGroup }),
  });
}

const remedyOf: Readonly<Record<PermissionFamily, (patient: DeniedContainer) => Remedy>> = {
  'image-dir-ownership': (patient) => {
    const directory = directoryOf(patient.finding.path);
    if (directory !== undefined && ofSystem.test(directory))
      return manual(`let the program write to a directory of its own: ${directory} belongs to the system`);
    return directory === undefined || ofProgram.test(directory)
      ? ownedInImage(patient, directory)
      : emptyDirAt(patient, directory);
  },
  'volume-ownership': (patient) => {
    const volume = volumeUnder(patient);
    return volume && hasOwnOwners(volume)
      ? manual(`give volume ${volume.name} to uid ${patient.uid} on the storage side: it takes no fsGroup`)
      : groupForVolumes(patient);
  },
  'bind-privileged-port': unprivilegedPorts,
  'privilege-drop': ({ finding, uid }) => {
    const { droppedUser } = finding.image;
    if (!droppedUser || droppedUser.uid === uid || droppedUser.uid === 0)
      return manual(
        'use an image that does not change its user at the start, or whose user may be set from outside',
      );
    const { uid: runAsUser, gid, name, detail } = droppedUser;
    return {
      type: 'WorkloadPatch',
      summary: `runAsUser ${runAsUser}`,
      certainty: 'TestFirst',
      change: { level: 'Container', fields: { runAsUser, ...(gid > 0 && { runAsGroup: gid }) } },
      why: `Container ${finding.container.name} then starts as ${name} (uid ${runAsUser}), to whom its entrypoint drops: ${detail}.`,
    };
  },
  'home-missing': (patient) => {
    const home = emptyDirAt(patient, '/tmp');
    const env = inContainer(patient, { env: [{ name: 'HOME', value: '/tmp' }] });
    return {
      ...home,
      summary: 'HOME /tmp',
      why: `Container ${patient.container.name} then has a home that it may write to.`,
      more: [env, ...(home.more ?? [])],
    };
  },
  'uid-without-passwd-entry': (patient) => ({
    type: 'WorkloadPatch',
    summary: 'USER and LOGNAME in the environment',
    certainty: 'TestFirst',
    more: [inContainer(patient, { env: ['USER', 'LOGNAME'].map((name) => ({ name, value: 'app' })) })],
    why: `Container ${patient.container.name} then finds a name for uid ${patient.uid} in its environment.`,
  }),
  workdir: (patient) => openInImage(patient, 'chmod a+rx', 'its working directory'),
  'exec-mode': (patient) => openInImage(patient, 'chmod a+rx', 'its program'),
  'file-caps': (patient) => openInImage(patient, 'setcap -r', 'its program'),
  'secret-mode': secretReadableByGroup,
  'needs-root': () => manual('move what needs root out of the pod, or exempt that one container knowingly'),
};

const manual = (summary: string): Remedy => ({ type: 'Manual', summary, certainty: 'Template' });

const inContainer = ({ list, container }: DeniedContainer, fields: object): PodPatch => ({
  spec: { [list]: [{ name: container.name, ...fields }] },
});

/** Directories of the system, and of its programs and their configuration: no program has to write there. */
const ofSystem =
  /^\/(?:(?:bin|boot|dev|etc|lib\w*|proc|root|run\/secrets|sbin|sys|usr|var\/run\/secrets)(?:\/|$)|(?:home|mnt|media|var|var\/lib)?$)/;

/** Where images keep their programs: an empty directory would hide them. */
const ofProgram = /^\/(?:app|opt|srv|home)(?:\/|$)/;

/** A program wrote it into its log: only what no shell or builder would take for more than a path is used. */
const plain = (path: string | undefined): string | undefined =>
  path !== undefined && /^\/[\w./@+-]*$/.test(path) && !/\/\.\.?(?:\/|$)/.test(path) ? path : undefined;

/** The directory that the path is in; or the path itself, where only that of all directories holds it. */
function directoryOf(path: string | undefined): string | undefined {
  const own = plain(path)?.replace(/\/+$/, '');
  if (own === undefined || own === '') return undefined;
  return own.slice(0, own.lastIndexOf('/')) || own;
}

function emptyDirAt(patient: DeniedContainer, directory: string): Remedy {
  const { container, finding } = patient;
  const mounted = (container.volumeMounts ?? []).some(({ mountPath }) => mountPath === directory);
  if (mounted) return groupForVolumes(patient);
  const name = volumeName(container.name, directory);
  const more: PodPatch[] = [
    { spec: { volumes: [{ name, emptyDir: {} }] } },
    inContainer(patient, { volumeMounts: [{ name, mountPath: directory }] }),
  ];
  return {
    type: 'WorkloadPatch',
    summary: `emptyDir at ${directory}`,
    certainty: 'TestFirst',
    more,
    why:
      `Container ${finding.container.name} may then write to ${directory}; what the image has there is hidden, and what is ` +
      'written is gone with the pod.',
    dockerfile: ownershipLines(patient, directory),
  };
}

function ownedInImage(patient: DeniedContainer, path: string | undefined): Remedy {
  const dockerfile = ownershipLines(patient, plain(path) ?? '<path>');
  return { type: 'ImageChange', summary: dockerfile.summary, certainty: dockerfile.certainty, dockerfile };
}

function ownershipLines({ uid, gid }: DeniedContainer, path: string) {
  const who = `${uid ?? '<uid>'}:${gid ?? 0}`;
  return {
    lines: `USER 0\nRUN mkdir -p ${path} && chown -R ${who} ${path}\nUSER ${who}\n`,
    certainty: uid === undefined || path.startsWith('<') ? ('Template' as const) : ('TestFirst' as const),
    summary: `${path} owned by ${uid ?? 'its user'} in the image`,
  };
}

function openInImage({ finding, uid, gid }: DeniedContainer, how: string, what: string): Remedy {
  if (/^\/(?:etc|root|dev|proc|sys)(?:\/|$)/.test(finding.path ?? ''))
    return manual(`use another path than ${finding.path} for ${what}`);
  const path = plain(finding.path) ?? '<path>';
  const summary = `${how} ${plain(finding.path) ?? what} in the image`;
  const user = uid === undefined ? '' : `USER ${uid}${gid === undefined ? '' : `:${gid}`}\n`;
  const certainty = path === '<path>' ? ('Template' as const) : ('TestFirst' as const);
  const dockerfile = { lines: `USER 0\nRUN ${how} ${path}\n${user}`, certainty, summary };
  return { type: 'ImageChange', summary, certainty, dockerfile };
}

/** Any group would do; that of the process, if it has one of its own. Root's group is no way around permissions. */
function groupForVolumes({ uid, gid, manifest, finding }: DeniedContainer): Remedy {
  const fsGroup = [gid, uid].find((id) => id !== undefined && id > 0);
  if (fsGroup === undefined || manifest.spec.securityContext?.fsGroup !== undefined)
    return manual('give the files on the volume to the group of the process, on the storage side');
  return {
    type: 'WorkloadPatch',
    summary: `fsGroup ${fsGroup}`,
    certainty: 'TestFirst',
    more: [{ spec: { securityContext: { fsGroup, fsGroupChangePolicy: 'OnRootMismatch' } } }],
    why:
      `Container ${finding.container.name} then belongs to group ${fsGroup}, to which the kubelet gives the files on the pod's ` +
      'volumes; that takes long where there are many, and NFS and some drivers ignore it.',
  };
}

/** The kubelet changes nothing on these. */
const hasOwnOwners = (volume: Volume): boolean => 'nfs' in volume || 'hostPath' in volume;

function volumeUnder({ finding, container, manifest }: DeniedContainer): Volume | undefined {
  const path = finding.path ?? '';
  const mounts = (container.volumeMounts ?? []).filter(
    ({ mountPath }) => path === mountPath || path.startsWith(`${mountPath.replace(/\/+$/, '')}/`),
  );
  const [deepest] = mounts.toSorted((a, b) => b.mountPath.length - a.mountPath.length);
  return (manifest.spec.volumes ?? []).find(({ name }) => name === deepest?.name);
}

const portStart = 'net.ipv4.ip_unprivileged_port_start';

/** A safe sysctl of the pod's own network, which Pod Security allows at every level. */
function unprivilegedPorts({ finding, manifest }: DeniedContainer): Remedy {
  const { hostNetwork, securityContext } = manifest.spec;
  const port = finding.port === undefined ? 'the port' : `port ${finding.port}`;
  if (hostNetwork === true) return manual(`let the program listen on 1024 or above instead of ${port}`);
  const others = (securityContext?.sysctls ?? []).filter(({ name }) => name !== portStart);
  const sysctls = [...others, { name: portStart, value: '0' }];
  return {
    type: 'WorkloadPatch',
    summary: `sysctl ${portStart} 0`,
    certainty: 'TestFirst',
    more: [{ spec: { securityContext: { sysctls } } }],
    why:
      `Container ${finding.container.name} may then listen on ${port}. Or let it listen on 1024 or above, and point the ` +
      "Service's targetPort there.",
  };
}

/** Files of a Secret belong to root; a group gets to read them by fsGroup and a mode. */
function secretReadableByGroup(patient: DeniedContainer): Remedy {
  const volume = volumeUnder(patient);
  const source = (['secret', 'projected'] as const).find((kind) => volume && kind in volume);
  const group = groupForVolumes(patient);
  if (!volume || !source || !group.more)
    return manual('let the group of the process read the files of the Secret');
  const readable = { spec: { volumes: [{ name: volume.name, [source]: { defaultMode: 0o440 } }] } };
  return { ...group, summary: `${group.summary}, defaultMode 0440`, more: [...group.more, readable] };
}
