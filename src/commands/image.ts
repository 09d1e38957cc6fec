// `rootcause image REF`: the user that a container of an image runs as.

import { InvalidArgumentError } from 'commander';

import type { Platform } from '../engine/model/image.ts';
import { defineCommand, orBadInput } from './command.ts';
import { optional } from './flags/flag.ts';
import type { ValuesOf } from './flags/flag.ts';
import { ownDockerConfig, registryFlags } from './flags/images.ts';
import { openTerminal, outputFlag } from './flags/terminal.ts';

const flags = {
  ...outputFlag,
  as: optional('<uid[:gid]>', "show the risks for this user instead of the image's own", userIds),
  platform: optional(
    '<os/arch>',
    'which image of a multi-platform image to read: linux/arm64 or linux/arm/v7',
    platform,
  ),
  ...registryFlags('person'),
};

const options = (values: ValuesOf<typeof flags>, [reference = '']: readonly string[]) => ({
  reference,
  ...values,
  dockerConfig: values.dockerConfig ?? ownDockerConfig(),
});

async function run(settings: ReturnType<typeof options>): Promise<number> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const { showImage } = await import('./image/show-image.ts');
  const { loadImageAccess } = await import('../images/image-access.ts');
  const { options: hosts, sources: credentials } = await loadImageAccess(settings, process.env);
  await showImage(settings, { hosts, credentials }, openTerminal(), stop.signal);
  return 0;
}

export const imageCommand = defineCommand({
  name: 'image',
  description:
    'Print the user that a container of an image runs as on Kubernetes, and the risks for that user.',
  argument: [
    '<ref>',
    'NAME[:TAG][@DIGEST] in a registry, a path, oci:FOLDER[:TAG] or docker-archive:FILE[:NAME]',
  ],
  flags,
  examples: [
    ['Read an image in a registry', 'rootcause image registry.example/shop/web:1.4'],
    ['Show what may fail for another user', 'rootcause image registry.example/shop/web:1.4 --as 10001:10001'],
    ['Read what docker save wrote', 'rootcause image docker-archive:web.tar'],
  ],
  options,
  run: async (settings) => orBadInput(run(settings)),
});

function userIds(text: string) {
  const [, uid, gid] = /^(\d{1,10})(?::(\d{1,10}))?$/.exec(text) ?? [];
  if (uid !== undefined && Math.max(Number(uid), Number(gid ?? 0)) <= 2_147_483_647)
    return { uid: Number(uid), ...(gid !== undefined && { gid: Number(gid) }) };
  throw new InvalidArgumentError('Give a uid, or uid:gid, up to 2147483647.');
}

function platform(text: string): Platform {
  const [, os, architecture, variant] =
    /^([a-z0-9]{1,32})\/([a-z0-9_]{1,32})(?:\/([a-z0-9]{1,32}))?$/.exec(text) ?? [];
  if (os !== undefined && architecture !== undefined)
    return { os, architecture, ...(variant !== undefined && { variant }) };
  throw new InvalidArgumentError('Give os/architecture, such as linux/amd64.');
}
