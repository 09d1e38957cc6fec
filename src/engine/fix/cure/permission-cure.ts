// What would give a program that is not root the permission that it lacked: one cure for each family, smallest first.
//
// None of them makes it root again, adds a capability, or lets all users write to a file.

import type { Finding } from '../../model/finding.ts';
import type { PermissionFamily } from '../../model/permission.ts';
import { permissionFamilies } from '../../model/permission.ts';
import type { PodManifest } from '../../model/pod-manifest.ts';
import { effective } from '../../platform/kubelet/kubelet-user.ts';
import { containerNamed, listOf } from '../../platform/kubernetes/pod-containers.ts';
import { imageCure, manualCure, patchCure, userCure, type Cure } from './change.ts';
import { emptyDirAt } from '../patch/empty-dir.ts';
import { inContainer, pathsOf, uidWords, type DeniedContainer } from './denied-container.ts';
import { isNodeSocket, usablePath } from './denied-place.ts';
import { imagePathCure, inImage } from './image-path-cure.ts';
import { groupForVolumes, isOfModes, secretReadableByGroup, volumeCure, volumeUnder } from './volume-cure.ts';

export function permissionCure(finding: Finding, manifest: PodManifest | undefined): Cure {
  const family = permissionFamilies.find((name) => name === finding.family);
  const container = manifest && containerNamed(manifest, finding.container.name);
  if (!family || !container) return manualCure('fix the permission that its log names');
  const { runAsUser = finding.image.uid, runAsGroup = finding.image.gid } = effective(manifest, container);
  const cure = cureOf[family]({
    finding,
    container,
    list: listOf[container.type],
    manifest,
    isFromText: container.image === '',
    ...(runAsUser !== undefined && { uid: runAsUser }),
    ...(runAsGroup !== undefined && { gid: runAsGroup }),
  });
  return finding.unconfirmed ? manualCure(`possibly: ${cure.summary} (only the log says so)`) : cure;
}

const cureOf: Readonly<Record<PermissionFamily, (patient: DeniedContainer) => Cure>> = {
  'image-dir-ownership': imagePathCure,
  'volume-ownership': volumeOrImage,
  'bind-privileged-port': unprivilegedPorts,
  'privilege-drop': withoutDrop,
  'home-missing': writableHome,
  'uid-without-passwd-entry': passwdEntry,
  workdir: (patient) => openToAll(patient, 'its working directory'),
  'exec-mode': (patient) => openToAll(patient, 'its program'),
  'file-caps': withoutFileCapabilities,
  'secret-mode': secretOrImage,
  'needs-root': ({ finding, manifest }) =>
    finding.attempt === 'rawSocket'
      ? echoRequests(manifest)
      : manualCure('move what needs root out of the pod, or allow this one container to run as root'),
};

/** A volume gets a group; what the image has beside it, its own cure. */
function volumeOrImage(patient: DeniedContainer): Cure {
  const beside = pathsOf(patient).filter((path) => !patient.isFromText && !volumeUnder(patient, path));
  if (pathsOf(patient).some(isNodeSocket)) return imagePathCure(patient);
  const volume = volumeUnder(patient);
  const cure = volume && isOfModes(volume) ? secretReadableByGroup(patient) : volumeCure(patient);
  if (patient.isFromText) return { ...cure, also: [whereNoVolumeIs(patient)] };
  if (beside.length === 0) return cure;
  const [path = '', ...rest] = beside;
  const { paths: _all, ...finding } = patient.finding;
  const image = imagePathCure({
    ...patient,
    finding: { ...finding, path, ...(rest.length > 0 && { paths: beside }) },
  });
  return image.type === 'WorkloadPatch' && cure.type === 'WorkloadPatch'
    ? both(cure, image)
    : { ...cure, also: [image] };
}

const both = (one: Cure, other: Cure): Cure => ({
  ...one,
  ...other,
  summary: `${one.summary}, ${other.summary}`,
  more: [...(one.more ?? []), ...(other.more ?? [])],
  why: [...(one.why ?? []), ...(other.why ?? [])],
});

function whereNoVolumeIs(patient: DeniedContainer): Cure {
  const { also: _also, ...cure } = imagePathCure(patient);
  const { dockerfile, summary } = cure;
  const what = dockerfile?.summary ?? summary;
  return dockerfile
    ? imageCure({ ...dockerfile, summary: `where no volume is mounted: ${what}` })
    : manualCure(`where no volume is mounted: ${what}`);
}

/** What looks like a secret may be a file of the image after all. */
function secretOrImage(patient: DeniedContainer): Cure {
  const { finding, isFromText } = patient;
  const volume = volumeUnder(patient);
  if (volume) return isOfModes(volume) ? secretReadableByGroup(patient) : groupForVolumes(patient);
  const asImage = imagePathCure({ ...patient, finding: { ...finding, attempt: 'read' }, isFromText: false });
  if (!isFromText) return asImage;
  const ofImage = { ...asImage, summary: `where the file is one of the image: ${asImage.summary}` };
  return { ...secretReadableByGroup(patient), ...(asImage.dockerfile && { also: [ofImage] }) };
}

function withoutDrop({ finding, uid }: DeniedContainer): Cure {
  const { droppedUser } = finding.image;
  if (!droppedUser || droppedUser.uid === uid || droppedUser.uid === 0)
    return manualCure(
      "run as the uid that the entrypoint would switch to, with the image's setting that leaves this step out, or use an image that has its user built in",
    );
  const { gid, name, detail } = droppedUser;
  const why = `starts as ${name} (uid ${droppedUser.uid}), the user that its entrypoint switches to: ${detail}`;
  return userCure(droppedUser.uid, gid > 0 ? gid : undefined, why);
}

const home = '/tmp';

function writableHome(patient: DeniedContainer): Cure {
  if (pathsOf(patient).some((path) => path.startsWith(`${home}/`))) return imagePathCure(patient);
  const { container } = patient;
  const { volume, mount } = emptyDirAt(container.name, home);
  const isMounted = (container.volumeMounts ?? []).some(({ mountPath }) => mountPath === home);
  const variable = { is: 'variable', name: 'HOME', value: home } as const;
  return patchCure({
    summary: `HOME ${home}`,
    more: [
      inContainer(patient, { env: [{ name: 'HOME', value: home }] }),
      ...(isMounted
        ? []
        : [{ spec: { volumes: [volume] } }, inContainer(patient, { volumeMounts: [mount] })]),
    ],
    why: ['has a home directory that it can write to'],
    dockerfile: { certainty: 'TestFirst', summary: `HOME ${home} in the image`, lines: [variable] },
  });
}

/** ssh, git and Java ask the passwd database; only some languages are content with variables. */
function passwdEntry(patient: DeniedContainer): Cure {
  const { uid } = patient;
  const variables = patchCure({
    summary: 'USER, LOGNAME and HOME in the environment, if the program reads these (Python and shells do)',
    more: [
      inContainer(patient, {
        env: [
          { name: 'USER', value: 'app' },
          { name: 'LOGNAME', value: 'app' },
          { name: 'HOME', value: home },
        ],
      }),
    ],
  });
  const summary = `an entry for ${uidWords(patient)} in /etc/passwd of the image, or a uid that has one`;
  if (uid === undefined) return { ...manualCure(summary), also: [variables] };
  const line = { is: 'newUser', id: uid, with: 'shell' } as const;
  return { ...imageCure(inImage(patient, [line], summary)), also: [variables] };
}

/** A path that lines for an image may name: no setting, no device, and from the root on. */
function namedPath(patient: DeniedContainer): string | undefined {
  const [path] = pathsOf(patient).flatMap((written) => usablePath(written) ?? []);
  return path?.startsWith('/') === true && !/^\/(?:etc|root|dev|proc|sys)(?:\/|$)/.test(path)
    ? path
    : undefined;
}

function openToAll(patient: DeniedContainer, what: string): Cure {
  const path = namedPath(patient);
  if (path === undefined) return manualCure(`make ${what} executable for all users in the image: chmod a+rx`);
  return imageCure(inImage(patient, [{ is: 'openToAll', path }], `chmod a+rx ${path} in the image`));
}

function withoutFileCapabilities(patient: DeniedContainer): Cure {
  const path = namedPath(patient);
  const keep = manualCure(
    `or keep the capability that getcap ${path ?? 'of the program'} shows: name it in securityContext.capabilities.add (restricted allows NET_BIND_SERVICE)`,
  );
  if (path === undefined)
    return {
      ...manualCure('remove the file capabilities of its program in the image: setcap -r'),
      also: [keep],
    };
  const lines = inImage(patient, [{ is: 'withoutCapabilities', path }], `setcap -r ${path} in the image`);
  return { ...imageCure(lines), also: [keep] };
}

const portStart = 'net.ipv4.ip_unprivileged_port_start';

/** A safe sysctl of the pod's own network, which Pod Security allows at every level. */
function unprivilegedPorts({ finding, manifest }: DeniedContainer): Cure {
  const port = finding.port === undefined ? 'the port' : `port ${finding.port}`;
  if (manifest.spec.hostNetwork === true)
    return manualCure(`let the program listen on a port from 1024 instead of ${port}`);
  const why = `can listen on ${port}. Or let it listen on 1024 or above, and change the Service's targetPort`;
  return sysctlCure(manifest, portStart, '0', why);
}

const pingGroups = 'net.ipv4.ping_group_range';

/** Every group may send echo requests, if the program opens the socket that is made for them. */
function echoRequests(manifest: PodManifest): Cure {
  const capability = manualCure(
    'or the capability NET_RAW, for a program that opens raw sockets only: in capabilities.add, and as a file capability in the image; baseline and restricted refuse it',
  );
  if (manifest.spec.hostNetwork === true) return capability;
  const why =
    'can send echo requests (ping) without a capability, if it asks for an unprivileged socket first';
  return { ...sysctlCure(manifest, pingGroups, '0 2147483647', why), also: [capability] };
}

function sysctlCure({ spec }: PodManifest, name: string, value: string, why: string): Cure {
  const others = (spec.securityContext?.sysctls ?? []).filter((other) => other.name !== name);
  const sysctls = [...others, { name, value }];
  return patchCure({
    summary: `sysctl ${name} ${value}`,
    more: [{ spec: { securityContext: { sysctls } } }],
    why: [why],
  });
}
