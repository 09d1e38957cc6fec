// Lines for a Dockerfile: numbers only, and only commands that the image has.

import { describe, expect, test } from '@jest/globals';

import type { ImageFacts } from '../../model/finding.ts';
import type { ImageBase } from '../../model/image.ts';
import { dockerfileText } from '../../report/dockerfile-text.ts';
import { dockerfileFor } from './dockerfile.ts';

const facts = (some: Partial<ImageFacts>): ImageFacts => ({
  reference: 'registry.example/web:1',
  resolution: 'Resolved',
  ...some,
});

const root = (
  makesUsersWith: ImageBase['makesUsersWith'],
  some: Partial<ImageFacts> = {},
  freeId = 10001,
): ImageFacts => facts({ user: '', uid: 0, base: { makesUsersWith, freeId }, ...some });

const written = (image: ImageFacts) => {
  const dockerfile = dockerfileFor(image);
  return { ...dockerfile, lines: dockerfileText(dockerfile.lines) };
};

const linesFor = (image: ImageFacts): readonly string[] => written(image).lines.trimEnd().split('\n');

/** What the builder carries out. */
const stepsFor = (image: ImageFacts): readonly string[] =>
  linesFor(image).filter((line) => !line.startsWith('#'));

describe('a user that the image has', () => {
  test.each<[what: string, ids: Partial<ImageFacts>, line: string]>([
    ['goes by its number and the group of its entry', { uid: 10001, gid: 20001 }, 'USER 10001:20001'],
    ['takes the group that USER names', { uid: 10001, gid: 20001, userGroup: 20002 }, 'USER 10001:20002'],
    ['has no group where that is not known', { uid: 10001 }, 'USER 10001'],
    ['has no group where that is root', { uid: 10001, gid: 0 }, 'USER 10001'],
    ['keeps its own group beside USER with group 0', { uid: 10001, gid: 7, userGroup: 0 }, 'USER 10001:7'],
  ])('%s', (_what, ids, line) => {
    expect(written(facts({ user: 'app', ...ids }))).toEqual({
      lines: `${line}\n`,
      certainty: 'Certain',
      summary: `${line} in the image`,
    });
  });

  test('is no answer where Kubernetes does not take its number', () => {
    const image = facts({ user: 'app', uid: 4_294_967_294 });
    expect(written(image)).toMatchObject({ lines: 'USER <uid>:<gid>\n', certainty: 'Template' });
    expect(stepsFor({ ...image, base: { makesUsersWith: 'useradd', freeId: 10001 } }).at(-1)).toBe(
      'USER 10001:10001',
    );
  });
});

describe('a new user', () => {
  test('is made with the program that the image has, and by its number', () => {
    expect(stepsFor(root('useradd'))).toEqual([
      'RUN groupadd --gid 10001 app10001 && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin app10001',
      'USER 10001:10001',
    ]);
    expect(stepsFor(root('adduser'))).toEqual([
      'RUN addgroup -g 10001 app10001 && adduser -D -H -u 10001 -G app10001 app10001',
      'USER 10001:10001',
    ]);
    expect(stepsFor(root('shell'))).toEqual([
      "RUN echo 'app10001:x:10001:10001:app10001:/:/sbin/nologin' >> /etc/passwd && echo 'app10001:x:10001:' >> /etc/group",
      'USER 10001:10001',
    ]);
  });

  test('takes another id where that is taken', () => {
    expect(written(root('adduser', {}, 10003)).lines).not.toContain('10001');
    expect(stepsFor(root('adduser', {}, 10003)).at(-1)).toBe('USER 10003:10003');
  });

  test('is a number alone where nothing can be run', () => {
    const image = root('none', { volumes: ['/data'] });
    expect(stepsFor(image)).toEqual(['USER 65532:65532']);
    expect(written(image).lines).toContain('# The program must own the files that it writes to: COPY --chown=65532:65532 …\n'); // prettier-ignore
  });

  test('must be tried, since files may belong to root', () => {
    for (const how of ['useradd', 'adduser', 'shell', 'none'] as const) {
      expect(written(root(how)).certainty).toBe('TestFirst');
      expect(written(root(how)).lines).toContain('COPY --chown=');
    }
  });

  test.each<[isRoot: boolean, some: Partial<ImageFacts>]>([
    [true, { user: '' }],
    [true, { user: 'root' }],
    [true, { user: '0:0' }],
    [false, { user: ':ghosts' }],
    [false, { user: 'toor' }],
    [false, { user: '4294967294', resolution: 'Invalid' }],
    [false, { user: 'ghost', resolution: 'NotInImage' }],
    [false, { user: 'root', resolution: 'NotInImage' }],
  ])('is made as root (%s that the image is already): %j', (isRoot, some) => {
    const { uid, ...image } = root('shell', some);
    const steps = stepsFor(some.resolution ? image : { ...image, uid: uid ?? 0 });
    expect(steps[0] !== 'USER 0').toBe(isRoot);
    expect(steps.at(-1)).toBe('USER 10001:10001');
  });

  test('owns the volumes of the image, if they have plain paths', () => {
    const volumes = [
      '/data',
      '/var/lib/a b',
      '/',
      '/x/../etc',
      '/$(id)',
      '/a;b',
      'relative',
      '/srv/@1',
      '/.',
    ];
    expect(stepsFor(root('useradd', { volumes }))).toContain(
      'RUN mkdir -p /data /srv/@1 && chown 10001:10001 /data /srv/@1',
    );
    expect(stepsFor(root('useradd', { volumes: ['/$(id)'] }))).toHaveLength(2);
  });

  test('owns no volumes where the program for that may be missing', () => {
    expect(written(root('shell', { volumes: ['/data'] })).lines).not.toContain('chown 1');
  });
});

test('the user that the entrypoint drops to comes before a new one, and must be tried', () => {
  const image = root('useradd', {
    droppedUser: { name: 'redis', uid: 999, gid: 998, detail: '/entrypoint.sh line 3 switches to redis' },
  });
  expect(stepsFor(image)).toEqual(['USER 999:998']);
  expect(written(image)).toMatchObject({
    certainty: 'TestFirst',
    summary: 'USER 999:998 in the image',
  });
  expect(written(image).lines).toContain('# The entrypoint switches to redis');
});

test('a dropped user that Kubernetes does not take is none', () => {
  const droppedUser = { name: 'toor', uid: 0, gid: 0, detail: '' };
  expect(stepsFor(root('none', { droppedUser }))).toEqual(['USER 65532:65532']);
});

test('Windows has names', () => {
  const image = facts({ user: 'ContainerAdministrator', resolution: 'NotNeeded' });
  expect(written(image)).toMatchObject({ lines: 'USER ContainerUser\n', certainty: 'TestFirst' });
});

describe('where the image has not been read', () => {
  test.each<[some: Partial<ImageFacts>, summary: string]>([
    [{ user: '', uid: 0 }, 'numeric non-root USER in the image'],
    [{ user: 'root', resolution: 'NotAttempted' }, 'numeric non-root USER in the image'],
    [{ user: 'ghost:staff', resolution: 'NotInImage' }, 'USER <uid of ghost> in the image'],
    [{ resolution: 'Unreadable' }, 'numeric non-root USER in the image'],
    [{ user: '4294967294', resolution: 'Invalid' }, 'USER from 1 to 2147483647 in the image'],
  ])('a person fills the numbers in: %j', (some, summary) => {
    expect(written(facts(some))).toEqual({
      lines: 'USER <uid>:<gid>\n',
      certainty: 'Template',
      summary,
    });
  });
});
