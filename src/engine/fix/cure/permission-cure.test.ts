// What helps a program that lacks a permission: the smallest change for each family, and what is never proposed.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { Finding } from '../../model/finding.ts';
import { permissionFamilies, type Attempt } from '../../model/permission.ts';
import type { ContainerSpec, PodManifest, PodSpec } from '../../model/pod-manifest.ts';
import { dockerfileText } from '../../report/dockerfile-text.ts';
import type { Cure } from './change.ts';
import { permissionCure } from './permission-cure.ts';

const finding = (parts: Partial<Finding>): Finding => ({
  cause: 'NonRootPermissionDenied',
  container: { name: 'app', type: 'Container' },
  message: '',
  settings: [],
  image: { reference: 'web:1', user: '10001', uid: 10001, resolution: 'Resolved' },
  ...parts,
});

const pod = (container: Partial<ContainerSpec> = {}, spec: Partial<PodSpec> = {}): PodManifest => ({
  spec: {
    securityContext: { runAsNonRoot: true },
    containers: [{ name: 'app', image: 'web:1', ...container }],
    ...spec,
  },
});

/** Of a program that may not use the image. */
const cureOf = (parts: Partial<Finding>) =>
  permissionCure(finding({ family: 'image-dir-ownership', ...parts }), pod());

const linesOf = ({ dockerfile }: Cure): string => dockerfileText(dockerfile?.lines ?? []);

const mounted = (source: string) =>
  pod(
    { volumeMounts: [{ name: 'data', mountPath: '/data' }] },
    { volumes: [{ name: 'data', [source]: {} }] },
  );

describe('a directory of the image', () => {
  test('gets an emptyDir where only this program uses it', () => {
    const cure = permissionCure(
      finding({ family: 'image-dir-ownership', path: '/var/cache/nginx/client_temp' }),
      pod(),
    );
    expect(cure).toMatchObject({
      type: 'WorkloadPatch',
      certainty: 'TestFirst',
      summary: 'emptyDir at /var/cache/nginx',
    });
    expect(cure.more).toEqual([
      { spec: { volumes: [{ name: 'app-var-cache-nginx', emptyDir: {} }] } },
      {
        spec: {
          containers: [
            { name: 'app', volumeMounts: [{ name: 'app-var-cache-nginx', mountPath: '/var/cache/nginx' }] },
          ],
        },
      },
    ]);
    expect(dockerfileText(cure.dockerfile?.lines ?? [])).toBe(
      'USER 0\nRUN mkdir -p /var/cache/nginx && chown -R 10001 /var/cache/nginx\nUSER 10001\n',
    );
  });

  test.each<readonly [string, Attempt | undefined, string]>([
    ['/data/x', 'write', '/data'],
    ['/data', undefined, '/data'],
    ['/var/lib/app/db', undefined, '/var/lib/app'],
    ['/usr/src/app/uploads', 'makeDirectory', '/usr/src/app/uploads'],
    ['/usr/local/apache2/logs/error_log', undefined, '/usr/local/apache2/logs'],
    ['/app/cache/x', undefined, '/app/cache'],
    ['/app/.next/cache/images/2+k=/1.webp', 'write', '/app/.next/cache'],
    ['/opt/tool/data/x.db', 'write', '/opt/tool/data'],
    ['/opt/kafka/bin/../logs', 'makeDirectory', '/opt/kafka/logs'],
    ['/controller', 'makeDirectory', '/controller'],
    ['/var/cache/nginx/client_temp', 'makeDirectory', '/var/cache/nginx'],
    ['/rails/tmp/sockets', 'makeDirectory', '/rails/tmp'],
    ['/app/storage/framework', 'makeDirectory', '/app/storage/framework'],
    ['/run/nginx.pid', 'write', '/run'],
    ['/tmp/tomcat.8080.123', undefined, '/tmp'],
  ])('%s (%s) leads to an emptyDir at %s', (path, attempt, at) => {
    expect(cureOf({ path, ...(attempt && { attempt }) }).summary).toBe(`emptyDir at ${at}`);
  });

  test.each([
    '/etc/passwd',
    '/etc/hosts',
    '/bin/x',
    '/usr/bin/x.d/y',
    '/usr/lib/x86_64-linux-gnu/x.so',
    '/proc/1/mem',
  ])('of the system (%s) is nothing to give away', (path) => {
    const cure = cureOf({ path });
    expect(cure).toMatchObject({ type: 'Manual' });
    expect(cure).not.toHaveProperty('dockerfile');
  });

  test.each<readonly [string, Attempt | undefined, string]>([
    ['/etc/nginx/conf.d/default.conf', 'write', 'touch /etc/nginx/conf.d/default.conf && chown 10001'],
    ['/usr/share/nginx/html/x', undefined, 'chown -R 10001 /usr/share/nginx/html'],
    ['/srv/tool/src/db.json', 'write', 'touch /srv/tool/src/db.json && chown 10001'],
    ['/opt/app-root/etc/passwd', 'write', 'chown -R 10001 /opt/app-root/etc'],
  ])('among the files of a program (%s) changes its owner in the image', (path, attempt, line) => {
    const cure = cureOf({ path, ...(attempt && { attempt }) });
    expect(cure.type).toBe('ImageChange');
    expect(linesOf(cure)).toContain(line);
  });

  test('that a program only reads is made readable, and nothing is put in its place', () => {
    for (const path of ['/code/manage.py', '/config.yaml', '/usr/src/app/dist/server.js', '/etc/beat.yml']) {
      const cure = cureOf({ path, attempt: 'read' });
      expect(cure.type).toBe('ImageChange');
      expect(cure.more).toBeUndefined();
      expect(linesOf(cure)).toContain(`RUN chmod -R a+rX ${path}\n`);
      expect(linesOf(cure)).not.toContain('mkdir');
    }
  });

  test('that is a file directly below the root directory is left to a person', () => {
    for (const path of ['/x.db', '/env', '/.firstrun']) {
      const cure = cureOf({ path, attempt: 'write' });
      expect(cure).toMatchObject({ type: 'Manual' });
      expect(JSON.stringify(cure)).not.toContain('emptyDir');
    }
  });

  test('that is a device is asked for by its group, or by a plugin', () => {
    expect(cureOf({ path: '/dev/ttyUSB0' })).toMatchObject({ type: 'Manual' });
    expect(cureOf({ path: '/dev/ttyUSB0' }).summary).toMatch(/device plugin.*supplementalGroups/);
    expect(cureOf({ path: '/dev/stdout' }).summary).toContain('standard output');
  });

  test('that programs share keeps its owner', () => {
    for (const path of ['/tmp/x', '/var/log/x.log', '/run/x.pid', '/var/run/x.pid', '/var/tmp/x'])
      expect(linesOf(cureOf({ path, attempt: 'write' }))).not.toMatch(
        /chown -R|chown \S+ \/(?:tmp|run|var\/(?:log|run|tmp))\n/,
      );
    expect(linesOf(cureOf({ path: '/tmp/x' }))).toContain('chmod 1777 /tmp');
    expect(linesOf(cureOf({ path: '/var/log/tool/x.log' }))).toContain('chown -R 10001 /var/log/tool\n');
  });

  test('keeps the group that the image means, and never gets that of root but for OpenShift', () => {
    const path = '/var/cache/tool/x';
    const image = { reference: 'web:1', uid: 10_001, gid: 0, resolution: 'Resolved' as const };
    expect(linesOf(cureOf({ path, image }))).toBe(
      'USER 0\nRUN mkdir -p /var/cache/tool && chown -R 10001 /var/cache/tool\nUSER 10001\n',
    );
    const cure = cureOf({ path, image: { ...image, userGroup: 20_001 } });
    expect(linesOf(cure)).toContain('chown -R 10001:20001 /var/cache/tool\nUSER 10001:20001\n');
    const [other] = cure.also ?? [];
    expect(other?.summary).toContain('for OpenShift');
    expect(dockerfileText(other?.dockerfile?.lines ?? [])).toContain('chgrp -R 0 /var/cache/tool');
  });

  test('is named among all that was denied', () => {
    const cureOfAll = {
      path: '/var/lib/broker',
      paths: ['/var/lib/broker', '/etc/broker/broker.config', '/.firstrun'],
    };
    const cure = cureOf(cureOfAll);
    expect(cure.type).toBe('ImageChange');
    expect(cure.summary).toBe(
      '/var/lib/broker, /etc/broker/broker.config and /.firstrun owned by 10001 in the image',
    );
    const made = cureOf({ ...cureOfAll, attempt: 'makeDirectory' });
    expect(made.summary).toBe(cure.summary);
    expect(JSON.stringify(made)).not.toContain('emptyDir');
    const read = cureOf({ path: '/app/main.py', paths: ['/app/main.py', '/var/cache/a/x'], attempt: 'read' });
    expect(read.summary).toBe('/app/main.py readable by uid 10001 in the image');
    expect(read.also?.map(({ summary }) => summary)).toContain('emptyDir at /var/cache/a');
    const several = cureOf({
      path: '/var/cache/a/x',
      paths: ['/var/cache/a/x', '/var/log/b/y', '/run/z.pid'],
    });
    expect(several.summary).toBe('emptyDir at /var/cache/a, /var/log/b and /run');
  });

  test('that has an empty directory already gets no second one', () => {
    const manifest = pod(
      { volumeMounts: [{ name: 'cache', mountPath: '/var/cache/tool' }] },
      { volumes: [{ name: 'cache', emptyDir: {} }] },
    );
    const denied = finding({ family: 'image-dir-ownership', path: '/var/cache/tool/x', attempt: 'write' });
    const cure = permissionCure(denied, manifest);
    expect(cure).toMatchObject({ type: 'Manual' });
    expect(cure.summary).toContain('an emptyDir is mounted there already');
  });

  test('below the working directory is named as it was', () => {
    const cure = cureOf({ path: 'logs', attempt: 'makeDirectory' });
    expect(cure.summary).toBe('logs owned by 10001 in the image');
    expect(linesOf(cure)).toContain('RUN mkdir -p logs && chown -R 10001 logs\n');
  });

  test.each(['../x', '$(id)/x', undefined])('that is none (%s) is left to a person, with no path', (path) => {
    const cure = cureOf({ ...(path && { path }) });
    expect(cure).toMatchObject({ type: 'Manual', certainty: 'Template' });
    expect(cure.summary).not.toContain('<path>');
  });
});

describe('a volume', () => {
  test('is given to the group of the process, with the cost said', () => {
    const cure = permissionCure(
      finding({ family: 'volume-ownership', path: '/data/x' }),
      mounted('persistentVolumeClaim'),
    );
    expect(cure.more).toEqual([
      { spec: { securityContext: { fsGroup: 10001, fsGroupChangePolicy: 'OnRootMismatch' } } },
    ]);
    expect(cure.why?.join()).toContain('takes long');
  });

  test.each(['nfs', 'hostPath'])('of kind %s takes no fsGroup', (source) => {
    const cure = permissionCure(finding({ family: 'volume-ownership', path: '/data/x' }), mounted(source));
    expect(cure).toMatchObject({ type: 'Manual' });
    expect(cure.summary).toContain('storage side');
  });

  test('of a Secret becomes readable for the group, in its own mode', () => {
    const cure = permissionCure(finding({ family: 'secret-mode', path: '/data/tls.key' }), mounted('secret'));
    expect(cure.more).toContainEqual({ spec: { volumes: [{ name: 'data', secret: { defaultMode: 288 } }] } });
  });
});

describe('a low port', () => {
  test('is opened to all users by a safe sysctl, beside those that are set', () => {
    const given = pod(
      {},
      { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_syncookies', value: '1' }] } },
    );
    const cure = permissionCure(finding({ family: 'bind-privileged-port', port: 80 }), given);
    expect(cure.more).toEqual([
      {
        spec: {
          securityContext: {
            sysctls: [
              { name: 'net.ipv4.tcp_syncookies', value: '1' },
              { name: 'net.ipv4.ip_unprivileged_port_start', value: '0' },
            ],
          },
        },
      },
    ]);
  });

  test('in the network of the node must be another one', () => {
    const cure = permissionCure(
      finding({ family: 'bind-privileged-port', port: 80 }),
      pod({}, { hostNetwork: true }),
    );
    expect(cure).toMatchObject({ type: 'Manual' });
  });
});

describe('a home that is missing', () => {
  const cure = permissionCure(finding({ family: 'home-missing', path: '/.cache' }), pod());

  test('is one that may be written to', () => {
    expect(JSON.stringify(cure.more)).toContain('{"name":"HOME","value":"/tmp"}');
  });

  test('is named by the image, whose /tmp stays as it is', () => {
    expect(linesOf(cure)).toBe('ENV HOME=/tmp\n');
  });
});

test('a home that is /tmp already is not set to it again', () => {
  const cure = permissionCure(finding({ family: 'home-missing', path: '/tmp/.npm/x' }), pod());
  expect(cure.summary).toBe('emptyDir at /tmp/.npm');
});

test('a socket of the node is a matter of its group there', () => {
  for (const family of ['image-dir-ownership', 'volume-ownership'] as const) {
    const { type, summary, dockerfile } = permissionCure(
      finding({ family, path: '/var/run/docker.sock' }),
      pod(),
    );
    expect([type, dockerfile]).toEqual(['Manual', undefined]);
    expect(summary).toContain('supplementalGroups');
  }
});

describe('a user without a name', () => {
  const cure = permissionCure(finding({ family: 'uid-without-passwd-entry' }), pod());

  test('gets an entry in the image, since most programs ask the passwd database', () => {
    expect(cure.type).toBe('ImageChange');
    expect(linesOf(cure)).toContain('>> /etc/passwd');
  });

  test('may have one in the environment, for programs that read that', () => {
    expect(cure.also?.[0]?.summary).toContain('if the program reads these');
  });
});

describe('a program with file capabilities', () => {
  test('loses them in the image, or keeps the one that it asks for', () => {
    const cure = permissionCure(finding({ family: 'file-caps', path: '/bin/tool' }), pod());
    expect(linesOf(cure)).toContain('setcap -r /bin/tool');
    expect(cure.also?.[0]?.summary).toContain('capabilities.add');
  });
});

describe('a raw socket', () => {
  test('is not needed for echo requests, which a safe sysctl allows', () => {
    const cure = permissionCure(finding({ family: 'needs-root', attempt: 'rawSocket' }), pod());
    expect(cure.summary).toBe('sysctl net.ipv4.ping_group_range 0 2147483647');
    expect(cure.also?.[0]?.summary).toContain('NET_RAW');
  });
});

test('an entrypoint that makes its user gets advice about the uid, not an exemption', () => {
  const { summary } = permissionCure(finding({ family: 'privilege-drop' }), pod());
  expect(summary).toMatch(/run as the uid/);
  expect(summary).not.toMatch(/root/);
});

test('an entrypoint that drops to a user of its own starts as that user', () => {
  const droppedUser = { name: 'redis', uid: 999, gid: 1000, detail: 'line 9' };
  const image = { reference: 'redis:7', uid: 0, resolution: 'Resolved' as const, droppedUser };
  const cure = permissionCure(finding({ family: 'privilege-drop', image }), pod());
  expect(cure.change?.fields).toEqual({ runAsUser: 999, runAsGroup: 1000 });
});

test('nothing asks for root, for capabilities or for a mode that is open to all, whatever the log says', () => {
  const path = fc.oneof(
    fc.constantFrom('/', '/etc', '/data; rm -rf /', '/$(id)', '/a b', '/var/run/secrets/x', '../x', '/ok/x'),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.constantFrom(...permissionFamilies), path, (family, at) => {
      const cure = permissionCure(finding({ family, path: at }), mounted('emptyDir'));
      const text = JSON.stringify(cure);
      expect(text).not.toMatch(/"runAsUser":0|"fsGroup":0|"capabilities":|"privileged"|runAsNonRoot/);
      const entry = /echo '[\w:/]+' >> \/etc\/(?:passwd|group)/g;
      const lines = linesOf(cure)
        .replaceAll(/<[ug]id>/g, '')
        .replaceAll(entry, '')
        .replaceAll(/^#.*$/gm, '');
      expect(lines).not.toMatch(/[;$`|"'<>(){}\\]| 0?777 /);
      expect(lines.split('\n').length).toBeLessThanOrEqual(5);
    }),
    { numRuns: 1_000 },
  );
});
