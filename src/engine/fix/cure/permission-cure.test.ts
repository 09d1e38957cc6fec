// What helps a program that lacks a permission: the smallest change for each family, and what is never proposed.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { Finding } from '../../model/finding.ts';
import { permissionFamilies } from '../../model/permission.ts';
import type { ContainerSpec, PodManifest, PodSpec } from '../../model/pod-manifest.ts';
import { dockerfileText } from '../../report/dockerfile-text.ts';
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
  spec: { securityContext: { runAsNonRoot: true }, containers: [{ name: 'app', ...container }], ...spec },
});

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
      'USER 0\nRUN mkdir -p /var/cache/nginx && chown -R 10001:0 /var/cache/nginx\nUSER 10001:0\n',
    );
  });

  test.each([
    ['/data/x', '/data'],
    ['/data', '/data'],
    ['/var/lib/app/db', '/var/lib/app'],
  ])('%s leads to an emptyDir at %s', (path, at) => {
    expect(permissionCure(finding({ family: 'image-dir-ownership', path }), pod()).summary).toBe(
      `emptyDir at ${at}`,
    );
  });

  test.each(['/etc/nginx/conf.d/default.conf', '/usr/share/nginx/html/x', '/etc/passwd', '/bin/x', '/var/x'])(
    'of the system (%s) is nothing to give away',
    (path) => {
      const cure = permissionCure(finding({ family: 'image-dir-ownership', path }), pod());
      expect(cure).toMatchObject({ type: 'Manual' });
      expect(cure).not.toHaveProperty('dockerfile');
    },
  );

  test.each(['/app/cache/x', '/opt/tool/log/x'])(
    'of a program (%s) changes its owner in the image',
    (path) => {
      const cure = permissionCure(finding({ family: 'image-dir-ownership', path }), pod());
      expect(cure.type).toBe('ImageChange');
      expect(dockerfileText(cure.dockerfile?.lines ?? [])).toContain(
        `chown -R 10001:0 ${path.slice(0, -2)}\n`,
      );
    },
  );

  test.each(['/x/../etc', 'relative/x', undefined])('that is none (%s) is left to a person', (path) => {
    const cure = permissionCure(finding({ family: 'image-dir-ownership', ...(path && { path }) }), pod());
    expect(cure).toMatchObject({ type: 'ImageChange', certainty: 'Template' });
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

test('a home that is missing is one that may be written to', () => {
  const cure = permissionCure(finding({ family: 'home-missing', path: '/.cache' }), pod());
  expect(JSON.stringify(cure.more)).toContain('{"name":"HOME","value":"/tmp"}');
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
      expect(text).not.toMatch(/"runAsUser":0|"fsGroup":0|capabilities|"privileged"|777|runAsNonRoot/);
      const lines = dockerfileText(cure.dockerfile?.lines ?? []).replaceAll(/<path>|<[ug]id>/g, '');
      expect(lines).not.toMatch(/[;$`|"'<>(){}\\]/);
      expect(lines.split('\n').length).toBeLessThanOrEqual(4);
    }),
    { numRuns: 1_000 },
  );
});
