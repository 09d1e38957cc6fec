// Which fields decide, where they stand and who set them.

import { describe, expect, test } from '@jest/globals';

import {
  administrator,
  barePod,
  cronJob,
  deployment,
  ephemeralContainer,
  initContainer,
  inPod,
  runsAsRoot,
  sidecar,
  snapshot,
  zero,
  type SnapshotBuilder,
} from '../../../test/snapshot.ts';
import { app, failing, findingsOf, helm, web } from '../../../test/web.ts';
import { recordedFinding } from '../report/status/recorded-finding.ts';

const settingsOf = (builder: SnapshotBuilder): readonly string[] =>
  findingsOf(builder)
    .map(recordedFinding)
    .flatMap(({ settings }) =>
      settings.map(({ level, field, value, setBy }) => `${level} ${field} = ${String(value)} by ${setBy}`),
    );

describe('the settings that decide', () => {
  test('stand at the level that wins, field by field', () => {
    const container0 = app().secured({ runAsUser: 0, managers: { runAsUser: 'kubectl-edit' } });
    const builder = snapshot()
      .of(cronJob('nightly'))
      .declaring({ ...helm, runAsUser: 10001 }, container0)
      .pod((pod) =>
        pod.secured({ runAsNonRoot: true, runAsUser: 10001 }).with(container0.waiting(inPod(zero))),
      );
    expect(settingsOf(builder)).toEqual([
      'Pod spec.jobTemplate.spec.template.spec.securityContext.runAsNonRoot = true by helm',
      'Container spec.jobTemplate.spec.template.spec.containers[name=app].securityContext.runAsUser = 0 by kubectl-edit',
    ]);
  });

  test.each([
    [initContainer('app'), 'initContainers'],
    [sidecar('app'), 'initContainers'],
    [app(), 'containers'],
  ])('of each kind of container stand in its list', (builder, list) => {
    const strict = builder.secured({ runAsNonRoot: true });
    expect(
      settingsOf(
        snapshot()
          .of(deployment('web'))
          .declaring({}, strict)
          .pod((pod) => pod.secured({}).with(strict.waiting(inPod(runsAsRoot)))),
      ),
    ).toEqual([
      `Container spec.template.spec.${list}[name=app].securityContext.runAsNonRoot = true by unknown`,
    ]);
  });

  test('were put there by admission where the template does not have them, or not so', () => {
    const bare = snapshot().of(deployment('web')).declaring({}, app());
    expect(settingsOf(bare.pod((pod) => pod.with(failing)))).toEqual([
      'Pod spec.securityContext.runAsNonRoot = true by admission, unnamed',
    ]);
    const changed = snapshot()
      .of(deployment('web'))
      .declaring({ runAsNonRoot: false, managers: { runAsNonRoot: 'helm' } });
    expect(settingsOf(changed.pod((pod) => pod.secured(helm).with(failing)))).toEqual([
      'Pod spec.securityContext.runAsNonRoot = true by admission, unnamed',
    ]);
    const injected = sidecar('proxy').secured({ runAsNonRoot: true });
    expect(settingsOf(bare.pod((pod) => pod.secured({}).with(injected.waiting(inPod(runsAsRoot)))))).toEqual([
      'Container spec.initContainers[name=proxy].securityContext.runAsNonRoot = true by admission, unnamed',
    ]);
  });

  test('come from an earlier template where the pod has a field manager for them', () => {
    const fixed = snapshot().of(deployment('web')).declaring({}, app());
    const owned = { runAsNonRoot: true, managers: { runAsNonRoot: 'kube-controller-manager' } };
    expect(settingsOf(fixed.pod((pod) => pod.secured(owned).with(failing)))).toEqual([
      'Pod spec.securityContext.runAsNonRoot = true by kube-controller-manager',
    ]);
  });

  test('have no known author where the workload could not be read', () => {
    const owned = { runAsNonRoot: true, managers: { runAsNonRoot: 'kube-controller-manager' } };
    expect(
      settingsOf(
        snapshot()
          .of(deployment('web'))
          .pod((pod) => pod.secured(owned).with(failing)),
      ),
    ).toEqual(['Pod spec.securityContext.runAsNonRoot = true by unknown']);
  });

  test('of an ephemeral container are its own, for no template has it', () => {
    const own = { runAsNonRoot: true, managers: { runAsNonRoot: 'kubectl-debug' } };
    const debugging = ephemeralContainer('debugger').secured(own).waiting(inPod(runsAsRoot));
    const expected = [
      'Container spec.ephemeralContainers[name=debugger].securityContext.runAsNonRoot = true by kubectl-debug',
    ];
    expect(settingsOf(web().pod((pod) => pod.with(debugging)))).toEqual(expected);
    expect(
      settingsOf(
        snapshot()
          .of(deployment('web'))
          .pod((pod) => pod.with(debugging)),
      ),
    ).toEqual(expected);
  });

  test('of a bare pod are paths in the pod itself', () => {
    const pod = snapshot().of(barePod('web-0')).declaring(helm, app());
    expect(settingsOf(pod.pod((own) => own.with(failing)))).toEqual([
      'Pod spec.securityContext.runAsNonRoot = true by helm',
    ]);
  });

  test("on Windows include the account's name where the spec names it, and never runAsUser", () => {
    const named0 = app().secured({ runAsUserName: 'ContainerAdministrator', runAsUser: 0 });
    const windows = snapshot().of(deployment('web')).declaring(helm, named0);
    expect(settingsOf(windows.pod((pod) => pod.with(named0.waiting(inPod(administrator)))))).toEqual([
      'Pod spec.template.spec.securityContext.runAsNonRoot = true by helm',
      'Container spec.template.spec.containers[name=app].securityContext.windowsOptions.runAsUserName = ContainerAdministrator by unknown',
    ]);
    expect(settingsOf(web().pod((pod) => pod.with(app().waiting(inPod(administrator)))))).toHaveLength(1);
  });
});
