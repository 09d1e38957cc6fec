// Lines for a Dockerfile that give an image a numeric user other than root.

import type { ImageFacts } from '../../model/finding.ts';
import type { Certainty, Dockerfile, DockerfileLine } from '../../model/fix.ts';
import type { ImageBase } from '../../model/image.ts';

/** What distroless images call nonroot. */
const distrolessId = 65_532;

/** VOLUMEs that are given to a new user. */
const mostVolumes = 8;

/**
 * Lines for the end of the image's last stage that give it a numeric non-root user: its own, else the one that its
 * entrypoint drops to, else a new one, made as its base can; a template where that has not been read.
 */
export function dockerfileFor(image: ImageFacts): Dockerfile {
  if (image.resolution === 'NotNeeded') return windowsUser;
  return ownUser(image) ?? droppedUser(image) ?? newUser(image) ?? template(image);
}

/** Only for Windows does an answer not depend on the image's numbers. */
const windowsUser: Dockerfile = {
  certainty: 'TestFirst',
  summary: 'USER ContainerUser in the image',
  lines: [{ is: 'user', user: 'ContainerUser' }],
};

function ownUser({ uid, gid, userGroup }: ImageFacts): Dockerfile | undefined {
  if (!isAllowedId(uid)) return undefined;
  return userAlone('Certain', uid, [userGroup, gid].find(isAllowedId));
}

function droppedUser({ droppedUser: dropped }: ImageFacts): Dockerfile | undefined {
  if (!dropped || !isAllowedId(dropped.uid)) return undefined;
  const { name, uid, gid } = dropped;
  const text = `The entrypoint switches to ${name}, which is ${uid}:${gid} in this image.`;
  return userAlone('TestFirst', uid, [gid].find(isAllowedId), [{ is: 'comment', text }]);
}

/** Files may still belong to root, so it has to be tested. */
function newUser(image: ImageFacts): Dockerfile | undefined {
  const { base } = image;
  if (!base) return undefined;
  const { makesUsersWith, freeId: id } = base;
  if (makesUsersWith === 'none') return numberAlone;
  return {
    certainty: 'TestFirst',
    summary: `rebuild the image with a non-root USER (${id} is free)`,
    lines: [
      ...(isBuiltAsRoot(image) ? [] : [{ is: 'user', user: 0 } as const]),
      { is: 'newUser', id, with: makesUsersWith },
      ...volumeLines(image, base),
      copyComment(id),
      { is: 'user', user: id, group: id },
    ],
  };
}

/** RUN goes by the image's own user, and one that is no valid user runs nothing. */
function isBuiltAsRoot({ uid, user = '' }: ImageFacts): boolean {
  return uid === 0 && /^(?:(?:root|0)(?::(?:root|0))?)?$/.test(user);
}

/**
 * A volume without content of its own gets the owner that its folder has in the image. Where only a shell is known to be
 * there, the programs for it may be missing; a path that a shell or the builder would not take as it is is left out.
 */
function volumeLines(
  { volumes = [] }: ImageFacts,
  { makesUsersWith, freeId: id }: ImageBase,
): readonly DockerfileLine[] {
  const paths = volumes.filter(isPlain).slice(0, mostVolumes);
  if (makesUsersWith === 'shell' || paths.length === 0) return [];
  return [
    {
      is: 'comment',
      text: 'The legacy Docker builder, and buildah before 1.33, discard what RUN does in a VOLUME.',
    },
    { is: 'owner', paths, user: id, group: id, isRecursive: false },
  ];
}

function isPlain(path: string): boolean {
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  return /^\/[\w.@+/-]+$/.test(path) && names.length > 0 && !names.includes('..');
}

const copyComment = (id: number): DockerfileLine => ({
  is: 'comment',
  text: `The program must own the files that it writes to: COPY --chown=${id}:${id} …`,
});

/** Without a shell nothing can be made; the kubelet wants no more than a number. */
const numberAlone: Dockerfile = userAlone('TestFirst', distrolessId, distrolessId, [
  {
    is: 'comment',
    text: 'This image has no shell, so RUN does not work; a numeric USER needs no entry in /etc/passwd.',
  },
  copyComment(distrolessId),
]);

function template({ resolution, user }: ImageFacts): Dockerfile {
  return {
    certainty: 'Template',
    summary: templateSummary(resolution, user),
    lines: [{ is: 'user', user: { fillIn: 'uid' }, group: { fillIn: 'gid' } }],
  };
}

function templateSummary(resolution: ImageFacts['resolution'], user: string | undefined): string {
  if (resolution === 'Invalid') return 'USER from 1 to 2147483647 in the image';
  const [name = ''] = user?.split(':') ?? [];
  const isNamed = name !== 'root' && /\D/.test(name);
  return isNamed ? `USER <uid of ${name}> in the image` : 'numeric non-root USER in the image';
}

/** Kubernetes takes ids up to this one, and root is no cure. */
export const isAllowedId = (id: number | undefined): id is number =>
  id !== undefined && id > 0 && id <= 2_147_483_647;

function userAlone(
  certainty: Certainty,
  user: number,
  group: number | undefined,
  comments: readonly DockerfileLine[] = [],
): Dockerfile {
  const who = group === undefined ? `${user}` : `${user}:${group}`;
  return {
    certainty,
    summary: `USER ${who} in the image`,
    lines: [...comments, { is: 'user', user, ...(group !== undefined && { group }) }],
  };
}
