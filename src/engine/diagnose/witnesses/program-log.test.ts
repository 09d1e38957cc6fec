// When a container that died is said to lack a permission, what is asked first, and when no container is accused.

import { describe, expect, test } from '@jest/globals';

import { at, container, deployment, manifestOf, snapshot } from '../../../../test/snapshot.ts';
import type { ContainerBuilder } from '../../../../test/snapshot.ts';
import type { Finding } from '../../model/finding.ts';
import type { PermissionDenial } from '../../model/permission.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { KnownContainer, Pod, SecuritySettings, Terminated } from '../../model/pod.ts';
import type { Answer, ImageReading, LogQuestion } from '../../model/question.ts';
import { mapContainers } from '../../platform/kubernetes/pod-containers.ts';
import { diagnose } from '../diagnose.ts';

const ended = (parts: Partial<Terminated> = {}) => ({
  reason: 'Error',
  exitCode: 1,
  ...parts,
});

/** A pod whose one container runs as that user and crash-loops. */
function crashing(
  security: SecuritySettings,
  change: Partial<KnownContainer> = {},
  build: (one: ContainerBuilder) => ContainerBuilder = (one) => one.crashLooping(),
): Snapshot {
  const made = snapshot()
    .of(deployment('web'))
    .declaring({ runAsNonRoot: true }, container('app').secured(security))
    .pod((pod) => pod.with(build(container('app').secured(security))))
    .happened('web-0')
    .build();
  const pods = made.pods.map((pod): Pod => ({
    ...pod,
    manifest: mapContainers(pod.manifest, (one) => ({ ...one, lastTerminated: ended(), ...change })),
  }));
  return { ...made, pods };
}

const logQuestion = (given: Snapshot): LogQuestion | undefined =>
  diagnose(given).questions.find((question): question is LogQuestion => question.ask === 'log');

function answered(given: Snapshot, denial?: PermissionDenial): Snapshot {
  const question = logQuestion(given);
  if (!question) throw new Error('no log was asked for');
  const answer: Answer = { question, ...(denial && { denial }) };
  return { ...given, answers: [...given.answers, answer] };
}

const findingsIn = (given: Snapshot): readonly Finding[] => diagnose(given).verdict.findings;

const denial: PermissionDenial = { family: 'image-dir-ownership', path: '/var/data/x' };

describe('a container that runs as a user that is not root and dies', () => {
  test('is not accused before its log has been read', () => {
    const given = crashing({ runAsUser: 10001 });
    expect(findingsIn(given)).toEqual([]);
    expect(logQuestion(given)).toMatchObject({
      pod: 'web-0',
      container: 'app',
      previous: true,
      hints: { uid: 10001 },
    });
  });

  test('lacks the permission that its log names, of which nothing else is kept', () => {
    const [finding] = findingsIn(answered(crashing({ runAsUser: 10001 }), denial));
    expect(finding).toMatchObject({
      cause: 'NonRootPermissionDenied',
      container: { name: 'app', type: 'Container' },
      family: 'image-dir-ownership',
      path: '/var/data/x',
      message: 'the program exits because a permission is missing (image-dir-ownership): /var/data/x',
    });
  });

  test('whose log shows nothing of the kind is not accused, and not asked again', () => {
    const given = answered(crashing({ runAsUser: 10001 }));
    expect(findingsIn(given)).toEqual([]);
    expect(logQuestion(given)).toBeUndefined();
  });

  test('that has just ended is asked for its own log, not for that of the run before', () => {
    expect(logQuestion(crashing({ runAsUser: 10001 }, {}, (one) => one.terminated(1)))).toMatchObject({
      previous: false,
    });
  });
});

describe('a pod of a Job that failed', () => {
  const failed = (newer: boolean): Snapshot => {
    const given = crashing({ runAsUser: 10001 }, {}, (one) => one.terminated(1));
    const [pod] = given.pods;
    if (!pod) throw new Error('no pod');
    const past = { ...pod, finished: true };
    const next: Pod = {
      ...pod,
      uid: 'next',
      name: 'next',
      createdTime: at('11:00:00'),
      manifest: manifestOf({}, []),
    };
    return { ...given, pods: newer ? [past, next] : [past] };
  };

  test('tells why', () => {
    expect(findingsIn(answered(failed(false), denial))).toMatchObject([{ cause: 'NonRootPermissionDenied' }]);
  });

  test('tells nothing any more once there is a newer one', () => {
    expect(logQuestion(failed(true))).toBeUndefined();
  });
});

describe('no container is asked about, or accused,', () => {
  test.each<[string, Snapshot]>([
    ['who runs as root', crashing({ runAsUser: 0, runAsNonRoot: false })],
    ['who was killed', crashing({ runAsUser: 10001 }, { lastTerminated: ended({ exitCode: 137 }) })],
    [
      'who ran out of memory',
      crashing({ runAsUser: 10001 }, { lastTerminated: ended({ reason: 'OOMKilled' }) }),
    ],
    [
      'who ended well',
      crashing({ runAsUser: 10001 }, { lastTerminated: ended({ exitCode: 0, reason: 'Completed' }) }),
    ],
    ['who runs', crashing({ runAsUser: 10001 }, {}, (one) => one.running())],
  ])('%s', (_who, given) => {
    expect(logQuestion(given)).toBeUndefined();
    expect(findingsIn(given)).toEqual([]);
  });
});

describe('where only the image says who runs', () => {
  const reading = (uid: number): ImageReading => ({
    is: 'read',
    digest: 'sha256:a',
    written: String(uid),
    user: { is: 'resolved', uid, detail: '' },
    risks: [],
  });
  const withImage = (uid: number): Snapshot => {
    const given = crashing({});
    const question = diagnose(given).questions.find((one) => one.ask === 'image');
    if (question?.ask !== 'image') throw new Error('no image was asked for');
    return { ...given, answers: [...given.answers, { question, reading: reading(uid) }] };
  };

  test('it is asked before the log', () => {
    expect(logQuestion(crashing({}))).toBeUndefined();
    expect(logQuestion(withImage(10001))).toMatchObject({ hints: { uid: 10001 } });
  });

  test('and root’s log is not read', () => {
    expect(logQuestion(withImage(0))).toBeUndefined();
  });
});

test('what the runtime itself says needs no log', () => {
  const message = 'exec: "/app/start": permission denied: unknown';
  const text = `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ${message}`;
  const given = crashing(
    { runAsUser: 10001 },
    { lastTerminated: ended({ reason: 'StartError', exitCode: 128, message: text }) },
  );
  expect(findingsIn(given)).toMatchObject([
    { cause: 'NonRootPermissionDenied', family: 'exec-mode', path: '/app/start' },
  ]);
});

describe('what was found before', () => {
  const recorded = (given: Snapshot): Snapshot => {
    const [finding] = findingsIn(answered(given, denial));
    if (!finding) throw new Error('nothing was found');
    const status = { state: 'Failing', firstSeenTime: at('11:00:00'), findings: [finding] };
    return { ...given, recorded: { status } as unknown as NonNullable<Snapshot['recorded']> };
  };

  test('holds until the log has been read again', () => {
    const given = recorded(crashing({ runAsUser: 10001 }));
    expect(findingsIn(given)).toMatchObject([{ path: '/var/data/x' }]);
    expect(findingsIn(answered(given))).toEqual([]);
  });

  test('holds for a moment after the next start, and no longer', () => {
    const running = (time: string) =>
      recorded(crashing({ runAsUser: 10001 })).pods.length > 0
        ? {
            ...recorded(crashing({ runAsUser: 10001 })),
            pods: crashing({ runAsUser: 10001 }, { lastStartedTime: at(time) }, (one) => one.running()).pods,
          }
        : snapshot().build();
    expect(findingsIn(running('11:59:30'))).toHaveLength(1);
    expect(findingsIn(running('11:50:00'))).toEqual([]);
  });
});
