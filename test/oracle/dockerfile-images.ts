// Images that a Dockerfile's lines are tried on: those that the cluster's registry has, and small ones made here that stand
// for whole families of bases.

import type { Image } from './image.ts';
import { imageFrom } from './one-layer-image.ts';
import { directory, file, hardLink, symlink } from './tar.ts';
import type { TarItem } from './tar.ts';

export type Subject = {
  readonly name: string;
  /** In the cluster's registry, without its host; absent where `make` makes it. */
  readonly repository?: string;
  /** From a static BusyBox. */
  readonly make?: (busybox: Uint8Array) => Image;
  /** The BusyBox that it is made from must have these. */
  readonly needs?: readonly string[];
  /** The builder must keep what RUN does in a VOLUME. */
  readonly needsVolumes?: boolean;
  /** In place of the image's own, which would end at once. */
  readonly command?: readonly string[];
  /** Absent where the image has none. */
  readonly id?: string;
  /** Lines that must be among ours. */
  readonly lines: readonly RegExp[];
  readonly isSample?: boolean;
};

/** Where appuser has 10001. */
const shellLine = /^RUN echo 'app10002:x:10002:10002:.* >> \/etc\/group$/m;
const own = (name: string, ...lines: readonly RegExp[]): Subject => ({
  name,
  repository: `${name}:1`,
  id: '/bin/id',
  lines,
});

export const subjects: readonly Subject[] = [
  { ...own('root', shellLine), isSample: true },
  own('root-name', shellLine),
  own('root-uid', shellLine),
  own('named', /^USER 10001:20001$/m),
  { ...own('named-group', /^USER 10001:20001$/m), isSample: true },
  { ...own('named-missing', /^USER 0$/m, shellLine), isSample: true },
  own('named-nopasswd', /^USER 0$/m, /^USER 10001:10001$/m),
  own('uid-too-big', /^USER 0$/m, shellLine),
  own('group-missing', /^USER 10001(?::20001)?$/m),
  {
    name: 'Debian',
    repository: 'base/node:24',
    command: ['sleep', '3600'],
    id: 'id',
    lines: [/^RUN groupadd .* && useradd /m, /^USER 10001:10001$/m],
  },
  {
    name: 'Alpine',
    make: (busybox) => imageFrom(alpine(busybox), { entrypoint: writing('/tmp/x') }),
    needs: ['adduser', 'addgroup'],
    id: '/bin/id',
    lines: [/^RUN addgroup .* && adduser /m],
  },
  {
    name: 'Alpine, with a volume that it writes to',
    make: (busybox) => imageFrom(alpine(busybox), { entrypoint: writing('/data/x'), volumes: ['/data'] }),
    needs: ['adduser', 'addgroup', 'chown', 'mkdir'],
    needsVolumes: true,
    id: '/bin/id',
    lines: [/^RUN addgroup .* && adduser /m, /^RUN mkdir -p \/data && chown 10001:10001 \/data$/m],
  },
  {
    name: 'BusyBox of hard links',
    make: (busybox) => imageFrom(linked(busybox), { entrypoint: writing('/tmp/x') }),
    needs: ['adduser', 'addgroup'],
    id: '/bin/id',
    lines: [/^RUN addgroup .* && adduser /m],
  },
  {
    name: 'ids and names that are taken',
    make: (busybox) => imageFrom(taken(busybox), { user: 'ghost', entrypoint: writing('/tmp/x') }),
    id: '/bin/id',
    lines: [/^USER 0$/m, /^RUN echo 'app10004:/m, /^USER 10004:10004$/m],
  },
  {
    name: 'an entrypoint that drops to a user',
    make: (busybox) => imageFrom(dropping(busybox), { entrypoint: ['/entrypoint.sh'] }),
    id: '/bin/id',
    lines: [/^USER 999:998$/m],
  },
  {
    name: 'scratch',
    make: (busybox) => imageFrom([program('busybox-app', busybox)], { entrypoint: ['/busybox-app', 'sleep', '3600'] }), // prettier-ignore
    lines: [/^USER 65532:65532$/m],
    isSample: true,
  },
];

const program = (path: string, content: Uint8Array | string): TarItem => file(path, content, 0o755);
const writing = (path: string): readonly string[] => ['/bin/sh', '-c', `echo x >${path} && exec sleep 3600`];

const accounts = (passwd = '', group = ''): readonly TarItem[] => [
  directory('etc'),
  file('etc/passwd', `root:x:0:0:root:/root:/bin/sh\n${passwd}`),
  file('etc/group', `root:x:0:\n${group}`),
  { ...directory('tmp'), mode: 0o1777 },
];

const applets = ['sh', 'sleep', 'id', 'cat', 'chown', 'mkdir'];

const alpine = (busybox: Uint8Array): readonly TarItem[] => [
  ...accounts(),
  file('etc/shadow', 'root:*::0:::::\n', 0o640),
  file('etc/os-release', 'ID=alpine\nPRETTY_NAME="Alpine Linux v3.20"\n'),
  directory('data'),
  program('bin/busybox', busybox),
  ...applets.map((name) => symlink(`bin/${name}`, '/bin/busybox')),
  ...['adduser', 'addgroup'].map((name) => symlink(`usr/sbin/${name}`, '/bin/busybox')),
];

/** All applets are names of one file, of which the first is whichever sorts first. */
const linked = (busybox: Uint8Array): readonly TarItem[] => [
  ...accounts(),
  program('bin/[', busybox),
  ...['addgroup', 'adduser', 'busybox', ...applets].map((name) => ({
    ...hardLink(`bin/${name}`, 'bin/['),
    mode: 0o755,
  })),
];

const small = (busybox: Uint8Array): readonly TarItem[] => [
  program('bin/busybox', busybox),
  ...['sh', 'sleep', 'id'].map((name) => symlink(`bin/${name}`, 'busybox')),
];

const taken = (busybox: Uint8Array): readonly TarItem[] => [
  ...accounts('app10001:x:7:7::/:/bin/sh\nb:x:10002:8::/:/bin/sh\n', 'c:x:10003:\n'),
  ...small(busybox),
];

/** As many official images do it; where it is not root, nothing is left to drop. */
const dropping = (busybox: Uint8Array): readonly TarItem[] => [
  ...accounts('redis:x:999:998::/:/bin/sh\n', 'redis:x:998:\n'),
  ...small(busybox),
  program(
    'entrypoint.sh',
    '#!/bin/sh\nif [ "$(id -u)" = 0 ]; then\n  exec su-exec redis "$0" "$@"\nfi\nexec sleep 3600\n',
  ),
];
