// What confirms that a program lacks a permission; and that words alone are said as a possibility, with nothing to apply.

import { describe, expect, test } from '@jest/globals';

import { container, deployment, snapshot } from '../../../../test/snapshot.ts';
import type { Diagnosis } from '../../model/diagnosis.ts';
import type { FoundAccess } from '../../model/image.ts';
import type { PermissionDenial } from '../../model/permission.ts';
import type { Pod, Terminated } from '../../model/pod.ts';
import type { Answer, ImageQuestion, LogQuestion, Question } from '../../model/question.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { mapContainers } from '../../platform/kubernetes/pod-containers.ts';
import { judge } from '../../judge.ts';

const write: PermissionDenial = { family: 'image-dir-ownership', path: '/var/data/x' };

type Given = {
  readonly denial?: PermissionDenial;
  readonly ended?: Partial<Terminated>;
  /** One volume of that kind, at /data. */
  readonly volume?: string;
};

/** A container of uid 10001 that crash-loops, and whose log names that permission. */
function crashed({ denial = write, ended = {}, volume }: Given): Snapshot {
  const security = { runAsUser: 10_001, runAsNonRoot: true };
  const made = snapshot()
    .of(deployment('web'))
    .declaring({ runAsNonRoot: true }, container('app').secured(security))
    .pod((pod) => pod.with(container('app').secured(security).crashLooping()))
    .happened('web-0')
    .build();
  const pods = made.pods.map((pod): Pod => {
    const manifest = mapContainers(pod.manifest, (one) => ({
      ...one,
      lastTerminated: { reason: 'Error', exitCode: 1, ...ended },
      ...(volume !== undefined && { volumeMounts: [{ name: 'data', mountPath: '/data' }] }),
    }));
    const volumes = volume === undefined ? [] : [{ name: 'data', [volume]: {} }];
    return { ...pod, manifest: { ...manifest, spec: { ...manifest.spec, volumes } } };
  });
  const given = { ...made, pods };
  const question = questionsIn(given).find((one): one is LogQuestion => one.ask === 'log');
  return question ? { ...given, answers: [...given.answers, { question, denial }] } : given;
}

const policy = { allowRootExemption: false };
const questionsIn = (given: Snapshot): readonly Question[] => judge(given, policy).questions;

const accessQuestion = (given: Snapshot): ImageQuestion | undefined =>
  questionsIn(given).find((one): one is ImageQuestion => one.ask === 'image' && one.access !== undefined);

/** With what the image says of the path; `unread`: it cannot be read. */
function withImage(given: Snapshot, access: FoundAccess | 'unread'): Snapshot {
  const question = accessQuestion(given);
  if (!question) throw new Error('the image was not asked for the path');
  const user = { is: 'resolved' as const, uid: 10_001, detail: '' };
  const answer: Answer =
    access === 'unread'
      ? { question, reading: { is: 'unread', because: 'forbidden' } }
      : { question, reading: { is: 'read', digest: 'sha256:a', written: '10001', user, risks: [], access } };
  return { ...given, answers: [...given.answers, answer] };
}

function verdictOn(given: Snapshot): {
  finding: Diagnosis['status'];
  isPossible: boolean;
  type?: string;
  patch?: string;
} {
  const { status } = judge(given, policy);
  const [finding] = status?.findings ?? [];
  return {
    finding: status,
    isPossible: finding?.unconfirmed === true,
    ...(status?.fix && { type: status.fix.type }),
    ...(status?.fix?.patch !== undefined && { patch: status.fix.patch }),
  };
}

describe('words of a log alone', () => {
  const refuted = { detail: '/var/data is writable by 10001', isAllowed: true };
  test.each<readonly [string, Snapshot]>([
    ['while the image is being read', crashed({})],
    ['where the image cannot be read', withImage(crashed({}), 'unread')],
    ['where the image allows it', withImage(crashed({}), refuted)],
    [
      'in an empty directory, which is open to all',
      crashed({ denial: { ...write, path: '/data/x' }, volume: 'emptyDir' }),
    ],
    ['without a path', crashed({ denial: { family: 'image-dir-ownership' } })],
    ['of a program that cannot be executed', crashed({ denial: { family: 'exec-mode' } })],
  ])('%s are a possibility, and nothing is patched', (_why, given) => {
    const { isPossible, type, patch, finding } = verdictOn(given);
    expect({ isPossible, type, patch }).toEqual({ isPossible: true, type: 'Manual', patch: undefined });
    expect(finding?.summary).toContain('only its log names a possible reason');
    expect(finding?.fix?.summary).toMatch(/^possibly: .*only the log says so/);
    expect(finding?.fix?.command).toBeUndefined();
    expect(JSON.stringify(finding?.fix?.alternatives ?? [])).not.toContain('patch');
  });
});

describe('confirmed', () => {
  test.each<readonly [string, Snapshot]>([
    ['by the image', withImage(crashed({}), { detail: '/var/data is owned by 0:0', isAllowed: false })],
    [
      'by a volume that the path is on',
      crashed({ denial: { family: 'volume-ownership', path: '/data/x' }, volume: 'persistentVolumeClaim' }),
    ],
    ['by a port', crashed({ denial: { family: 'bind-privileged-port', port: 80 } })],
    ['by a change of user', crashed({ denial: { family: 'privilege-drop' } })],
    [
      'by how a shell ends',
      crashed({ denial: { family: 'exec-mode', path: '/app/x' }, ended: { exitCode: 126 } }),
    ],
  ])('%s, it is what it says', (_why, given) => {
    const { isPossible, finding } = verdictOn(given);
    expect(isPossible).toBe(false);
    expect(finding?.cause).toBe('NonRootPermissionDenied');
    expect(JSON.stringify(finding)).not.toContain('possibl');
  });

  test('by the runtime’s own words', () => {
    const message =
      'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "/app/start": permission denied: unknown';
    const given = crashed({ ended: { reason: 'StartError', exitCode: 128, message } });
    expect(verdictOn(given)).toMatchObject({
      isPossible: false,
      finding: { cause: 'NonRootPermissionDenied' },
    });
  });
});

test('of a file that was to be read, the image is asked whether it can be read', () => {
  expect(accessQuestion(crashed({ denial: { ...write, attempt: 'read' } }))?.access?.wanted).toBe('read');
  expect(
    accessQuestion(crashed({ denial: { family: 'secret-mode', path: '/etc/tls/tls.key' } }))?.access?.wanted,
  ).toBe('read');
  expect(accessQuestion(crashed({}))?.access?.wanted).toBe('write');
  expect(
    accessQuestion(crashed({ denial: { ...write, attempt: 'makeDirectory' } }))?.access,
  ).not.toHaveProperty('wanted');
});

test('what the image confirmed before a restart stays confirmed until it has been read again', () => {
  const given = withImage(crashed({}), { detail: '/var/data is owned by 0:0', isAllowed: false });
  const { status } = judge(given, policy);
  const recorded = { status } as unknown as NonNullable<Snapshot['recorded']>;
  expect(verdictOn({ ...crashed({}), recorded }).isPossible).toBe(false);
});
