// Which pods of a controller are in the same state.

import { expect, test } from '@jest/globals';

import {
  crashLoopBackOff,
  imageRunsAsRoot,
  nonNumericUser,
  pod,
  replicaSet,
} from '../../../test/apiserver/story.ts';
import { podState } from './pod-state.ts';
import { projectPod } from './project-pod.ts';

function stateOf(story: { readonly pod: () => unknown }): string {
  const projected = projectPod(story.pod());
  if (!projected) throw new Error('no pod');
  return podState(projected);
}

const web = (name: string) => pod(name).in('shop').of(replicaSet('web-abc'));

test('Two that wait for the same reason are, though the kubelet names each pod in its message', () => {
  const [one, other] = ['web-abc-1', 'web-abc-2'].map((name) => web(name).waiting('app', imageRunsAsRoot()));
  expect(one?.pod()).not.toEqual(other?.pod());
  expect(one && stateOf(one)).toBe(other && stateOf(other));
});

test.each([
  ['another reason', web('web-abc-2').waiting('app', nonNumericUser('x'))],
  ['another container', web('web-abc-2').container('other').waiting('other', imageRunsAsRoot())],
  ['no reason', web('web-abc-2').running('app')],
  ['another end before that', web('web-abc-2').crashed('app', 1, crashLoopBackOff())],
  [
    'another controller',
    pod('web-abc-2').in('shop').of(replicaSet('web-def')).waiting('app', imageRunsAsRoot()),
  ],
])('One that has %s is in another state', (_, other) => {
  expect(stateOf(other)).not.toBe(stateOf(web('web-abc-1').waiting('app', imageRunsAsRoot())));
});
