// What would give a program that is not root the permission that it lacked: one cure for each family, smallest first.
//
// None of them makes it root again, adds a capability, or opens a file to all users.

import type { Finding } from '../../model/finding.ts';
import type { Dockerfile, DockerfileLine } from '../../model/fix.ts';
import type { PermissionFamily } from '../../model/permission.ts';
import { permissionFamilies } from '../../model/permission.ts';
import type { ContainerList, ContainerSpec, PodManifest, Volume } from '../../model/pod-manifest.ts';
import { effective } from '../../platform/kubelet/kubelet-user.ts';
import { containerNamed, listOf } from '../../platform/kubernetes/pod-containers.ts';
import type { PodPatch } from '../../platform/kubernetes/strategic-merge.ts';
import { imageCure, manualCure, patchCure, userCure, type Cure } from './change.ts';
import { emptyDirAt } from '../patch/empty-dir.ts';

/** A container that died, as the pod has it. */
type DeniedContainer = {
  readonly finding: Finding;
  readonly container: ContainerSpec;
  readonly list: ContainerList;
  readonly manifest: PodManifest;
  readonly uid?: number;
  readonly gid?: number;
};

export function permissionCure(finding: Finding, manifest: PodManifest | undefined): Cure {
  const family = permissionFamilies.find((name) => name === finding.family);
  const container = manifest && containerNamed(manifest, finding.container.name);
  if (!family || !container) return manualCure('fix the permission that its log names');
  const { runAsUser = finding.image.uid, runAsGroup = finding.image.gid } = effective(manifest, container);
  return cureOf[family]({
    finding,
    container,
    list: listOf[container.type],
    manifest,
    ...(runAsUser !== undefined && { uid: runAsUser }),
    ...(runAsGroup !== undefined && { gid: runAsGroup }),
  });
}

const cureOf: Readonly<Record<PermissionFamily, (patient: DeniedContainer) => Cure>> = {
  'image-dir-ownership': (patient) => {
    const directory = directoryOf(patient.finding.path);
    if (directory !== undefined && ofSystem.test(directory))
      return manualCure(
        `let the program write to another directory: ${directory} is a directory of the system`,
      );
    return directory === undefined || ofProgram.test(directory)
      ? imageCure(ownershipLines(patient, directory))
      : writableAt(patient, directory);
  },
  'volume-ownership': (patient) => {
    const volume = volumeUnder(patient);
    return volume && hasOwnOwners(volume)
      ? manualCure(
          `give volume ${volume.name} to ${uidWords(patient)} on the storage side: fsGroup has no effect on it`,
        )
      : groupForVolumes(patient);
  },
  'bind-privileged-port': unprivilegedPorts,
  'privilege-drop': ({ finding, uid }) => {
    const { droppedUser } = finding.image;
    if (!droppedUser || droppedUser.uid === uid || droppedUser.uid === 0)
      return manualCure('use an image whose entrypoint does not change the user, or lets you set it');
    const { gid, name, detail } = droppedUser;
    const why = `starts as ${name} (uid ${droppedUser.uid}), the user that its entrypoint switches to: ${detail}`;
    return userCure(droppedUser.uid, gid > 0 ? gid : undefined, why);
  },
  'home-missing': (patient) => {
    const home = writableAt(patient, '/tmp');
    const env = inContainer(patient, { env: [{ name: 'HOME', value: '/tmp' }] });
    return {
      ...home,
      summary: 'HOME /tmp',
      why: ['has a home directory that it can write to'],
      more: [env, ...(home.more ?? [])],
    };
  },
  'uid-without-passwd-entry': (patient) =>
    patchCure({
      summary: 'USER and LOGNAME in the environment',
      more: [inContainer(patient, { env: ['USER', 'LOGNAME'].map((name) => ({ name, value: 'app' })) })],
      why: [`finds a name for ${uidWords(patient)} in its environment`],
    }),
  workdir: (patient) => openInImage(patient, 'openToAll', 'its working directory'),
  'exec-mode': (patient) => openInImage(patient, 'openToAll', 'its program'),
  'file-caps': (patient) => openInImage(patient, 'withoutCapabilities', 'its program'),
  'secret-mode': secretReadableByGroup,
  'needs-root': () =>
    manualCure('move what needs root out of the pod, or allow this one container to run as root'),
};

/** The log alone does not say which it is. */
const uidWords = ({ uid }: DeniedContainer): string => (uid === undefined ? 'its uid' : `uid ${uid}`);

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

function writableAt(patient: DeniedContainer, directory: string): Cure {
  const { container } = patient;
  const mounted = (container.volumeMounts ?? []).some(({ mountPath }) => mountPath === directory);
  if (mounted) return groupForVolumes(patient);
  const { volume, mount } = emptyDirAt(container.name, directory);
  return patchCure({
    summary: `emptyDir at ${directory}`,
    more: [{ spec: { volumes: [volume] } }, inContainer(patient, { volumeMounts: [mount] })],
    why: [
      `can write to ${directory}; files of the image there are hidden, and what is written is lost with the pod`,
    ],
    dockerfile: ownershipLines(patient, directory),
  });
}

function ownershipLines({ uid, gid }: DeniedContainer, path: string | undefined): Dockerfile {
  const [user, group] = [uid ?? { fillIn: 'uid' }, gid ?? 0];
  return {
    certainty: uid === undefined || path === undefined ? 'Template' : 'TestFirst',
    summary: `${path ?? '<path>'} owned by ${uid ?? 'its user'} in the image`,
    lines: [
      { is: 'user', user: 0 },
      { is: 'owner', paths: [path ?? { fillIn: 'path' }], user, group, isRecursive: true },
      { is: 'user', user, group },
    ],
  };
}

/** Ends with the user again, since the lines themselves need root. */
function openInImage(
  { finding, uid, gid }: DeniedContainer,
  how: 'openToAll' | 'withoutCapabilities',
  what: string,
): Cure {
  if (/^\/(?:etc|root|dev|proc|sys)(?:\/|$)/.test(finding.path ?? ''))
    return manualCure(`use another path than ${finding.path} for ${what}`);
  const path = plain(finding.path);
  const summary = `${programs[how]} ${path ?? what} in the image`;
  const certainty = path === undefined || uid === undefined ? 'Template' : 'TestFirst';
  const lines: readonly DockerfileLine[] = [
    { is: 'user', user: 0 },
    { is: how, path: path ?? { fillIn: 'path' } },
    uid === undefined
      ? { is: 'user', user: { fillIn: 'uid' }, group: { fillIn: 'gid' } }
      : { is: 'user', user: uid, ...(gid !== undefined && { group: gid }) },
  ];
  return imageCure({ lines, certainty, summary });
}

const programs = { openToAll: 'chmod a+rx', withoutCapabilities: 'setcap -r' };

/** Any group would do; that of the process, if it has one of its own. Root's group is no way around permissions. */
function groupForVolumes({ uid, gid, manifest }: DeniedContainer): Cure {
  const fsGroup = [gid, uid].find((id) => id !== undefined && id > 0);
  if (fsGroup === undefined || manifest.spec.securityContext?.fsGroup !== undefined)
    return manualCure('give the files on the volume to the group of the process on the storage side');
  return patchCure({
    summary: `fsGroup ${fsGroup}`,
    more: [{ spec: { securityContext: { fsGroup, fsGroupChangePolicy: 'OnRootMismatch' } } }],
    why: [
      `is in group ${fsGroup}, and the kubelet gives the files on the pod's volumes to that group; this takes long ` +
        'for many files, and NFS and some drivers ignore it',
    ],
  });
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
function unprivilegedPorts({ finding, manifest }: DeniedContainer): Cure {
  const { hostNetwork, securityContext } = manifest.spec;
  const port = finding.port === undefined ? 'the port' : `port ${finding.port}`;
  if (hostNetwork === true)
    return manualCure(`let the program listen on a port from 1024 instead of ${port}`);
  const others = (securityContext?.sysctls ?? []).filter(({ name }) => name !== portStart);
  const sysctls = [...others, { name: portStart, value: '0' }];
  return patchCure({
    summary: `sysctl ${portStart} 0`,
    more: [{ spec: { securityContext: { sysctls } } }],
    why: [`can listen on ${port}. Or let it listen on 1024 or above, and change the Service's targetPort`],
  });
}

/** Files of a Secret belong to root; a group gets to read them by fsGroup and a mode. */
function secretReadableByGroup(patient: DeniedContainer): Cure {
  const volume = volumeUnder(patient);
  const source = (['secret', 'projected'] as const).find((kind) => volume && kind in volume);
  const group = groupForVolumes(patient);
  if (!volume || !source || !group.more)
    return manualCure('let the group of the process read the files of the Secret');
  const readable = { spec: { volumes: [{ name: volume.name, [source]: { defaultMode: 0o440 } }] } };
  return { ...group, summary: `${group.summary}, defaultMode 0440`, more: [...group.more, readable] };
}
