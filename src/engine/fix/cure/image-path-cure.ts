// What lets a program use a path of its image: an empty directory in its place, or another owner or mode in the image.

import type { Dockerfile, DockerfileLine, ImageId } from '../../model/fix.ts';
import type { Attempt } from '../../model/permission.ts';
import { emptyDirAt } from '../patch/empty-dir.ts';
import { imageCure, manualCure, patchCure, type Cure } from './change.ts';
import type { DeniedContainer } from './denied-container.ts';
import { groupOf, inContainer, pathsOf, uidWords } from './denied-container.ts';
import { deniedPlace, type DeniedPlace } from './denied-place.ts';
import { groupForVolumes, volumeUnder } from './volume-cure.ts';

export function imagePathCure(patient: DeniedContainer): Cure {
  const { attempt } = patient.finding;
  const places = pathsOf(patient).flatMap(
    (path, at) => deniedPlace(path, attemptOf(path, at, attempt)) ?? [],
  );
  const isFileToWrite = places.length === 1 && attempt !== 'read';
  const manual = places.flatMap((place) => byHand(place, isFileToWrite) ?? []).map(manualCure);
  const own = places.filter((place) => byHand(place, isFileToWrite) === undefined);
  const [lead, ...others] = [...curesOf(patient, own), ...manual];
  if (!lead)
    return manualCure('find out which path the program uses, and let its user own that in the image');
  return others.length === 0 ? lead : { ...lead, also: [...(lead.also ?? []), ...others] };
}

/** What was tried is known of the first path alone; beside a directory, what has no extension is taken for one. */
function attemptOf(path: string, at: number, attempt: Attempt | undefined): Attempt | undefined {
  if (at === 0) return attempt;
  return attempt === 'makeDirectory' && !/\.[^/]*$/.test(path) ? attempt : undefined;
}

function curesOf(patient: DeniedContainer, places: readonly DeniedPlace[]): readonly Cure[] {
  const [first, ...rest] = places;
  if (!first) return [];
  if (patient.finding.attempt === 'read') return [readable(patient, [first]), ...writeCures(patient, rest)];
  return writeCures(patient, places);
}

function writeCures(patient: DeniedContainer, places: readonly DeniedPlace[]): readonly Cure[] {
  if (places.length === 0) return [];
  const directories = emptyDirectories(places);
  return [directories ? writable(patient, directories, places) : owned(patient, places)];
}

/**
 * What neither the workload nor the image can give.
 *
 * @param isFileToWrite nothing but this path was denied, and it was to be written
 */
function byHand(place: DeniedPlace, isFileToWrite: boolean): string | undefined {
  switch (place.is) {
    case 'device':
      return `give the pod the device ${place.path}: by a device plugin, or with the group that owns it on the node in supplementalGroups`;
    case 'nodeSocket':
      return `give the pod the group that owns ${place.path} on the node in supplementalGroups, or let the program do without it`;
    case 'output':
      return `let the program write to its own standard output or error: after a change of user it cannot open ${place.path}`;
    case 'system':
      return `let the program write to another directory: ${place.path} is a path of the system`;
    case 'rootFile':
      return isFileToWrite
        ? `let the program write ${place.path} in a directory of its own, where a volume can be mounted`
        : undefined;
    case 'sharedFile':
    case 'scratch':
    case 'ofProgram':
      return undefined;
    default:
      return place satisfies never;
  }
}

/** Where all that is denied may be in empty directories; undefined where something else has to be done as well. */
function emptyDirectories(places: readonly DeniedPlace[]): readonly string[] | undefined {
  const directories = places.map((place) =>
    place.is === 'scratch' || place.is === 'sharedFile' ? place.directory : undefined,
  );
  const known = directories.filter((directory) => directory?.startsWith('/') === true);
  return known.length === places.length ? outermost(known) : undefined;
}

/** Without what lies in another one. */
const outermost = (directories: readonly (string | undefined)[]): readonly string[] => {
  const all = [...new Set(directories.flatMap((directory) => directory ?? []))];
  return all.filter((one) => !all.some((other) => other !== one && one.startsWith(`${other}/`)));
};

function writable(
  patient: DeniedContainer,
  directories: readonly string[],
  places: readonly DeniedPlace[],
): Cure {
  const { container } = patient;
  const volumes = directories.map((directory) => volumeUnder(patient, directory));
  if (volumes.some((volume) => volume && !('emptyDir' in volume))) return groupForVolumes(patient);
  if (volumes.some((volume) => volume !== undefined))
    return manualCure(
      `see what the program lacks in ${listed(directories)}: an emptyDir is mounted there already`,
    );
  const empty = directories.map((directory) => emptyDirAt(container.name, directory));
  const where = listed(directories);
  return patchCure({
    summary: `emptyDir at ${where}`,
    more: [
      { spec: { volumes: empty.map(({ volume }) => volume) } },
      inContainer(patient, { volumeMounts: empty.map(({ mount }) => mount) }),
    ],
    why: [
      `can write to ${where}; files of the image there are hidden, and what is written is lost with the pod`,
    ],
    ...ownership(patient, places),
  });
}

/** The image's own files have to stay: their owner is what can change. */
function owned(patient: DeniedContainer, places: readonly DeniedPlace[]): Cure {
  const { dockerfile, also } = ownership(patient, places);
  if (!dockerfile)
    return manualCure(
      'let the program write to a directory of its own: those that it was denied are not its own',
    );
  return { ...imageCure(dockerfile), ...(also && { also }) };
}

/** Directories with all that is in them, files alone; of shared directories nothing but the files of this program. */
function ownership(
  patient: DeniedContainer,
  places: readonly DeniedPlace[],
): { readonly dockerfile?: Dockerfile; readonly also?: readonly Cure[] } {
  const user: ImageId = patient.uid ?? { fillIn: 'uid' };
  const directories = outermost(places.flatMap(ownDirectory));
  const files = [...new Set(places.flatMap(ownFile))];
  const group = groupOf(patient);
  const shared = outermost(places.flatMap(temporaryDirectory));
  const lines: readonly DockerfileLine[] = [
    ...(directories.length > 0
      ? [
          {
            is: 'owner',
            paths: directories,
            user,
            ...(group !== undefined && { group }),
            isRecursive: true,
          } as const,
        ]
      : []),
    ...(files.length > 0 ? [{ is: 'ownFile', paths: files, user } as const] : []),
    ...shared.map((path) => ({ is: 'sharedMode', path }) as const),
  ];
  if (lines.length === 0) return {};
  const what = listed([...directories, ...files, ...shared]);
  const isOwned = directories.length + files.length > 0;
  return {
    dockerfile: inImage(
      patient,
      lines,
      isOwned
        ? `${what} owned by ${patient.uid ?? 'its user'} in the image`
        : `mode 1777 for ${what} in the image`,
    ),
    ...(directories.length > 0 && { also: [forOpenShift(patient, directories)] }),
  };
}

const forOpenShift = (patient: DeniedContainer, paths: readonly string[]): Cure =>
  imageCure(
    inImage(
      patient,
      [{ is: 'openToRootGroup', paths }],
      `for OpenShift, which runs images as any uid in group 0: ${listed(paths)} writable by group 0 in the image`,
    ),
  );

/** Directories that are open to all users in every image that is in order. */
const temporary = /^\/(?:var\/)?tmp$/;

const sharedDirectory = /^\/(?:run|tmp|var\/(?:lock|log|run|tmp))$/;

function ownDirectory(place: DeniedPlace): readonly string[] {
  if (place.is === 'scratch') return sharedDirectory.test(place.directory) ? [] : [place.directory];
  return place.is === 'ofProgram' && place.isDirectory ? [place.path] : [];
}

const temporaryDirectory = (place: DeniedPlace): readonly string[] =>
  (place.is === 'scratch' || place.is === 'sharedFile') && temporary.test(place.directory)
    ? [place.directory]
    : [];

function ownFile(place: DeniedPlace): readonly string[] {
  if (place.is === 'sharedFile') return temporary.test(place.directory) ? [] : [place.path];
  return place.is === 'rootFile' || (place.is === 'ofProgram' && !place.isDirectory) ? [place.path] : [];
}

/** Lines that need root, and the user again behind them. */
export function inImage(
  patient: DeniedContainer,
  lines: readonly DockerfileLine[],
  summary: string,
): Dockerfile {
  const { uid } = patient;
  const group = groupOf(patient);
  return {
    certainty: uid === undefined ? 'Template' : 'TestFirst',
    summary,
    lines: [
      { is: 'user', user: 0 },
      ...lines,
      { is: 'user', user: uid ?? { fillIn: 'uid' }, ...(group !== undefined && { group }) },
    ],
  };
}

/** The program only reads it: nothing has to be written, and what is there must not be hidden. */
function readable(patient: DeniedContainer, places: readonly DeniedPlace[]): Cure {
  const paths = places.flatMap((place) => ('path' in place ? place.path : place.directory));
  const mounted = patient.isFromText
    ? [
        manualCure(
          `where a Secret or ConfigMap is mounted there: defaultMode 0440 on the volume, and fsGroup with the group of the process`,
        ),
      ]
    : [];
  return {
    ...imageCure(
      inImage(
        patient,
        [
          {
            is: 'comment',
            text: `Or set owner and mode where the files are copied: COPY --chown or --chmod.`,
          },
          { is: 'readable', paths },
        ],
        `${listed(paths)} readable by ${uidWords(patient)} in the image`,
      ),
    ),
    also: mounted,
  };
}

/** Paths that a summary names. */
const mostNamed = 3;

function listed(paths: readonly string[]): string {
  const named = paths.slice(0, mostNamed);
  const rest = paths.length - named.length;
  const last = named.at(-1) ?? '';
  if (rest > 0) return `${named.join(', ')} and ${rest} more`;
  return named.length < 2 ? last : `${named.slice(0, -1).join(', ')} and ${last}`;
}
