// What holds of a container while its status does not say it: Events, then the record.

import { describe, expect, test } from '@jest/globals';

import {
  administrator,
  container,
  inEvent,
  initContainer,
  inPod,
  named,
  runsAsRoot,
  sidecar,
  zero,
  type SnapshotBuilder,
} from '../../../../test/snapshot.ts';
import { app, causesOf, failing, findingsOf, questionsOf, web } from '../../../../test/web.ts';
import type { Finding } from '../../model/finding.ts';
import { diagnose } from '../diagnose.ts';

const crashing = (change = app().crashLooping().startedAt('10:30:00')): SnapshotBuilder =>
  web().pod((pod) => pod.with(change));

const after = (...events: Parameters<SnapshotBuilder['happened']>[1][]): readonly string[] =>
  causesOf(crashing().happened('web-0', ...events));

const forged = (security: object, sentence: string): readonly string[] =>
  causesOf(
    crashing(app().secured(security).crashLooping()).happened('web-0', {
      message: inEvent(sentence),
      time: '11:00:00',
    }),
  );

const young = (time: string, findings: readonly Finding[]): SnapshotBuilder =>
  web()
    .pod((pod) => pod.createdAt('11:00:00').with(app().crashLooping()))
    .recorded(time, findings);

describe('a status that says only CrashLoopBackOff or terminated', () => {
  test('raises a question and says nothing until it is answered', () => {
    for (const change of [
      app().crashLooping().startedAt('10:30:00'),
      app().terminated().startedAt('10:30:00'),
      app().terminated(0).startedAt('10:30:00'),
      app().waiting(''),
      app().waiting('', ''),
    ]) {
      expect(diagnose(crashing(change).build()).questions).toEqual([
        { ask: 'events', namespace: 'shop', pod: 'web-0', podUid: 'uid-of-web-0' },
      ]);
      expect(findingsOf(crashing(change))).toEqual([]);
      expect(questionsOf(crashing(change).happened('web-0'))).toEqual([]);
      expect(questionsOf(crashing(change).denied('web-0'))).toEqual([]);
    }
  });

  test('raises none where the settings let the container pass, or where nothing will start again', () => {
    const loop = app().crashLooping();
    expect(questionsOf(web().pod((pod) => pod.secured({}).with(loop)))).toEqual([]);
    expect(questionsOf(web().pod((pod) => pod.with(loop.secured({ runAsNonRoot: false }))))).toEqual([]);
    expect(questionsOf(web().pod((pod) => pod.with(loop.secured({ runAsUser: 1000 }))))).toEqual([]);
    expect(questionsOf(web().pod((pod) => pod.finished().with(app().terminated())))).toEqual([]);
    expect(questionsOf(web().pod((pod) => pod.with(loop.secured({ runAsUserName: 'svc' }))))).toEqual([
      'web-0',
    ]);
    expect(questionsOf(web().pod((pod) => pod.with(loop.secured({ runAsUser: 0 }))))).toEqual(['web-0']);
  });

  test('is the same finding as the status that alternates with it, byte for byte', () => {
    const told = crashing(
      app()
        .waiting(inPod(named('DOMAIN\\svc "x"')))
        .startedAt('10:30:00'),
    );
    const untold = crashing().happened('web-0', {
      message: inEvent(named('DOMAIN\\svc "x"')),
      time: '10:30:11',
    });
    const recorded = crashing().denied('web-0').recorded('10:30:11', findingsOf(told));
    expect(findingsOf(told)).toHaveLength(1);
    expect(JSON.stringify(diagnose(untold.build()).verdict)).toBe(
      JSON.stringify(diagnose(told.build()).verdict),
    );
    expect(JSON.stringify(diagnose(recorded.build()).verdict)).toBe(
      JSON.stringify(diagnose(told.build()).verdict),
    );
  });

  test('stays the same even for a user too long to keep whole', () => {
    const told = crashing(app().waiting(inPod(named('🚀'.repeat(500)))));
    expect(findingsOf(crashing().recorded('11:00:00', findingsOf(told)))).toEqual(findingsOf(told));
  });

  test('is judged by the newest failure since the container last began to run', () => {
    const ours = { message: inEvent(runsAsRoot) };
    const other = { message: 'Error: secret "credentials" not found' };
    const finding = ['ImageRunsAsRoot Container app'];

    expect(after({ ...ours, time: '10:30:01' })).toEqual(finding);
    expect(after({ ...ours, time: '10:30:00' })).toEqual([]);
    expect(after({ ...ours, time: '10:29:59' })).toEqual([]);
    expect(after({ ...other, time: '10:31:00' }, { ...ours, time: '10:32:00' })).toEqual(finding);
    expect(after({ ...ours, time: '10:31:00' }, { ...other, time: '10:32:00' })).toEqual([]);
    expect(after({ ...ours, time: '10:31:00' }, { ...other, time: '10:31:00' })).toEqual([]);
    expect(after({ ...other, time: '10:31:00' }, { ...ours, time: '10:31:00' })).toEqual([]);
    expect(after({ ...ours, time: '10:31:00' }, { ...ours, time: '10:31:00' })).toEqual(finding);
    expect(after({ ...other, time: '10:29:00' }, { ...ours, time: '10:31:00' })).toEqual(finding);
    expect(
      after({ ...ours, message: `(combined from similar events): ${ours.message}`, time: '10:31:00' }),
    ).toEqual(finding);
  });

  test('takes any failure where the container never began to run', () => {
    const builder = crashing(app().waiting('')).happened('web-0', {
      message: inEvent(runsAsRoot),
      time: '10:00:01',
    });
    expect(causesOf(builder)).toEqual(['ImageRunsAsRoot Container app']);
  });

  test('takes no Event of another container, list, pod or reason, and none that merely quotes the kubelet', () => {
    const event = { message: inEvent(runsAsRoot), time: '11:00:00' };
    const others = [
      { ...event, container: 'other' },
      { ...event, podUid: 'uid-of-web-9' },
      { ...event, type: 'InitContainer' as const },
      { ...event, reason: 'BackOff' },
      { ...event, message: `Error: failed to start: ${inPod(runsAsRoot)}` },
    ];
    for (const other of others) expect(causesOf(crashing().happened('web-0', other))).toEqual([]);
    expect(causesOf(crashing().happened('web-9', event))).toEqual([]);
  });

  test("reads a sidecar's Events among those of init containers", () => {
    const builder = web()
      .pod((pod) => pod.with(sidecar('proxy').crashLooping().startedAt('10:30:00')))
      .happened('web-0', {
        message: inEvent(runsAsRoot),
        time: '11:00:00',
        container: 'proxy',
        type: 'InitContainer',
      });
    expect(causesOf(builder)).toEqual(['ImageRunsAsRoot Sidecar proxy']);
  });

  test('believes no Event against the settings, for Events can be forged', () => {
    expect(forged({ runAsNonRoot: false }, runsAsRoot)).toEqual([]);
    expect(forged({ runAsUser: 1000 }, runsAsRoot)).toEqual([]);
    expect(forged({ runAsUser: 1000 }, zero)).toEqual([]);
    expect(forged({ runAsUser: 0 }, runsAsRoot)).toEqual([]);
    expect(forged({}, zero)).toEqual([]);
    expect(forged({ runAsUser: 0 }, zero)).toEqual(['RunAsUserIsRoot Container app']);
    expect(forged({ runAsUser: 1000 }, administrator)).toEqual(['WindowsAdministrator Container app']);
  });

  describe('without an Event', () => {
    const [found] = findingsOf(web().pod((pod) => pod.with(failing)));
    const record = found ? [found] : [];
    const finding = ['ImageRunsAsRoot Container app'];

    test('keeps what is recorded, whether the question is open, denied or answered with nothing', () => {
      for (const builder of [crashing(), crashing().denied('web-0'), crashing().happened('web-0')]) {
        expect(causesOf(builder.recorded('10:30:01', record))).toEqual(finding);
      }
      expect(
        causesOf(crashing(app().terminated().startedAt('10:30:00')).recorded('10:30:01', record)),
      ).toEqual(finding);
    });

    test('drops it once the container has begun to run and its Events say no more', () => {
      for (const time of ['10:30:00', '10:29:59', '10:25:01'])
        expect(causesOf(crashing().happened('web-0').recorded(time, record))).toEqual([]);
    });

    test("keeps it where Events cannot tell and the kubelet's clock may be minutes ahead of ours", () => {
      for (const builder of [crashing(), crashing().denied('web-0')]) {
        expect(causesOf(builder.recorded('10:30:00', record))).toEqual(finding);
        expect(causesOf(builder.recorded('10:25:01', record))).toEqual(finding);
        expect(causesOf(builder.recorded('10:25:00', record))).toEqual([]);
      }
    });

    test('does not carry it over to a pod that is younger', () => {
      expect(causesOf(young('10:59:00', record))).toEqual([]);
      expect(causesOf(young('11:00:00', record))).toEqual([]);
      expect(causesOf(young('11:00:01', record))).toEqual(finding);
    });

    test('does not carry it over to another container, image or settings, or to a pod that has finished', () => {
      const loop = app().crashLooping().startedAt('10:30:00');
      const silent = [
        crashing(container('other').image('registry.example/app:1').crashLooping().startedAt('10:30:00')),
        crashing(initContainer('app').crashLooping().startedAt('10:30:00')),
        crashing(loop.image('registry.example/app:2')),
        crashing(loop.secured({ runAsUser: 1000 })),
        crashing(loop.secured({ runAsUser: 0 })),
        web().pod((pod) => pod.finished().with(app().terminated().startedAt('10:30:00'))),
        crashing(app().waiting('')),
      ];
      for (const builder of silent) expect(causesOf(builder.recorded('11:00:00', record))).toEqual([]);
    });

    test('does not use a record that is resolved, nor one that a newer failure contradicts', () => {
      expect(causesOf(crashing().recorded('11:00:00', record, 'Resolved'))).toEqual([]);
      const contradicted = crashing().happened('web-0', { message: 'Error: ErrImagePull', time: '11:30:00' });
      expect(causesOf(contradicted.recorded('11:00:00', record))).toEqual([]);
    });
  });

  test('asks about the newest of many pods, and about no others however often it is judged', () => {
    const many = Array.from({ length: 50 }, (_, index) => index).reduce(
      (builder, index) =>
        builder.pod((pod) =>
          pod.createdAt(`10:00:${String(index).padStart(2, '0')}`).with(app().crashLooping()),
        ),
      web(),
    );
    expect(questionsOf(many)).toHaveLength(10);
    expect(questionsOf(many)[0]).toBe('web-49');
    expect(questionsOf(many.happened('web-49'))).toEqual(questionsOf(many).slice(1));
  });
});
