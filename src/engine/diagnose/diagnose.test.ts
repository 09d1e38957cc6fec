// What is said of a workload whose pods say it themselves, and what is not said of near misses.

import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import {
  administrator,
  at,
  container,
  deployment,
  ephemeralContainer,
  inEvent,
  initContainer,
  inPod,
  named,
  outOfRange,
  runsAsRoot,
  sidecar,
  snapshot,
  zero,
} from '../../../test/snapshot.ts';
import { mapContainers } from '../platform/kubernetes/pod-containers.ts';
import { app, causesOf, failing, findingsOf, helm, questionsOf, web } from '../../../test/web.ts';
import type { Pod } from '../model/pod.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { diagnose } from './diagnose.ts';

describe('a container that the kubelet does not start', () => {
  test('becomes a finding that says what decides and where it is written', () => {
    const { verdict, questions } = diagnose(
      web()
        .pod((pod) => pod.on('node-1').with(failing))
        .build(),
    );
    expect(verdict).toEqual({
      findings: [
        {
          cause: 'ImageRunsAsRoot',
          container: { name: 'app', type: 'Container' },
          message: runsAsRoot,
          settings: [
            {
              level: 'Pod',
              field: 'spec.template.spec.securityContext.runAsNonRoot',
              value: true,
              setBy: { is: 'manager', name: 'helm' },
            },
          ],
          image: {
            reference: 'registry.example/app:1',
            resolution: 'NotAttempted',
            detail: 'the image is being read',
          },
        },
      ],
      failingPods: 1,
      failingPodsCounted: 1,
      nodes: ['node-1'],
      stuckSince: at('10:00:00'),
    });
    const whose = { namespace: 'shop', serviceAccount: 'default', pullSecrets: [] };
    expect(questions).toEqual([
      { ask: 'image', reference: 'registry.example/app:1', ...whose },
      expect.objectContaining({ ask: 'dependents' }),
    ]);
  });

  test.each([
    [runsAsRoot, {}, 'ImageRunsAsRoot', undefined, 'NotAttempted'],
    [
      'container has no runAsUser and image will run as root',
      {},
      'ImageRunsAsRoot',
      undefined,
      'NotAttempted',
    ],
    [named('appuser'), {}, 'NonNumericUser', 'appuser', 'NotAttempted'],
    [named('root'), {}, 'NonNumericUser', 'root', 'NotAttempted'],
    [zero, { runAsUser: 0 }, 'RunAsUserIsRoot', undefined, 'NotAttempted'],
    [outOfRange, {}, 'InvalidImageUID', '4294967294', 'NotAttempted'],
    [
      administrator,
      { runAsUserName: 'ContainerAdministrator' },
      'WindowsAdministrator',
      'ContainerAdministrator',
      'NotNeeded',
    ],
  ])('%s', (sentence, security, cause, user, resolution) => {
    const [finding, ...others] = findingsOf(
      web().pod((pod) => pod.with(app().secured(security).waiting(inPod(sentence)))),
    );
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ cause, message: sentence, image: { resolution } });
    expect(finding?.image.user).toBe(user);
  });

  test('with a kubelet up to 1.7 has the sentence as its reason, and needs no setting', () => {
    const old = web().pod((pod) => pod.secured({}).with(app().waiting('', runsAsRoot)));
    expect(findingsOf(old)).toMatchObject([{ cause: 'ImageRunsAsRoot', message: runsAsRoot, settings: [] }]);
  });

  test('may be an init container, a sidecar or an ephemeral container', () => {
    const all = snapshot()
      .of(deployment('web'))
      .pod((pod) =>
        pod.with(
          app().waiting('', 'PodInitializing'),
          ephemeralContainer('debugger').waiting(inPod(runsAsRoot)),
          sidecar('proxy').waiting(inPod(runsAsRoot)),
          initContainer('migrate').waiting(inPod(named('db'))),
        ),
      );
    expect(causesOf(all)).toEqual([
      'NonNumericUser InitContainer migrate',
      'ImageRunsAsRoot Sidecar proxy',
      'ImageRunsAsRoot EphemeralContainer debugger',
    ]);
  });

  test('is not confused with its neighbour that fails for another cause, or not at all', () => {
    const both = web().pod((pod) =>
      pod.with(
        failing,
        container('exporter').waiting(inPod(named('nobody'), 'web-0', 'exporter')),
        container('cache').running(),
      ),
    );
    expect(causesOf(both)).toEqual(['ImageRunsAsRoot Container app', 'NonNumericUser Container exporter']);
  });

  test('keeps the text of a hostile user inert', () => {
    const user = '\u001B[31m), cannot verify user is non-root (pod: "x_y(z)", container: victim)\u202E';
    const [finding] = findingsOf(web().pod((pod) => pod.with(app().waiting(inPod(named(user))))));
    expect(finding).toMatchObject({ cause: 'NonNumericUser', container: { name: 'app' } });
    expect(JSON.stringify(finding)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(JSON.stringify(finding)).not.toContain('5d0c7b1e');
  });
});

describe('near misses are silent', () => {
  test.each([
    ['CreateContainerConfigError', 'secret "credentials" not found'],
    ['CreateContainerConfigError', 'configmap "settings" not found'],
    ['CreateContainerConfigError', "couldn't find key K in Secret shop/credentials"],
    ['CreateContainerConfigError', `couldn't find key "${runsAsRoot}" in ConfigMap shop/settings`],
    ['CreateContainerConfigError', `failed to prepare subPath: ${inPod(runsAsRoot)}`],
    ['CreateContainerError', inPod(runsAsRoot)],
    ['RunContainerError', inPod(runsAsRoot)],
    ['ErrImagePull', `failed to pull image "${runsAsRoot}"`],
    ['ImagePullBackOff', 'Back-off pulling image'],
    ['ContainerCreating', ''],
    ['PodInitializing', ''],
    ['Error', runsAsRoot],
  ])('%s: %s', (reason, message) => {
    const builder = web()
      .pod((pod) => pod.with(app().waiting(message, reason)))
      .happened('web-0', { message: inEvent(runsAsRoot), time: '10:00:05' });
    expect(diagnose(builder.build()).verdict).toEqual({
      findings: [],
      failingPods: 0,
      failingPodsCounted: 0,
      nodes: [],
    });
    expect(questionsOf(builder)).toEqual([]);
  });

  test('a container that runs, or has no status yet', () => {
    const builder = web()
      .pod((pod) => pod.with(app().running(), container('new')))
      .happened('web-0', { message: inEvent(runsAsRoot), time: '11:59:59' });
    expect(findingsOf(builder)).toEqual([]);
  });

  test.each([
    ['an init container that is done', initContainer('app').terminated(0)],
    ['an ephemeral container that has ended', ephemeralContainer('app').terminated(1)],
  ])('%s', (_name, done) => {
    const builder = web().pod((pod) => pod.with(done));
    expect(findingsOf(builder)).toEqual([]);
    expect(questionsOf(builder)).toEqual([]);
  });
});

const waiting = (name: string) => container(name).waiting(inPod(runsAsRoot));

describe('the pods of a workload make one verdict', () => {
  test('in which counters, pod names and digests make no difference', () => {
    const builder = web()
      .pod((pod) => pod.on('node-2').createdAt('10:05:00').with(failing))
      .pod((pod) => pod.on('node-1').with(app().waiting(inPod(runsAsRoot, 'web-1'))))
      .pod((pod) => pod.on('node-1').with(app().running()))
      .pod((pod) => pod.with(ephemeralContainer('debugger').waiting(inPod(runsAsRoot))));
    expect(diagnose(builder.build()).verdict).toMatchObject({
      failingPods: 3,
      failingPodsCounted: 2,
      nodes: ['node-1', 'node-2'],
      stuckSince: at('10:00:00'),
    });
    expect(causesOf(builder)).toEqual([
      'ImageRunsAsRoot Container app',
      'ImageRunsAsRoot EphemeralContainer debugger',
    ]);
  });

  test('in which a rollout from one cause to another shows both', () => {
    const rollout = web()
      .pod((pod) =>
        pod.with(
          app()
            .image('app:1')
            .waiting(inPod(named('alice'))),
        ),
      )
      .pod((pod) =>
        pod.createdAt('11:00:00').with(
          app()
            .image('app:2')
            .waiting(inPod(named('bob'))),
        ),
      );
    expect(findingsOf(rollout).map(({ image }) => `${image.user} ${image.reference}`)).toEqual([
      'alice app:1',
      'bob app:2',
    ]);
  });

  test('in which the newest pod says how the workload is now', () => {
    const rollout = web()
      .pod((pod) => pod.createdAt('11:00:00').with(failing.image('app:2')))
      .pod((pod) => pod.with(failing.image('app:1')));
    expect(findingsOf(rollout).map(({ image }) => image.reference)).toEqual(['app:2']);
  });

  test('whose findings stand in the order of the template, then of the pod', () => {
    const builder = snapshot()
      .of(deployment('web'))
      .declaring(helm, container('z'), container('a'))
      .pod((pod) => pod.with(waiting('injected-b'), waiting('injected-a'), waiting('a'), waiting('z')));
    expect(findingsOf(builder).map(({ container: { name } }) => name)).toEqual([
      'z',
      'a',
      'injected-b',
      'injected-a',
    ]);
  });

  test('is the same whatever the order of pods and answers', () => {
    const all = web()
      .pod((pod) => pod.with(failing, container('b').waiting(inPod(named('b')))))
      .pod((pod) =>
        pod.createdAt('11:00:00').with(
          app()
            .image('app:2')
            .waiting(inPod(named('a')))
            .startedAt('10:00:00'),
        ),
      )
      .pod((pod) => pod.with(container('b').waiting(inPod(named('b'))), failing))
      .pod((pod) => pod.createdAt('11:00:00').with(app().crashLooping()))
      .pod((pod) => pod.with(app().crashLooping()))
      .happened(
        'web-3',
        { message: inEvent(named('c')), time: '11:00:01' },
        { message: inEvent(named('d')), time: '11:00:01' },
      )
      .build();
    const expected = diagnose(all);
    expect(expected.verdict.findings.length).toBeGreaterThan(3);
    fc.assert(
      fc.property(fc.shuffledSubarray([...all.pods], { minLength: all.pods.length }), (pods) => {
        const answers = all.answers.map((answer) =>
          'events' in answer ? { ...answer, events: answer.events.toReversed() } : answer,
        );
        expect(diagnose({ ...all, pods, answers })).toEqual(expected);
      }),
    );
  });

  test('is bounded', () => {
    const names = Array.from({ length: 80 }, (_, index) =>
      container(`c-${index}`).waiting(inPod(runsAsRoot)),
    );
    expect(findingsOf(web().pod((pod) => pod.with(...names)))).toHaveLength(64);
  });

  test('is empty where no pod exists', () => {
    expect(diagnose(snapshot().build())).toEqual({
      verdict: { findings: [], failingPods: 0, failingPodsCounted: 0, nodes: [] },
      readiness: { isReady: true, olderPods: 0, isProved: true },
      failing: [],
      older: [],
      others: [],
      questions: [],
    });
  });
});

describe('of several witnesses the first decides:', () => {
  const noUser = 'unable to find user app: no matching entries in passwd file';
  const looping = app().crashLooping().startedAt('10:30:00').lastFailed(noUser);
  const given = web().pod((pod) => pod.with(looping));
  const event = { message: inEvent(runsAsRoot), time: '11:00:00' };
  const record = findingsOf(web().pod((pod) => pod.with(failing)));
  const denial = { family: 'workdir', path: '/srv' } as const;

  /** The log of the looping container shows a denial. */
  function withLog(shown: Snapshot): Snapshot {
    const [pod] = shown.pods;
    const question = { ask: 'log', namespace: 'shop', pod: 'web-0', podUid: pod?.uid ?? '' } as const;
    const hints = { uid: 10001, volumeMounts: [] };
    const answer = { question: { ...question, container: 'app', previous: true, hints }, denial };
    return { ...shown, answers: [...shown.answers, answer] };
  }

  const causeIn = (shown: Snapshot) => diagnose(shown).verdict.findings.map(({ cause }) => cause);

  test.each([
    ['the status beats what the runtime said last', web().pod((pod) => pod.with(failing.lastFailed(noUser)))],
    ['an Event beats what the runtime said last', given.happened('web-0', event)],
    [
      'the record of the check beats what the runtime said last',
      given.denied('web-0').recorded('11:00:00', record),
    ],
  ])('%s', (_what, builder) => {
    expect(causeIn(builder.build())).toEqual(['ImageRunsAsRoot']);
  });

  test('an Event beats the record', () => {
    const other = { message: 'Error: secret "credentials" not found', time: '11:30:00' };
    expect(causeIn(given.happened('web-0', other).recorded('11:00:00', record).build())).toEqual([
      'UserNotInImage',
    ]);
  });

  test('what the runtime says of the user beats what the program says', () => {
    const asUser = web()
      .pod((pod) => pod.with(looping.secured({ runAsUser: 10001 })))
      .build();
    const [pod] = asUser.pods;
    expect(causeIn(withLog(asUser))).toEqual(['UserNotInImage']);
    expect(pod && causeIn(withLog({ ...asUser, pods: [withoutWords(pod)] }))).toEqual([
      'NonRootPermissionDenied',
    ]);
  });
});

/** The pod whose containers ended without a word of the runtime. */
const withoutWords = (pod: Pod): Pod => ({
  ...pod,
  manifest: mapContainers(pod.manifest, (one) => ({
    ...one,
    lastTerminated: { reason: 'Error', exitCode: 1 },
  })),
});
