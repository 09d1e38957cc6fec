// Containers that wait behind the one that fails, and will fail the same check.

import { describe, expect, test } from '@jest/globals';

import {
  container,
  deployment,
  ephemeralContainer,
  initContainer,
  inPod,
  named,
  runsAsRoot,
  sidecar,
  snapshot,
  zero,
} from '../../../test/snapshot.ts';
import type { ImageReading } from '../model/question.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { diagnose } from './diagnose.ts';

const waits = (name: string, kind = container) => kind(name).waiting('', 'PodInitializing');
const first = initContainer('wait').waiting(inPod(named('appuser'), 'web-0', 'wait'));

/** Judged twice: the second time with an answer to each question about an image. */
function judged(given: Snapshot, users: Readonly<Record<string, string>>) {
  const answers = diagnose(given).questions.flatMap((question) => {
    const user = question.ask === 'image' ? users[question.reference] : undefined;
    if (question.ask !== 'image' || user === undefined) return [];
    const reading: ImageReading = {
      is: 'read',
      digest: 'sha256:1',
      written: user,
      user: { is: 'notNeeded', detail: '' },
      risks: [],
    };
    return { question, reading };
  });
  const { findings } = diagnose({ ...given, answers: [...given.answers, ...answers] }).verdict;
  return findings.map(({ container: { name }, predicted = false, message }) => ({
    name,
    predicted,
    message,
  }));
}

const web = () => snapshot().of(deployment('web'));
const image = (name: string) => `registry.example/${name}:1`;

describe('a pod whose first container fails', () => {
  test('tells at once which of the others will fail, in the words that the kubelet will use', () => {
    const given = web().pod((pod) => pod.with(first, waits('mesh', sidecar), waits('app'), waits('fine')));
    const users = { [image('mesh')]: '', [image('app')]: 'node:node', [image('fine')]: '65532' };
    expect(judged(given.build(), users)).toEqual([
      { name: 'wait', predicted: false, message: named('appuser') },
      { name: 'mesh', predicted: true, message: runsAsRoot },
      { name: 'app', predicted: true, message: named('node') },
    ]);
  });

  test('needs no image where the settings alone decide', () => {
    const given = web().pod((pod) => pod.with(first, waits('app').secured({ runAsUser: 0 })));
    expect(judged(given.build(), {})[1]).toEqual({ name: 'app', predicted: true, message: zero });
  });

  test('predicts nothing of an image that has not been read, of a container that has run, or of one for debugging', () => {
    const ran = waits('app').startedAt('11:00:00').secured({ runAsUser: 0 });
    const debug = ephemeralContainer('debug').secured({ runAsUser: 0 });
    const given = web().pod((pod) => pod.with(first, ran, debug, waits('unread')));
    expect(judged(given.build(), {})).toHaveLength(1);
  });
});

test('a pod that fails for nothing of ours predicts nothing', () => {
  const given = web().pod((pod) => pod.with(waits('app').secured({ runAsUser: 0 })));
  expect(judged(given.build(), {})).toEqual([]);
});
