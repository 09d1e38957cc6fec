// Settings where Kubernetes has no such field.

import { describe, expect, test } from '@jest/globals';

import { remarkText } from '../../report/remark-text.ts';
import { misplacedIn } from './misplaced.ts';

const container = (more: object = {}) => ({ name: 'app', image: 'x', ...more });
const deployment = (spec: object, above: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  spec: { ...above, template: { spec: { containers: [container()], ...spec } } },
});
const said = (object: unknown) =>
  misplacedIn(object).map((one) =>
    one.is === 'misplaced' ? `${one.field} -> ${one.belongs}` : remarkText(one),
  );

describe('is named with its right place', () => {
  const pod = 'spec.template.spec';
  test.each([
    [
      deployment({}, { securityContext: { runAsUser: 1 } }),
      `spec.securityContext.runAsUser -> ${pod}.securityContext.runAsUser`,
    ],
    [deployment({ runAsNonRoot: true }), `${pod}.runAsNonRoot -> ${pod}.securityContext.runAsNonRoot`],
    [
      deployment({ containers: [container({ runAsUser: 1 })] }),
      `${pod}.containers[name=app].runAsUser -> ${pod}.containers[name=app].securityContext.runAsUser`,
    ],
    [
      deployment({ containers: [container({ securityContext: { fsGroup: 1 } })] }),
      `${pod}.containers[name=app].securityContext.fsGroup -> ${pod}.securityContext.fsGroup`,
    ],
    [
      deployment({ securityContext: { allowPrivilegeEscalation: false } }),
      `${pod}.securityContext.allowPrivilegeEscalation -> ${pod}.containers[].securityContext.allowPrivilegeEscalation`,
    ],
    [
      deployment({ securityContext: { windowsOptions: { runAsNonRoot: true } } }),
      `${pod}.securityContext.windowsOptions.runAsNonRoot -> ${pod}.securityContext.runAsNonRoot`,
    ],
    [
      deployment({ securityContext: { runAsUserName: 'ContainerUser' } }),
      `${pod}.securityContext.runAsUserName -> ${pod}.securityContext.windowsOptions.runAsUserName`,
    ],
    [
      {
        kind: 'CronJob',
        spec: {
          jobTemplate: {
            spec: { securityContext: { runAsUser: 1 }, template: { spec: { containers: [container()] } } },
          },
        },
      },
      'spec.jobTemplate.spec.securityContext.runAsUser -> spec.jobTemplate.spec.template.spec.securityContext.runAsUser',
    ],
  ])('%#', (object, remark) => {
    expect(said(object)).toEqual([remark]);
  });
});

test('two fields that the API server refuses together are named', () => {
  const both = { allowPrivilegeEscalation: false, capabilities: { add: ['SYS_ADMIN'] } };
  expect(said(deployment({ containers: [container({ securityContext: both })] }))).toEqual([
    'Container app has allowPrivilegeEscalation: false and capability SYS_ADMIN: the API server refuses the two together.',
  ]);
});

test('nothing is said of fields in their places', () => {
  const context = { runAsNonRoot: true, runAsUser: 1, seccompProfile: { type: 'RuntimeDefault' } };
  const own = { ...context, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
  const spec = {
    securityContext: { ...context, fsGroup: 1 },
    containers: [container({ securityContext: own })],
  };
  expect(said(deployment(spec))).toEqual([]);
  expect(said({ kind: 'Pod', spec })).toEqual([]);
  expect(said({ kind: 'ConfigMap', data: { runAsUser: '1' } })).toEqual([]);
});
