// Images shaped like real ones, from 80 MB to nearly 1 GB: what their programs write to, listen on and need, and whether a
// fix that runs them as their own user may be called certain.

import { createCipheriv } from 'node:crypto';
import { image, layer } from '../registry/image.ts';
import type { BuiltImage, BuiltLayer } from '../registry/image.ts';
import type { TarPart } from '../registry/tar.ts';

export type CertainImage = {
  readonly name: string;
  readonly image: BuiltImage;
  /** Its program lives as its own user, and nothing that can be seen speaks against it. */
  readonly isSound: boolean;
};

/** One program: as the text of a shell in the config, and as a script. */
type Program = {
  readonly name: string;
  readonly text: string;
  readonly isSound?: true;
  readonly user?: string;
  readonly parts?: readonly TarPart[];
  readonly config?: Readonly<Record<string, unknown>>;
};

const node = { uid: 1000, gid: 1000 };
const folder = (name: string, owner: Partial<TarPart> = {}): TarPart => ({
  name: `${name}/`,
  type: '5',
  mode: 0o755,
  ...owner,
});
const file = (name: string, content = '', owner: Partial<TarPart> = {}): TarPart => ({
  name,
  content,
  ...owner,
});
const script = (name: string, text: string): TarPart =>
  file(name, `#!/bin/sh\nset -e\n${text}\n`, { mode: 0o755 });

const live = 'exec sleep 86400';
const app = folder('app', node);

const programs: readonly Program[] = [
  { name: 'serves', text: live, isSound: true },
  { name: 'workdir', text: `echo x > cache.json; ${live}`, isSound: true },
  { name: 'workdir-of-root', text: `echo x > cache.json; ${live}`, parts: [folder('app')] },
  { name: 'workdir-missing', text: `echo x > cache.json; ${live}`, config: { WorkingDir: '/srv/new' } },
  { name: 'home', text: `echo x > "$HOME/.cache"; ${live}`, isSound: true },
  { name: 'home-of-root', text: `echo x > "$HOME/.cache"; ${live}`, parts: [app, folder('home/node')] },
  { name: 'home-missing', text: `echo x > "$HOME/.cache"; ${live}`, user: 'homeless' },
  {
    name: 'var-lib',
    text: `echo x > /var/lib/shop/state; ${live}`,
    parts: [app, folder('var/lib/shop', node)],
    isSound: true,
  },
  {
    name: 'var-lib-of-root',
    text: `echo x > /var/lib/shop/state; ${live}`,
    parts: [app, folder('var/lib/shop')],
  },
  { name: 'var-cache-made', text: `mkdir -p /var/cache/shop; ${live}` },
  {
    name: 'var-log-file',
    text: `echo x >> /var/log/shop.log; ${live}`,
    parts: [app, file('var/log/shop.log', '', node)],
    isSound: true,
  },
  { name: 'var-log-made', text: `touch /var/log/shop.log; ${live}` },
  { name: 'run-pid', text: `echo $$ > /run/shop.pid; ${live}` },
  { name: 'var-run-pid', text: `echo $$ > /var/run/shop.pid; ${live}` },
  {
    name: 'etc-edited',
    text: `sed -i s/a/b/ /etc/shop/shop.conf; ${live}`,
    parts: [app, file('etc/shop/shop.conf', 'a')],
  },
  {
    name: 'etc-own',
    text: `echo b > /etc/shop/shop.conf; ${live}`,
    parts: [app, folder('etc/shop', node)],
    isSound: true,
  },
  {
    name: 'etc-read',
    text: `cat /etc/shop.conf; ${live}`,
    parts: [app, file('etc/shop.conf', 'a')],
    isSound: true,
  },
  {
    name: 'etc-secret',
    text: `cat /etc/shop.key; ${live}`,
    parts: [app, file('etc/shop.key', 'a', { mode: 0o600 })],
  },
  { name: 'port-80', text: 'exec nc -l -p 80', config: { ExposedPorts: { '80/tcp': {} } } },
  { name: 'port-443-unexposed', text: 'exec nc -l -p 443' },
  {
    name: 'port-8080',
    text: 'exec nc -l -p 8080',
    config: { ExposedPorts: { '8080/tcp': {} } },
    isSound: true,
  },
  { name: 'capabilities', text: 'exec /opt/caps/nc -l -p 8080' },
  {
    name: 'volume-of-root',
    text: `touch /data/x; ${live}`,
    parts: [app, folder('data')],
    config: { Volumes: { '/data': {} } },
  },
  {
    name: 'volume',
    text: `touch /data/x; ${live}`,
    parts: [app, folder('data', node)],
    config: { Volumes: { '/data': {} } },
    isSound: true,
  },
  {
    name: 'primary-group',
    text: `touch /srv/team/x; ${live}`,
    parts: [app, folder('srv/team', { gid: 1000, mode: 0o775 })],
    isSound: true,
  },
  {
    name: 'member-of-group',
    text: `touch /srv/team/x; ${live}`,
    parts: [app, folder('srv/team', { gid: 300, mode: 0o775 })],
    isSound: true,
  },
  {
    name: 'group-of-user',
    text: `touch /srv/team/x; ${live}`,
    user: 'node:staff',
    parts: [app, folder('srv/team', { gid: 20_000, mode: 0o775 })],
    isSound: true,
  },
  {
    name: 'group-that-is-lost',
    text: `touch /srv/team/x; ${live}`,
    user: 'node:staff',
    parts: [app, folder('srv/team', { gid: 1000, mode: 0o775 })],
  },
  { name: 'tmp', text: `touch /tmp/x /var/tmp/x; ${live}`, isSound: true },
  {
    name: 'opt-logs',
    text: `touch /opt/shop/logs/x; ${live}`,
    parts: [app, folder('opt/shop/logs', node)],
    isSound: true,
  },
  { name: 'opt-of-root', text: `touch /opt/shop/logs/x; ${live}`, parts: [app, folder('opt/shop/logs')] },
  {
    name: 'program-of-root',
    text: `/opt/tool; ${live}`,
    parts: [app, file('opt/tool', 'x', { mode: 0o700 })],
  },
  { name: 'switches-user', text: 'exec su node -c "sleep 86400"' },
  {
    name: 'calls-a-script',
    text: '/usr/lib/shop/start.sh',
    parts: [app, script('usr/lib/shop/start.sh', `touch /var/lib/hidden; ${live}`)],
  },
  {
    name: 'calls-a-sound-script',
    text: '/usr/lib/shop/start.sh',
    parts: [app, script('usr/lib/shop/start.sh', `touch /app/x; ${live}`)],
    isSound: true,
  },
];

const users = [
  'root:x:0:0:root:/root:/bin/sh',
  'node:x:1000:1000::/home/node:/bin/sh',
  'homeless:x:1001:1000::/nonexistent:/bin/sh',
];
const groups = ['root:x:0:', 'node:x:1000:', 'team:x:300:node', 'staff:x:20000:'];
const applets = ['sh', 'sleep', 'nc', 'touch', 'cat', 'mkdir', 'sed', 'su', 'id'];

/** CAP_NET_BIND_SERVICE, effective and permitted, as the kernel stores it. */
const netBind = Buffer.from('0100000200040000000000000000000000000000', 'hex').toString('latin1');

function system(busybox: Uint8Array): BuiltLayer {
  return layer([
    ...['bin', 'etc', 'home', 'opt', 'root', 'run', 'srv', 'usr', 'var'].map((name) => folder(name)),
    ...['usr/bin', 'var/cache', 'var/lib', 'var/log', 'opt/caps'].map((name) => folder(name)),
    ...['tmp', 'var/tmp'].map((name) => folder(name, { mode: 0o1777 })),
    folder('home/node', node),
    { name: 'var/run', type: '2', linkName: '/run' },
    { name: 'bin/busybox', content: busybox, mode: 0o755 },
    {
      name: 'opt/caps/nc',
      content: busybox,
      mode: 0o755,
      pax: { 'SCHILY.xattr.security.capability': netBind },
    },
    ...applets.map((name) => ({ name: `bin/${name}`, type: '2', linkName: 'busybox' })),
    file('etc/passwd', `${users.join('\n')}\n`),
    file('etc/group', `${groups.join('\n')}\n`),
    file('usr/lib/os-release', 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'),
  ]);
}

const blockBytes = 80_000_000;
const filesInABlock = 2000;

/** Layers as large as those of an application, that no compression makes smaller: 1 is 80 MB, 12 are 960 MB. */
const blockCounts = [1, 2, 5, 10, 12] as const;

function block(number: number): BuiltLayer {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, number), Buffer.alloc(16));
  const sizeBytes = blockBytes / filesInABlock;
  const files = Array.from({ length: filesInABlock }, (_, at) => {
    const name = `usr/lib/node_modules/m${number}/lib/${at % 50}/file-${at}.js`;
    return { name, content: cipher.update(Buffer.alloc(sizeBytes)) };
  });
  return layer(files, 'none');
}

/** Of each program two images, of different sizes: its text in the config, and in a script. */
export function certainImages(busybox: Uint8Array, which: 'all' | 'sample'): readonly CertainImage[] {
  const counts = which === 'all' ? blockCounts : blockCounts.slice(0, 1);
  const blocks = Array.from({ length: counts.at(-1) ?? 1 }, (_, at) => block(at + 1));
  const below = [system(busybox), ...blocks];
  const chosen = which === 'all' ? programs : programs.filter((_, at) => at % 4 === 1);
  return chosen.flatMap((program, at) =>
    [false, true].map((isScript) => {
      const count = counts[(2 * at + Number(isScript)) % counts.length] ?? 1;
      return {
        name: `${program.name}-${isScript ? 'script' : 'text'}`,
        image: built(program, below.slice(0, count + 1), isScript),
        isSound: program.isSound === true,
      };
    }),
  );
}

function built(
  { text, user = 'node', parts = [app], config }: Program,
  below: readonly BuiltLayer[],
  isScript: boolean,
): BuiltImage {
  const top = layer([...parts, ...(isScript ? [script('entrypoint.sh', text)] : [])]);
  const start = isScript ? { Entrypoint: ['/entrypoint.sh'] } : { Cmd: ['/bin/sh', '-e', '-c', text] };
  return image([...below, top], { user, config: { WorkingDir: '/app', ...start, ...config } });
}
