// Whom the text of an entrypoint switches to.

import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { userSwitches } from './user-switch.ts';

describe('a switch is found', () => {
  test.each<[text: string, tool: string, user: string | undefined]>([
    ['exec gosu postgres "$BASH_SOURCE" "$@"', 'gosu', 'postgres'],
    ['\texec su-exec redis:redis "$0" "$@"', 'su-exec', 'redis:redis'],
    ['set -- gosu elasticsearch "$@"', 'gosu', 'elasticsearch'],
    ['exec /usr/local/bin/gosu "app" server', 'gosu', 'app'],
    ['exec gosu 1000:0 server', 'gosu', '1000:0'],
    ['exec gosu "$USER" server', 'gosu', undefined],
    ['exec gosu ${USER:-app} server', 'gosu', undefined],
    ['exec setpriv --reuid=redis --regid=redis --clear-groups -- "$0"', 'setpriv', 'redis:redis'],
    ['exec setpriv --reuid 999 --clear-groups "$0"', 'setpriv', '999:0'],
    ['exec su - app -c "server"', 'su', 'app'],
    ['su -s /bin/sh app -c server', 'su', 'app'],
    ['exec runuser -u app -- server', 'runuser', 'app'],
    ['runuser -l app -c server', 'runuser', 'app'],
    ['exec chroot --userspec=1000:0 / server', 'chroot', '1000:0'],
    ['exec s6-setuidgid app server', 's6-setuidgid', 'app'],
    ['exec chpst -u app:app server', 'chpst', 'app:app'],
    ['sudo -uapp server', 'sudo', 'app'],
    ['if [ "$(id -u)" = 0 ]; then exec gosu app "$0"; fi', 'gosu', 'app'],
    ['[ "$1" ] && HOME=/app exec gosu app "$0"', 'gosu', 'app'],
    ['exec setpriv \\\n  --reuid=app \\\n  --regid=app "$@"', 'setpriv', 'app:app'],
  ])('%j', (text, tool, user) => {
    expect(userSwitches(text)).toEqual([{ tool, line: 1, ...(user !== undefined && { user }) }]);
  });

  test('with the line it stands in', () => {
    expect(userSwitches('#!/bin/sh\n# exec gosu nobody\n\nexec gosu app "$@"\n')).toEqual([
      { tool: 'gosu', user: 'app', line: 4 },
    ]);
  });
});

test.each([
  '',
  '# exec gosu app',
  '  # see gosu app \\\n',
  'echo "use gosu app"',
  'apk add su-exec',
  'chroot /mnt sh',
  'setpriv --clear-groups sh',
  'sudo apt-get update',
  'chmod u+s /usr/bin/su',
  'command -v gosu',
  'mygosu app',
  'exec constructor app',
])('no switch is seen in %j', (text) => {
  expect(userSwitches(text).filter(({ user }) => user !== undefined)).toEqual([]);
});

test('any text is read in bounded work, and only names come out of it', () => {
  const hostile = [
    `gosu ${'a'.repeat(100_000)}`,
    `${'exec '.repeat(100_000)}gosu app`,
    'gosu app;'.repeat(50_000),
    '\\\n'.repeat(50_000),
  ];
  for (const text of hostile) expect(userSwitches(text).length).toBeLessThan(1000);
  fc.assert(
    fc.property(fc.string(), (user) => {
      for (const found of userSwitches(`exec gosu ${user}`)) expect(found.user ?? 'a').toMatch(/^[\w.:-]+$/);
    }),
  );
});
