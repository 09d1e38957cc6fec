// What may go wrong in a container of an image for one uid, as far as the image's layers show it.

import type { ImageConfig, Risk, RiskCode, InquiryStep } from '../../model/image.ts';
import { obstacle } from './access.ts';
import type { AccessKind, Process } from './access.ts';
import { placeOf } from './dropped-user.ts';
import type { Switching } from './dropped-user.ts';
import type { Entrypoint, StartedProgram } from './entrypoint.ts';
import { readFile } from './image-file.ts';
import { findPath, pathsTo } from './image-path.ts';
import type { FoundPath, Image } from './image-path.ts';
import { groupPath, lookUp, passwdPath } from './image-user.ts';
import type { LookedUp } from './image-user.ts';
import { findGroups } from './passwd.ts';
import { shown } from './shown.ts';
import { all, answer, chain, map } from './join-inquiries.ts';

/** Whom risks are for. Without a gid it is the one that the runtime gives to the uid: that of passwd, else 0. */
export type RiskSubject = {
  readonly uid: number;
  readonly gid?: number;
  readonly groups?: readonly number[];
};

/** Most VOLUMEs and ports that are checked. */
const mostVolumes = 32;
const mostPorts = 32;

/** Everything that the config lets one ask for at once, and homes that passwd is likely to name. */
export function riskPaths(config: ImageConfig): readonly string[] {
  const [user = ''] = config.user.split(':');
  const homes = ['/root', '/nonexistent', `/home/${user}`, `/var/lib/${user}`];
  return [passwdPath, ...placesToFind(config), ...homes].flatMap((path) => pathsTo(path));
}

/** Finds every place that risks are looked for in, so that a link on the way shows before all layers are read. */
export function findPlaces(config: ImageConfig, image: Image): InquiryStep<readonly FoundPath[]> {
  return all(placesToFind(config).map((path) => findPath(image, path)));
}

const placesToFind = (config: ImageConfig): readonly string[] => [
  groupPath,
  ...ownPlaces(config).map(([, path]) => path),
];

/**
 * Risks in the order of `riskCodes`. Nothing is said about what is not in the layers or was not read of them; root has
 * those only that come with what it loses.
 */
export function risksOf(
  config: ImageConfig,
  subject: RiskSubject,
  entrypoint: Entrypoint,
  switches: readonly Switching[],
  image: Image,
): InquiryStep<readonly Risk[]> {
  const lookup = lookUp(image, ({ uid }) => uid === BigInt(subject.uid));
  return chain(lookup, (passwd) =>
    chain(processOf(subject, passwd, image), (who) => {
      const home = passwd.is === 'found' ? passwd.entry.home : undefined;
      return map(
        all([
          all(placesOf(config, home).map(([what, path]) => notWritable(image, who, what, path))),
          all(entrypoint.programs.map((program) => notExecutable(image, who, program))),
          answer(who.uid === 0 ? [] : lowPorts(config)),
          answer(entrypoint.programs.map(withCapabilities)),
          answer(switches.slice(0, 1).map(switching)),
          answer(who.uid === 0 ? [] : [withoutEntry(who.uid, passwd)]),
        ]),
        (risks) => risks.flat().filter((risk) => risk !== undefined),
      );
    }),
  );
}

const risk = (code: RiskCode, detail: string): Risk => ({ code, detail });

/** The runtime adds the groups that name the user as a member. */
export function processOf(subject: RiskSubject, passwd: LookedUp, image: Image): InquiryStep<Process> {
  const { uid, groups = [] } = subject;
  const entry = passwd.is === 'found' ? passwd.entry : undefined;
  const own = [subject.gid ?? Number(entry?.gid ?? 0n), ...groups];
  if (!entry) return answer({ uid, groups: own });
  return map(readFile(image, groupPath), (file) => {
    if (file.is !== 'read') return { uid, groups: own };
    const joined = [...findGroups(file.content, ({ members }) => members.includes(entry.name))];
    return { uid, groups: [...own, ...joined.map(({ gid }) => Number(gid))] };
  });
}

type NamedPlace = readonly [what: string, path: string];

/** Each path once, under the first name that it has. The root directory itself is never written to. */
function placesOf(config: ImageConfig, passwdHome: string | undefined): readonly NamedPlace[] {
  const own = ownPlaces(config);
  const home: readonly NamedPlace[] =
    config.home === undefined && passwdHome?.startsWith('/') === true ? [['HOME', passwdHome]] : [];
  const byPath = new Map([...own, ...home].toReversed().map((place) => [place[1], place]));
  return [...byPath.values()].toReversed().filter(([, path]) => path !== '/');
}

function ownPlaces({ workingDir, volumes, home }: ImageConfig): readonly NamedPlace[] {
  const places: readonly NamedPlace[] = [
    ['WORKDIR', workingDir],
    ...volumes.slice(0, mostVolumes).map((path) => ['VOLUME', path] as const),
    ['HOME', home ?? ''],
  ];
  return places.filter(([, path]) => path.startsWith('/'));
}

function notWritable(image: Image, who: Process, what: string, path: string): InquiryStep<Risk | undefined> {
  return chain(findPath(image, path), (place) => {
    if (place.is === 'missing' && what === 'HOME' && who.uid !== 0)
      return answer(risk('RootOwnedPath', `HOME ${shown(path)} is not in the image`));
    if (place.is !== 'directory') return answer(undefined);
    return map(obstacle(image, who, place, ['write', 'execute']), (why) =>
      why === undefined
        ? undefined
        : risk('RootOwnedPath', `${what} ${shown(path)} ${why} and not writable by ${who.uid}`),
    );
  });
}

function notExecutable(image: Image, who: Process, program: StartedProgram): InquiryStep<Risk | undefined> {
  const wanted: readonly AccessKind[] = program.isRead ? ['execute', 'read'] : ['execute'];
  const what = program.isRead ? 'executable and readable' : 'executable';
  return map(obstacle(image, who, program.place, wanted), (why) =>
    why === undefined
      ? undefined
      : risk('EntrypointNotExecutable', `${shown(program.path)} ${why} and not ${what} by ${who.uid}`),
  );
}

function lowPorts({ exposedPorts }: ImageConfig): readonly Risk[] {
  const low = exposedPorts.filter(
    (port) => /^0*[1-9][0-9]{0,3}(?:[-/]|$)/.test(port) && parseInt(port, 10) < 1024,
  );
  return low
    .slice(0, mostPorts)
    .map((port) =>
      risk('PrivilegedPort', `EXPOSE ${shown(port)} is below 1024, where some nodes let only root listen`),
    );
}

function withCapabilities({ path, place }: StartedProgram): Risk | undefined {
  if (place.entry.is !== 'file' || !place.entry.hasCapabilities) return undefined;
  const lost = 'which a process without them in its bounding set may not execute';
  return risk('FileCapabilities', `${shown(path)} has file capabilities, ${lost}`);
}

function switching(switched: Switching): Risk {
  const { user, tool } = switched.found;
  const whom = user === undefined ? 'users' : `to ${shown(user)}`;
  return risk('SwitchesUser', `${placeOf(switched)} switches ${whom} with ${tool}, which only root may do`);
}

function withoutEntry(uid: number, passwd: LookedUp): Risk | undefined {
  return passwd.is === 'missing'
    ? risk('NoPasswdEntry', `${uid} has no name and no home: ${passwd.because}`)
    : undefined;
}
