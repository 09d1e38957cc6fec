// What may go wrong in a container of an image for one uid, as far as the image's layers show it.

import type { ImageConfig, Risk, RiskCode, InquiryStep } from '../../model/image.ts';
import { obstacle } from './access.ts';
import type { AccessKind, Process } from './access.ts';
import { placeOf } from './dropped-user.ts';
import type { Switching } from './dropped-user.ts';
import { scriptOf } from './entrypoint.ts';
import type { Entrypoint, StartedProgram } from './entrypoint.ts';
import { namedPlaces, namedPorts } from './named-places.ts';
import type { TextPlace } from './named-places.ts';

import { accessTo } from './image-access.ts';
import { processOf } from './run-identity.ts';
import type { RiskSubject } from './run-identity.ts';
import { findPath, pathsTo } from './image-path.ts';
import type { FoundPath, Image } from './image-path.ts';
import { groupPath, lookUp, passwdPath } from './image-user.ts';
import type { LookedUp } from './image-user.ts';

import { shown } from './shown.ts';
import { all, answer, chain, map } from './join-inquiries.ts';

/** Most VOLUMEs and ports that are checked. */
const mostVolumes = 32;
const mostPorts = 32;

/** Places that texts name: most that are checked, and most that are shown. */
const mostNamed = 32;
const mostShown = 3;

const belowLimit = 'below 1024, where some nodes let only root listen';

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
 * Risks in the order in which they are looked for. What the layers do not tell is a risk as well, `NotChecked`; root has
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
          answer([...entrypoint.programs, ...entrypoint.named].map(withCapabilities)),
          answer(switches.slice(0, 1).map(switching)),
          answer(who.uid === 0 ? [] : [withoutEntry(who.uid, passwd)]),
          who.uid === 0 ? answer([]) : textRisks(config, who, entrypoint, image),
          answer(unchecked(config, entrypoint)),
        ]),
        (risks) => distinct(risks.flat().filter((risk) => risk !== undefined)),
      );
    }),
  );
}

const risk = (code: RiskCode, detail: string): Risk => ({ code, detail });

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
    if (place.is === 'missing')
      return answer(
        who.uid === 0
          ? undefined
          : risk(
              'RootOwnedPath',
              `${what} ${shown(path)} is not in the image${what === 'HOME' ? '' : ', so it will be owned by root'}`,
            ),
      );
    if (place.is === 'unclear' || place.is === 'broken')
      return answer(risk('NotChecked', `${what} ${shown(path)}: ${place.because}`));
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

/** What the command, its script and the files that it runs say of themselves. */
function textRisks(
  config: ImageConfig,
  who: Process,
  entrypoint: Entrypoint,
  image: Image,
): InquiryStep<readonly (Risk | undefined)[]> {
  const texts = [...entrypoint.texts, ...entrypoint.named.flatMap(scriptOf)];
  const started = new Set(entrypoint.programs.map(({ path }) => path));
  const places = texts
    .flatMap(({ from, text }) => namedPlaces(text).map(({ path, use }) => ({ from, path, use })))
    .filter(({ path }) => !started.has(path));
  const denied = places.slice(0, mostNamed).map((place) => deniedAt(place, config, who, image));
  const ports = texts.flatMap(({ from, text }) =>
    namedPorts(text).map((port) =>
      risk('PrivilegedPort', `${shown(from)} names port ${port}, ${belowLimit}`),
    ),
  );
  return map(all(denied), (risks) => [...risks.filter(Boolean).slice(0, mostShown), ...ports.slice(0, 1)]);
}

/** A file that is there is read, unless its line says that it is written; what is not there would have to be made. */
function deniedAt(
  { from, path, use }: TextPlace & { readonly from: string },
  config: ImageConfig,
  who: Process,
  image: Image,
): InquiryStep<Risk | undefined> {
  const named = `${shown(from)} names ${shown(path)}`;
  return chain(findPath(image, path), (found): InquiryStep<Risk | undefined> => {
    if (found.is === 'file' && use !== 'written')
      return map(obstacle(image, who, found, ['read']), (why) =>
        why === undefined
          ? undefined
          : risk('RootOwnedPath', `${named}, which ${why} and not readable by ${who.uid}`),
      );
    if (use === 'config') return answer(undefined);
    return map(accessTo(config, { path, uid: who.uid, gid: who.groups[0] ?? 0 }, image), (access) =>
      access?.isAllowed === false ? risk('RootOwnedPath', `${named}: ${access.detail}`) : undefined,
    );
  });
}

/** What the layers were read for, and do not tell. */
function unchecked({ volumes }: ImageConfig, { named, missing }: Entrypoint): readonly Risk[] {
  const long = named.filter(
    ({ path, place: { entry } }) =>
      sourceName.test(path) && entry.is === 'file' && entry.content === undefined && entry.sizeBytes > 0,
  );
  return [
    ...missing.map((name) => risk('NotChecked', `${shown(name)} is not found in the image`)),
    ...long.map(({ path }) => risk('NotChecked', `${shown(path)} is too large to be searched`)),
    ...(volumes.length > mostVolumes ? [risk('NotChecked', `more than ${mostVolumes} VOLUMEs`)] : []),
  ];
}

const sourceName = /\.(?:[cm]?js|py|rb|pl|php|sh)$/;

const distinct = (risks: readonly Risk[]): readonly Risk[] => [
  ...new Map(risks.map((one) => [`${one.code} ${one.detail}`, one])).values(),
];

function lowPorts({ exposedPorts }: ImageConfig): readonly Risk[] {
  const low = exposedPorts.filter(
    (port) => /^0*[1-9][0-9]{0,3}(?:[-/]|$)/.test(port) && parseInt(port, 10) < 1024,
  );
  return low
    .slice(0, mostPorts)
    .map((port) => risk('PrivilegedPort', `EXPOSE ${shown(port)} is ${belowLimit}`));
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
