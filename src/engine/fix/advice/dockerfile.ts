// Lines for a Dockerfile that give an image a numeric user other than root.
//
// Each stands on one line: a person's file may have another escape character than the backslash.

import type { ImageFacts } from '../../model/finding.ts';
import type { Certainty } from '../../model/fix.ts';
import type { ImageBase } from '../../model/image.ts';
import { newUserName } from '../../platform/image/image-base.ts';

/** `lines` end with a line break. */
export type DockerfileLines = {
  readonly lines: string;
  readonly certainty: Certainty;
  readonly summary: string;
};

/** What distroless images call nonroot. */
const distrolessId = 65_532;

/** VOLUMEs that are given to a new user. */
const mostVolumes = 8;

/**
 * Lines for the end of the image's last stage that give it a numeric non-root user: its own, else the one that its
 * entrypoint drops to, else a new one, made as its base can; a template where nobody has read that.
 */
export function dockerfileFor(image: ImageFacts): DockerfileLines {
  if (image.resolution === 'NotNeeded') return windowsUser;
  return ownUser(image) ?? droppedUser(image) ?? newUser(image) ?? template(image);
}

/** Only for Windows does an answer not depend on the image's numbers. */
const windowsUser: DockerfileLines = linesOf('TestFirst', 'USER ContainerUser in the image', [
  'USER ContainerUser',
]);

function ownUser({ uid, gid, userGroup }: ImageFacts): DockerfileLines | undefined {
  if (!isAllowedId(uid)) return undefined;
  const user = userLine(uid, [userGroup, gid].find(isAllowedId));
  return linesOf('Certain', `${user} in the image`, [user]);
}

function droppedUser({ droppedUser: dropped }: ImageFacts): DockerfileLines | undefined {
  if (!dropped || !isAllowedId(dropped.uid)) return undefined;
  const user = userLine(dropped.uid, [dropped.gid].find(isAllowedId));
  return linesOf('TestFirst', `${user} in the image`, [
    `# Its own entrypoint switches to ${dropped.name}, which is ${dropped.uid}:${dropped.gid} in this image.`,
    user,
  ]);
}

/** Files may still belong to root, so nobody can say that it works. */
function newUser(image: ImageFacts): DockerfileLines | undefined {
  const { base } = image;
  if (!base) return undefined;
  if (base.makesUsersWith === 'none') return numberAlone();
  const id = base.freeId;
  return linesOf('TestFirst', `a new user ${id}:${id} in the image`, [
    ...(isBuiltAsRoot(image) ? [] : ['USER 0']),
    `RUN ${makers[base.makesUsersWith](id, newUserName(id))}`,
    ...volumeLines(image, base),
    ...copyLines(id),
    userLine(id, id),
  ]);
}

type Maker = (id: number, name: string) => string;

const makers: Readonly<Record<Exclude<ImageBase['makesUsersWith'], 'none'>, Maker>> = {
  useradd: (id, name) =>
    `groupadd --gid ${id} ${name} && useradd --uid ${id} --gid ${id} --no-create-home --shell /usr/sbin/nologin ${name}`,
  adduser: (id, name) => `addgroup -g ${id} ${name} && adduser -D -H -u ${id} -G ${name} ${name}`,
  shell: (id, name) =>
    `echo '${name}:x:${id}:${id}:${name}:/:/sbin/nologin' >> /etc/passwd && echo '${name}:x:${id}:' >> /etc/group`,
};

/** The kubelet wants no more than a number. */
function numberAlone(): DockerfileLines {
  const user = userLine(distrolessId, distrolessId);
  return linesOf('TestFirst', `${user} in the image`, [
    '# This image has no shell, so nothing can be run in it; a number needs no entry in /etc/passwd.',
    ...copyLines(distrolessId),
    user,
  ]);
}

/** RUN goes by the image's own user, and one that is no valid user runs nothing. */
function isBuiltAsRoot({ uid, user = '' }: ImageFacts): boolean {
  return uid === 0 && /^(?:(?:root|0)(?::(?:root|0))?)?$/.test(user);
}

/**
 * A volume without content of its own gets the owner that its folder has in the image. Where only a shell is known to be
 * there, the programs for it may be missing; a path that a shell or the builder would not take as it is is left out.
 */
function volumeLines({ volumes = [] }: ImageFacts, { makesUsersWith, freeId }: ImageBase): readonly string[] {
  if (makesUsersWith === 'shell') return [];
  const paths = volumes.filter(isPlain).slice(0, mostVolumes).join(' ');
  if (paths === '') return [];
  return [
    '# The legacy Docker builder, and buildah before 1.33, take back what RUN does in a VOLUME.',
    `RUN mkdir -p ${paths} && chown ${freeId}:${freeId} ${paths}`,
  ];
}

function isPlain(path: string): boolean {
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  return /^\/[\w.@+/-]+$/.test(path) && names.length > 0 && !names.includes('..');
}

function copyLines(id: number): readonly string[] {
  return [`# Files that the program writes to must be its own: COPY --chown=${id}:${id} …`];
}

function template({ resolution, user }: ImageFacts): DockerfileLines {
  return linesOf('Template', templateSummary(resolution, user), ['USER <uid>:<gid>']);
}

function templateSummary(resolution: ImageFacts['resolution'], user: string | undefined): string {
  if (resolution === 'Invalid') return 'USER from 1 to 2147483647 in the image';
  const [name = ''] = user?.split(':') ?? [];
  const isNamed = name !== 'root' && /\D/.test(name);
  return isNamed ? `USER <uid of ${name}> in the image` : 'numeric non-root USER in the image';
}

const userLine = (uid: number, gid: number | undefined): string =>
  gid === undefined ? `USER ${uid}` : `USER ${uid}:${gid}`;

/** Kubernetes takes ids up to this one, and root is no cure. */
const isAllowedId = (id: number | undefined): id is number =>
  id !== undefined && id > 0 && id <= 2_147_483_647;

function linesOf(certainty: Certainty, summary: string, lines: readonly string[]): DockerfileLines {
  return { lines: lines.map((line) => `${line}\n`).join(''), certainty, summary };
}
