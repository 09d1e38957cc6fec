// What is advised for what programs really wrote: never what cannot work, and nothing that takes a directory from others.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

import { explained } from './explain.ts';
import { explanationText } from './explanation.ts';

type Row = {
  readonly id: string;
  readonly text: string;
  readonly expect: { readonly cause: string };
  readonly ambiguous?: boolean;
  /** What kind of advice is right. */
  readonly advice?: keyof typeof advice;
};

const answer = async (text: string): Promise<string> =>
  explanationText(await explained([text], '2026-01-01T00:00:00Z'));

/** What the advice must say, and what it must not. */
const advice = {
  'read-file': { says: /readable|chmod|defaultMode/, not: /emptyDir|mkdir/ },
  'file-own': { says: /chown/, not: /emptyDir/ },
  'root-file': { says: /directory of its own/, not: /emptyDir/ },
  'write-image': { says: /emptyDir|chown|chmod/, not: /is a path of the system/ },
  'volume-group': { says: /fsGroup/ },
  home: { says: /HOME/, not: /chown/ },
  passwd: { says: /\/etc\/passwd of the image/ },
  drop: { says: /run as the uid/, not: /allow this one container/ },
  'raw-socket': { says: /ping_group_range|NET_RAW|root/ },
  device: { says: /device plugin.*supplementalGroups/ },
  caps: { says: /capabilities\.add/ },
  port: { says: /ip_unprivileged_port_start/ },
  'shared-dir': { says: /emptyDir/, not: /chown -R/ },
  exec: { says: /chmod a\+rx/ },
  workdir: { says: /chmod a\+rx/ },
  system: { says: /is a path of the system/, not: /chown|emptyDir/ },
  'no-path': { says: /which path/, not: /<path>/ },
  root: { says: /needs root/ },
} as const satisfies Readonly<Record<string, { readonly says: RegExp; readonly not?: RegExp }>>;

const rows = readFileSync(new URL('../../../cases/messages/reports.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line): Row => JSON.parse(line));

/** Rows that are not understood. */
const known = new Set(['rep-019', 'rep-103', 'rep-210']);

describe('public reports', () => {
  const advised = rows.filter(({ id, ambiguous }) => ambiguous !== true && !known.has(id));

  test.each(advised.flatMap((row) => (row.advice ? [[row.id, row, row.advice] as const] : [])))(
    '%s',
    async (_id, { text }, kind) => {
      const { says, not } = { not: /^$/, ...advice[kind] };
      const said = await answer(text);
      expect(said).toMatch(says);
      expect(said).not.toMatch(not);
    },
  );

  test('no advice changes the owner of a directory that programs share, or leaves a path open', async () => {
    const said = await Promise.all(rows.map(({ text }) => answer(text)));
    for (const text of said) {
      expect(text).not.toMatch(
        /chown -R \S+ (?:\/\S+ )*\/(?:tmp|run|var|var\/run|var\/log|etc|usr|dev|opt|home)(?:\s|$)/m,
      );
      expect(text).not.toContain('<path>');
      expect(text.replaceAll(/^.*for OpenShift.*$/gm, '')).not.toMatch(/chown \S*:0\b|^ *USER \S+:0\b/m);
    }
  });
});

describe('words', () => {
  test('a file that was to be read is not said to be written', async () => {
    const said = await answer("python: can't open file '/code/manage.py': [Errno 13] Permission denied\n");
    expect(said).toContain(
      'A container lacks a permission: it cannot read a file of the image (/code/manage.py).',
    );
    expect(said).toContain('where a Secret or ConfigMap is mounted there');
  });

  test('of a log nothing is said that it does not show: neither that the program ended, nor that it cannot run', async () => {
    const said = await answer("crond: can't set groups: Operation not permitted\n");
    expect(said).not.toMatch(/exits|cannot run|ends/);
  });

  test('all paths are named', async () => {
    const said = await answer(
      '/usr/local/bin/e.sh: line 30: /etc/broker/broker.config: Permission denied\ntouch: cannot touch /.firstrun: Permission denied\n',
    );
    expect(said).toContain('(/.firstrun, /etc/broker/broker.config)');
  });

  test('nothing says that there is a volume, so both are offered', async () => {
    const said = await answer('mkdir: cannot create directory /var/lib/broker/a: Permission denied\n');
    expect(said).toContain('fsGroup');
    expect(said).toContain('where no volume is mounted: /var/lib/broker owned by its user in the image');
  });
});

describe('of other texts', () => {
  test.each<readonly [string, RegExp, RegExp]>([
    [
      'npm ERR! code EACCES\nnpm ERR! syscall open\nnpm ERR! path /srv/shop/package.json',
      /readable by its uid/,
      /fsGroup <gid/,
    ],
    [
      'Error: Unable to access jarfile /deployments/run.jar: Permission denied',
      /readable by its uid/,
      /emptyDir|mkdir/,
    ],
    [
      'nginx: [emerg] open() "/usr/local/openresty/nginx/logs/error.log" failed (13: Permission denied)',
      /emptyDir at \/usr\/local\/openresty\/nginx\/logs/,
      /of the system/,
    ],
    ['Error: Permission denied, cannot open /dev/ttyUSB0', /device plugin/, /chown|emptyDir/],
    [
      'mktemp: failed to create file via template /tmp/tmp.XXXXXXXXXX: Permission denied',
      /emptyDir at \/tmp \(/,
      /chown/,
    ],
    ['traceroute: socket: Operation not permitted', /ping_group_range/, /allow this one container/],
    [
      'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: dial unix /var/run/docker.sock: connect: permission denied',
      /supplementalGroups/,
      /chown|fsGroup|<path>/,
    ],
    [
      'mkdir /var/lib/a: permission denied\nmkdir /var/log/a: permission denied',
      /emptyDir|chown/,
      /chown -R \S+ \/var\/log\n/,
    ],
    ['getpwuid(10001) failed: no such user', /\/etc\/passwd of the image/, /emptyDir/],
  ])('%s', async (text, says, not) => {
    const said = await answer(`${text}\n`);
    expect(said).toMatch(says);
    expect(said).not.toMatch(not);
  });
});
