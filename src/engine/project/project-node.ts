// Projects a Node: its platform, and the names of those of its images that are asked about.

import type { Node } from '../model/snapshot.ts';
import { parseReference } from '../platform/image/image-reference.ts';
import { listAt, textAt } from '../platform/data/field.ts';

/** Names kept of one image; the kubelet reports five at most. */
const maxNames = 10;

/** @param repositories `host/repository` of the images asked about */
export function projectNode(object: unknown, repositories: ReadonlySet<string>): Node | undefined {
  const name = textAt(object, 'metadata', 'name');
  if (!name) return undefined;
  return {
    name,
    platform: {
      os: textAt(object, 'status', 'nodeInfo', 'operatingSystem') ?? 'linux',
      architecture: textAt(object, 'status', 'nodeInfo', 'architecture') ?? '',
    },
    images: namesOf(object).filter((names) =>
      names.some((known) => repositories.has(repositoryOf(known) ?? '')),
    ),
  };
}

/** The registries of which the node has an image. */
export function registriesOn(object: unknown): readonly string[] {
  return namesOf(object).flatMap((names) => names.flatMap((name) => parseReference(name)?.host ?? []));
}

/** `host/repository`, without which two names cannot mean the same image. */
export function repositoryOf(text: string): string | undefined {
  const reference = parseReference(text);
  return reference && `${reference.host}/${reference.repository}`;
}

function namesOf(object: unknown): readonly (readonly string[])[] {
  return listAt(object, 'status', 'images').map((image) =>
    listAt(image, 'names')
      .filter((name) => typeof name === 'string')
      .slice(0, maxNames),
  );
}
