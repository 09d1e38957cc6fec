// What a finding says of its image: which one it is, who it runs as, and why that is or is not known.

import { describe, expect, test } from '@jest/globals';

import type { Finding } from '../../model/finding.ts';
import type { ImageUser } from '../../model/image.ts';
import type { Node, Snapshot } from '../../model/snapshot.ts';
import type { Container, Pod } from '../../model/pod.ts';
import type { ImageQuestion, ImageReading } from '../../model/question.ts';
import { findImage } from './image-digest.ts';
import { recordedFinding } from '../../report/status/recorded-finding.ts';
import { accessAnswer, factsOf, imageId, inspect } from './image-facts.ts';

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const linux = { os: 'linux', architecture: 'amd64' };

function container(image: string, statusImage?: Container['statusImage']): Container {
  const found: Container = { name: 'app', type: 'Container', image };
  return statusImage ? { ...found, statusImage } : found;
}

function podOn(place: string, ...containers: Container[]): Pod {
  const times = { createdTime: '2026-11-22T10:00:00Z' };
  return {
    name: `web-${place}`,
    namespace: 'shop',
    uid: `u-${place}`,
    node: place,
    manifest: { spec: { containers } },
    ...times,
  };
}

function node(name: string, ...images: (readonly string[])[]): Node {
  return { name, platform: linux, images };
}

describe('the image that a container has', () => {
  const web = container('registry.example/shop/web:1.4');
  const onNode = [`registry.example/shop/web@${digest('a')}`, 'registry.example/shop/web:1.4'];

  test('is the one that the spec names by digest, whatever the node has', () => {
    const exact = container(`registry.example/shop/web:1.4@${digest('c')}`);
    expect(findImage(exact, podOn('n', exact), [node('n', onNode)])).toMatchObject({
      digest: digest('c'),
      digestFrom: 'spec',
    });
  });

  test('is the one that the node has under that tag', () => {
    const found = findImage(web, podOn('n', web), [node('n', onNode)]);
    expect(found).toEqual({ digest: digest('a'), digestFrom: 'node', platform: linux });
  });

  test('is the pair of tag and digest with its own repository, where one image has several', () => {
    const names = [`mirror.example/web@${digest('b')}`, ...onNode, 'mirror.example/web:1.4'];
    expect(findImage(web, podOn('n', web), [node('n', names)]).digest).toBe(digest('a'));
  });

  test('is found under the full name of a short one', () => {
    const nginx = container('nginx');
    const names = [`docker.io/library/nginx@${digest('d')}`, 'docker.io/library/nginx:latest'];
    expect(findImage(nginx, podOn('n', nginx), [node('n', names)]).digest).toBe(digest('d'));
  });

  test('is not that of another tag, nor of another node', () => {
    const other = [`registry.example/shop/web@${digest('e')}`, 'registry.example/shop/web:1.3'];
    expect(findImage(web, podOn('n', web), [node('n', other)])).toEqual({ platform: linux });
    expect(findImage(web, podOn('n', web), [node('m', onNode)])).toEqual({});
  });

  test('is what the status says where the node does not list it, unless that is of an earlier image', () => {
    const id = `registry.example/shop/web@${digest('f')}`;
    const same = container(web.image, { reference: web.image, id });
    expect(findImage(same, podOn('n', same), [])).toEqual({ digest: digest('f'), digestFrom: 'podStatus' });
    const earlier = container(web.image, { reference: 'registry.example/shop/web:1.3', id });
    expect(findImage(earlier, podOn('n', earlier), [])).toEqual({});
  });

  test('is unknown for a name that is none', () => {
    const odd = container('../../etc/passwd');
    expect(findImage(odd, podOn('n', odd), [node('n', ['../../etc/passwd'])])).toEqual({ platform: linux });
  });
});

const named: Finding = {
  cause: 'NonNumericUser',
  container: { name: 'app', type: 'Container' },
  message:
    'container has runAsNonRoot and image has non-numeric user (appuser), cannot verify user is non-root',
  settings: [],
  image: { reference: 'registry.example/web:1', user: 'appuser', resolution: 'NotAttempted' },
};
const imageOn = (letter: string): readonly string[] => [
  `registry.example/web@${digest(letter)}`,
  named.image.reference,
];
const app = container(named.image.reference);

function question(letter: string | undefined): ImageQuestion {
  return {
    ask: 'image',
    reference: named.image.reference,
    ...(letter !== undefined && { digest: digest(letter) }),
    platform: linux,
    namespace: 'shop',
    serviceAccount: 'default',
    pullSecrets: [],
  };
}

const resolved: ImageUser = {
  is: 'resolved',
  uid: 10001,
  gid: 20001,
  name: 'appuser',
  detail: 'etc/passwd line 4',
};
type Read = Extract<ImageReading, { is: 'read' }>;
const read = (letter: string, user: ImageUser = resolved, written = 'appuser'): Read => ({
  is: 'read',
  digest: digest(letter),
  written,
  user,
  risks: [],
});

function snapshot(parts: Partial<Snapshot>): Snapshot {
  return {
    key: 'Deployment/shop/web',
    now: '2026-11-22T12:00:00Z',
    pods: [],
    nodes: [node('n', imageOn('a'))],
    podsTotal: 1,
    answers: [],
    remembered: {},
    ...parts,
  };
}

const shown = [{ container: app, pod: podOn('n', app) }];
const answered = (letter: string, reading: ImageReading) => ({ question: question(letter), reading });

describe('the image of a finding', () => {
  test('is asked about, and named as far as it is known, until it has been read', () => {
    const { finding, questions } = inspect(named, shown, snapshot({}));
    expect(finding.image).toMatchObject({
      digest: digest('a'),
      digestFrom: 'node',
      resolution: 'NotAttempted',
    });
    expect(finding.image).not.toHaveProperty('uid');
    expect(questions).toEqual([question('a')]);
  });

  test('says who it runs as once it has been read, whole USER and evidence included', () => {
    const answers = [answered('a', read('a', { ...resolved, userGroup: 20002 }, 'appuser:appgroup'))];
    const { finding, questions } = inspect(named, shown, snapshot({ answers }));
    expect(finding.image).toEqual({
      reference: named.image.reference,
      digest: digest('a'),
      digestFrom: 'node',
      user: 'appuser:appgroup',
      uid: 10001,
      gid: 20001,
      userGroup: 20002,
      resolution: 'Resolved',
      detail: 'etc/passwd line 4',
    });
    expect(questions).toEqual([]);
  });

  test('comes from the registry where no node can say, and admits it', () => {
    const answers = [{ question: question(undefined), reading: read('b') }];
    const { finding } = inspect(named, shown, snapshot({ nodes: [node('n')], answers }));
    expect(finding.image).toMatchObject({ digest: digest('b'), digestFrom: 'registry', uid: 10001 });
  });

  test('says that the tag has moved since the node pulled it', () => {
    const reading = { ...read('a'), movedTo: digest('b') };
    const { finding } = inspect(named, shown, snapshot({ answers: [answered('a', reading)] }));
    expect(finding.image.detail).toBe(`etc/passwd line 4; the tag has moved since, to ${digest('b')}`);
    expect(finding.image.uid).toBe(10001);
  });

  test('keeps the reason where it could not be read, and names no uid', () => {
    const reading: ImageReading = { is: 'unread', because: 'registry.example refused the credentials' };
    const { finding } = inspect(named, shown, snapshot({ answers: [answered('a', reading)] }));
    expect(finding.image).toMatchObject({
      resolution: 'Unreadable',
      detail: 'registry.example refused the credentials',
    });
    expect(finding.image).not.toHaveProperty('uid');
  });

  test('that has no such user is not in the image, and no uid', () => {
    const reading = read('a', { is: 'notInImage', detail: 'no entry' });
    const { finding } = inspect(named, shown, snapshot({ answers: [answered('a', reading)] }));
    expect(finding.image).toMatchObject({ resolution: 'NotInImage', user: 'appuser' });
    expect(finding.image).not.toHaveProperty('uid');
  });

  describe('tells what would cure it', () => {
    const base = { name: 'Debian', makesUsersWith: 'useradd', freeId: 10001 } as const;
    const droppedUser = { name: 'redis', uid: 999, gid: 998, detail: '/entrypoint.sh line 3' };
    const told = (user: ImageUser, written: string) =>
      factsOf(findImage(app, podOn('n', app), []), {
        ...read('a', user, written),
        volumes: ['/data'],
        base,
        droppedUser,
      } as const);

    test.each<[user: ImageUser, written: string]>([
      [{ ...resolved, uid: 0 }, 'root'],
      [{ is: 'notInImage', detail: '' }, 'ghost'],
      [{ is: 'invalid', detail: '' }, '4294967294'],
    ])('where no user may pass: %j', (user, written) => {
      expect(told(user, written)).toMatchObject({ volumes: ['/data'], base, droppedUser });
    });

    test('and says nothing of it where the image has a user', () => {
      expect(told(resolved, 'appuser')).toMatchObject({ volumes: ['/data'] });
      expect(told(resolved, 'appuser')).not.toHaveProperty('base');
      expect(told(resolved, 'appuser')).not.toHaveProperty('droppedUser');
    });

    test('with volumes as they are, or not at all', () => {
      const volumesOf = (volumes: readonly string[]) =>
        factsOf({}, { ...read('a'), volumes } as const).volumes;
      const many = Array.from({ length: 20 }, (_, at) => `/v${at}`);
      expect(volumesOf(['/data', '/a\nb', 'relative', `/${'x'.repeat(300)}`, '/\u202E', '/b c'])).toEqual([
        '/data',
        '/b c',
      ]);
      expect(volumesOf(many)).toEqual(many.slice(0, 16));
      expect(volumesOf([])).toBeUndefined();
    });
  });

  test('shows of a USER what can be shown, and still knows it from what the kubelet printed', () => {
    const user = `a\u202Eb${'x'.repeat(400)}`;
    const printed = `a\uFFFDb${'x'.repeat(196)}…`;
    const finding: Finding = { ...named, image: { ...named.image, user: printed } };
    const answers = [answered('a', read('a', { is: 'notInImage', detail: '' }, `${user}:staff`))];
    const { image } = inspect(finding, shown, snapshot({ answers })).finding;
    expect(image.resolution).toBe('NotInImage');
    expect(image.user).toHaveLength(256);
    expect(image.user).not.toContain('\u202E');
  });

  describe('where nodes have different ones under the same name', () => {
    const both = [...shown, { container: app, pod: podOn('m', app) }];
    const nodes = [node('n', imageOn('a')), node('m', imageOn('b'))];

    test('is one user if they agree', () => {
      const answers = [answered('a', read('a')), answered('b', read('b'))];
      expect(inspect(named, both, snapshot({ nodes, answers })).finding.image.uid).toBe(10001);
    });

    test('is said to be built on what all of them are built on', () => {
      const root: ImageUser = { is: 'resolved', uid: 0, detail: '' };
      const on = (freeId: number) => ({ base: { makesUsersWith: 'useradd', freeId } as const });
      const withBase = (letter: string, freeId: number, volume: string) =>
        answered(letter, { ...read(letter, root, 'root'), ...on(freeId), volumes: [volume] } as const);
      const finding: Finding = { ...named, image: { ...named.image, user: 'root' } };
      const imageFor = (...answers: ReturnType<typeof answered>[]) =>
        inspect(finding, both, snapshot({ nodes, answers })).finding.image;
      const same = imageFor(withBase('a', 10001, '/a'), withBase('b', 10001, '/b'));
      expect(same).toMatchObject({ uid: 0, ...on(10001) });
      expect(same).not.toHaveProperty('volumes');
      expect(imageFor(withBase('a', 10001, '/a'), withBase('b', 10002, '/a'))).not.toHaveProperty('base');
    });

    test('is no user if they disagree, in the same words whichever pod comes first', () => {
      const answers = [answered('a', read('a')), answered('b', read('b', { ...resolved, uid: 999 }))];
      const { finding } = inspect(named, both, snapshot({ nodes, answers }));
      expect(finding.image.resolution).toBe('Unreadable');
      expect(finding.image).not.toHaveProperty('uid');
      expect(finding.image.detail).toContain('10001');
      expect(finding.image.detail).toContain('999');
      expect(inspect(named, both.toReversed(), snapshot({ nodes, answers })).finding).toEqual(finding);
    });

    test('is none while one of them has not been read', () => {
      const { finding, questions } = inspect(
        named,
        both,
        snapshot({ nodes, answers: [answered('a', read('a'))] }),
      );
      expect(finding.image).not.toHaveProperty('uid');
      expect(questions).toEqual([question('b')]);
    });
  });

  describe('that contradicts the kubelet is another one', () => {
    test.each([
      [named, 'otheruser'],
      [named, '1000'],
      [{ ...named, cause: 'ImageRunsAsRoot', image: { ...named.image, user: '' } } as const, 'appuser'],
    ])('%#', (finding, written) => {
      const answers = [
        {
          question: question(undefined),
          reading: { ...read('b', resolved, written), volumes: ['/data'] } as const,
        },
      ];
      const { finding: inspected } = inspect(finding, shown, snapshot({ nodes: [node('n')], answers }));
      expect(inspected.image.resolution).toBe('Unreadable');
      expect(inspected.image).not.toHaveProperty('uid');
      expect(inspected.image).not.toHaveProperty('volumes');
    });

    test('unless it is the one that the node has: then the runtime did not report its user', () => {
      const asRoot: Finding = {
        ...named,
        cause: 'ImageRunsAsRoot',
        image: { reference: app.image, resolution: 'NotAttempted' },
      };
      const number: ImageUser = { is: 'resolved', uid: 1000, detail: 'USER is the number 1000' };
      const { finding } = inspect(
        asRoot,
        shown,
        snapshot({ answers: [answered('a', read('a', number, '1000'))] }),
      );
      expect(finding.image.uid).toBe(1000);
      expect(finding.image.detail).toContain('runtime did not report');
    });
  });

  describe('after a restart', () => {
    const recordedImage = {
      ...named.image,
      digest: digest('a'),
      digestFrom: 'node',
      uid: 10001,
      resolution: 'Resolved',
    } as const;
    const recorded = (image: Finding['image']): NonNullable<Snapshot['recorded']> => ({
      name: 'deployment-web',
      namespace: 'shop',
      uid: 'd-1',
      generation: 1,
      spec: { workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
      status: {
        observedGeneration: 1,
        state: 'Failing',
        workload: 'Deployment/web',
        cause: 'NonNumericUser',
        summary: '',
        pods: { failing: 1, total: 1, summary: '1/1' },
        firstSeenTime: '2026-11-22T11:00:00Z',
        ownerIncomplete: false,
        findings: [recordedFinding({ ...named, image })],
        impact: { nodes: [] },
        conditions: [],
      },
    });

    const later = [{ ...question('a'), isRecorded: true }];

    test('is taken from the record if the digest is the same, and asked about for later', () => {
      const { finding, questions } = inspect(named, shown, snapshot({ recorded: recorded(recordedImage) }));
      expect(finding.image).toEqual(recordedImage);
      expect(questions).toEqual(later);
    });

    test('is what was read, once it was read again, whatever is recorded', () => {
      const wrong = recorded({ ...recordedImage, uid: 4242 });
      const { finding } = inspect(
        named,
        shown,
        snapshot({ recorded: wrong, answers: [answered('a', read('a'))] }),
      );
      expect(finding.image.uid).toBe(10001);
    });

    test('keeps what would cure it', () => {
      const asRoot: Finding = { ...named, image: { ...named.image, user: 'root' } };
      const image = {
        ...recordedImage,
        user: 'root',
        uid: 0,
        volumes: ['/data'],
        base: { makesUsersWith: 'adduser', freeId: 10001 },
        droppedUser: { name: 'redis', uid: 999, gid: 998, detail: '' },
      } as const;
      const { finding, questions } = inspect(asRoot, shown, snapshot({ recorded: recorded(image) }));
      expect(finding.image).toEqual(image);
      expect(questions).toEqual(later);
    });

    test('is read anew if the node has another digest by now', () => {
      const { finding, questions } = inspect(
        named,
        shown,
        snapshot({ recorded: recorded({ ...recordedImage, digest: digest('f') }) }),
      );
      expect(finding.image).not.toHaveProperty('uid');
      expect(questions).toEqual([question('a')]);
    });

    test('that could not be read before is shown as it was, and asked about again', () => {
      const unreadable = {
        ...recordedImage,
        uid: undefined,
        resolution: 'Unreadable',
        detail: 'down',
      } as const;
      const { uid: _none, ...image } = unreadable;
      const { finding, questions } = inspect(named, shown, snapshot({ recorded: recorded(image) }));
      expect(finding.image.resolution).toBe('Unreadable');
      expect(questions).toHaveLength(1);
    });
  });
});

describe('whether a process was rightly denied something', () => {
  const access = { path: '/var/data', uid: 10001, gid: 0 };
  const found = {
    detail: '/var/data is owned by 0:0 with mode 0755 and not writable by 10001',
    isAllowed: false,
  };
  const asked: ImageQuestion = { ...question('a'), access };
  const nodes = [node('n', imageOn('a'))];
  const answerIn = (...answers: Snapshot['answers']) =>
    accessAnswer(app, podOn('n', app), access, snapshot({ nodes, answers }));

  test('is asked of the image that the node has, and said as that says it', () => {
    expect(answerIn()).toEqual({ question: asked, isAnswered: false });
    expect(answerIn({ question: asked, reading: { ...read('a'), access: found } })).toEqual({
      question: asked,
      access: found,
      isAnswered: true,
    });
  });

  test.each<[why: string, reading: ImageReading]>([
    ['does not decide it', read('a')],
    ['cannot be read', { is: 'unread', because: 'down' }],
    ['may not be read', { is: 'notAttempted', because: 'off' }],
  ])('is answered, but not known, where the image %s', (_why, reading) => {
    expect(answerIn({ question: asked, reading })).toEqual({ question: asked, isAnswered: true });
  });

  test.each<[what: string, other: ImageQuestion]>([
    ['no access', question('a')],
    ['another path', { ...asked, access: { ...access, path: '/var' } }],
    ['another user', { ...asked, access: { ...access, uid: 5 } }],
    ['another group', { ...asked, access: { ...access, gid: 5 } }],
    ['another access', { ...asked, access: { ...access, wanted: 'execute' } }],
    ['another image', { ...question('b'), access }],
  ])('is another question than one about %s', (_what, other) => {
    expect(imageId(other)).not.toBe(imageId(asked));
    expect(answerIn({ question: other, reading: { ...read('a'), access: found } })).toMatchObject({
      isAnswered: false,
    });
  });

  test('takes no part in who the image runs as', () => {
    const answers = [{ question: asked, reading: { ...read('a'), access: found } }];
    expect(inspect(named, shown, snapshot({ nodes, answers })).questions).toEqual([question('a')]);
  });
});
