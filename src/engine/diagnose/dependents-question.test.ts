// When it is asked what depends on the pods of a workload.

import { expect, test } from '@jest/globals';

import { container, deployment, inPod, runsAsRoot, snapshot } from '../../../test/snapshot.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { DependentsAnswer } from '../model/question.ts';
import { diagnose } from './diagnose.ts';

const failing = container('app').waiting(inPod(runsAsRoot));
const web = snapshot().of(deployment('web'));
const labels = { app: 'web' };

function asked(from: Snapshot) {
  return diagnose(from).questions.filter(({ ask }) => ask === 'dependents');
}

function answered(from: Snapshot, about: Readonly<Record<string, string>>): Snapshot {
  const { workload } = from;
  if (!workload) throw new Error('no workload');
  const nothing = { services: [], ingresses: [], disruptionBudgets: [], autoscalers: [], unread: [] };
  const answer: DependentsAnswer = {
    question: { ask: 'dependents', workload: workload.ref, labels: about },
    dependents: nothing,
  };
  return { ...from, answers: [...from.answers, answer] };
}

test('asks with the labels of the newest pod that fails', () => {
  const from = web
    .pod((pod) => pod.createdAt('10:00:00').labelled({ app: 'web', hash: 'old' }).with(failing))
    .pod((pod) => pod.createdAt('11:00:00').labelled({ app: 'web', hash: 'new' }).with(failing))
    .pod((pod) =>
      pod.createdAt('11:30:00').labelled({ app: 'web', hash: 'well' }).with(container('app').running()),
    )
    .build();
  expect(asked(from)).toMatchObject([
    { workload: { kind: 'Deployment', name: 'web' }, labels: { app: 'web', hash: 'new' } },
  ]);
});

test('does not ask where nothing fails, or where there is no workload any more', () => {
  const well = web.pod((pod) => pod.with(container('app').running())).build();
  expect(asked(well)).toEqual([]);
  const { workload: _gone, ...orphan } = web.pod((pod) => pod.with(failing)).build();
  expect(asked(orphan)).toEqual([]);
});

test('does not ask again what is answered, unless the pods are labelled otherwise by now', () => {
  const from = web.pod((pod) => pod.labelled(labels).with(failing)).build();
  expect(asked(answered(from, { app: 'web' }))).toEqual([]);
  expect(asked(answered(from, { app: 'web', hash: 'old' }))).toHaveLength(1);
  expect(asked(answered(from, { app: 'api' }))).toHaveLength(1);
  const bare = web.pod((pod) => pod.with(failing)).build();
  expect(asked(answered(bare, {}))).toEqual([]);
});
