// Lines of a Dockerfile, each on one line: a person's file may have another escape character than the backslash.

import type { DockerfileLine, ImageId } from '../model/fix.ts';
import { isPlaceholder, placeholderText } from '../model/placeholder.ts';
import { newUserName } from '../platform/image/image-base.ts';
import { quoted, shell, type Shell } from './shell.ts';

/** Ends with a line break. */
export const dockerfileText = (lines: readonly DockerfileLine[]): string =>
  lines.map((line) => `${lineText(line).replaceAll(/[\r\n]+/g, ' ')}\n`).join('');

function lineText(line: DockerfileLine): string {
  switch (line.is) {
    case 'comment':
      return `# ${line.text}`;
    case 'user':
      return `USER ${idText(line.user)}${line.group === undefined ? '' : `:${idText(line.group)}`}`;
    case 'newUser':
      return run(makers[line.with](line.id, newUserName(line.id)));
    case 'owner': {
      const { paths, user, group } = line;
      const chown = line.isRecursive ? shell`chown -R` : shell`chown`;
      const owner = group === undefined ? shell`${user}` : shell`${user}:${group}`;
      return run(shell`mkdir -p ${paths} && ${chown} ${owner} ${paths}`);
    }
    case 'ownFile':
      return run(shell`touch ${line.paths} && chown ${line.user} ${line.paths}`);
    case 'openToRootGroup':
      return run(shell`mkdir -p ${line.paths} && chgrp -R 0 ${line.paths} && chmod -R g=u ${line.paths}`);
    case 'readable':
      return run(shell`chmod -R a+rX ${line.paths}`);
    case 'sharedMode':
      return run(shell`chmod 1777 ${line.path}`);
    case 'variable':
      return `ENV ${line.name}=${line.value}`;
    case 'openToAll':
      return run(shell`chmod a+rx ${line.path}`);
    case 'withoutCapabilities':
      return run(shell`setcap -r ${line.path}`);
    default:
      return line satisfies never;
  }
}

const run = ({ sh }: Shell): string => `RUN ${sh}`;

const idText = (id: ImageId | 'ContainerUser'): string =>
  isPlaceholder(id) ? placeholderText(id) : String(id);

type UserMaker = (id: number, name: string) => Shell;

const makers: Readonly<Record<Extract<DockerfileLine, { is: 'newUser' }>['with'], UserMaker>> = {
  useradd: (id, name) =>
    shell`groupadd --gid ${id} ${name} && useradd --uid ${id} --gid ${id} --no-create-home --shell /usr/sbin/nologin ${name}`,
  adduser: (id, name) => shell`addgroup -g ${id} ${name} && adduser -D -H -u ${id} -G ${name} ${name}`,
  shell: (id, name) =>
    shell`echo ${quoted(`${name}:x:${id}:${id}:${name}:/:/sbin/nologin`)} >> /etc/passwd && echo ${quoted(`${name}:x:${id}:`)} >> /etc/group`,
};
