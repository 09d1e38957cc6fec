// Whose directory a path is in, by the path alone and by what is known of the container.

import { describe, expect, test } from '@jest/globals';

import { familyOf } from './mounts.ts';

describe('without knowledge of volumes', () => {
  test.each([
    ['/var/cache/nginx/client_temp', 'image-dir-ownership'],
    ['/run/nginx.pid', 'image-dir-ownership'],
    ['/etc/app/app.yaml', 'image-dir-ownership'],
    ['/var/lib/nginx/tmp/', 'image-dir-ownership'],
    ['/opt/bitnami/nginx/tmp', 'image-dir-ownership'],
    ['/database.yml', 'image-dir-ownership'],
    ['/bitnami/mongodb/data', 'volume-ownership'],
    ['/data', 'volume-ownership'],
    ['/nexus-data/karaf.pid', 'volume-ownership'],
    ['/var/lib/postgresql/data/pgdata', 'volume-ownership'],
    ['/usr/share/elasticsearch/data/nodes', 'volume-ownership'],
    ['data/zookeeper', 'volume-ownership'],
    ['/var/run/docker.sock', 'volume-ownership'],
    ['/.cache', 'home-missing'],
    ['/root/.npm/_logs', 'home-missing'],
    ['/home/app/.config/app', 'home-missing'],
    ['/data/db/.mongodb', 'home-missing'],
    ['/app/.next/cache', 'image-dir-ownership'],
    ['/data/.access_key', 'volume-ownership'],
  ])('%s is %s', (path, family) => {
    expect(familyOf(path, {}, false)).toBe(family);
  });
});

describe('a file that holds a secret', () => {
  test.each(['/etc/certs/server.crt', '/run/secrets/db_password', '/etc/git-secret/ssh', '/tls/tls.key'])(
    '%s is one when it is read, wherever it is',
    (path) => {
      expect(familyOf(path, {}, true)).toBe('secret-mode');
      expect(familyOf(path, { volumeMounts: ['/tls', '/etc'] }, true)).toBe('secret-mode');
      expect(familyOf(path, {}, false)).not.toBe('secret-mode');
    },
  );
});
