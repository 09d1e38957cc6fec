// One sentence for each cause.

import { expect, test } from '@jest/globals';

import type { RecordedFinding } from '../model/diagnosis.ts';
import { sentence } from './sentence.ts';

const required = {
  level: 'Pod',
  field: 'spec.securityContext.runAsNonRoot',
  value: true,
  setBy: 'helm',
} as const;

function finding(parts: Partial<RecordedFinding>): RecordedFinding {
  return {
    cause: 'ImageRunsAsRoot',
    container: { name: 'app', type: 'Container' },
    message: '',
    settings: [required],
    image: { reference: 'web:1', resolution: 'NotAttempted' },
    ...parts,
  };
}

test('an image that runs as root', () => {
  expect(sentence(finding({}))).toBe(
    'Container app cannot start: runAsNonRoot is true (pod level, set by helm), ' +
      'but its image web:1 runs as root: USER is 0, root or not set.',
  );
});

test('a writer that is not known is left out, and admission is named as what added the field', () => {
  const setBy = (name: string) => sentence(finding({ settings: [{ ...required, setBy: name }] }));
  expect(setBy('unknown')).toContain(': runAsNonRoot is true (pod level), but ');
  expect(setBy('admission, unnamed')).toContain(
    ': runAsNonRoot is true (pod level, added at admission), but ',
  );
});

test('a container that asks for root names the field, its level and its writer', () => {
  const field = 'spec.template.spec.containers[name=app].securityContext.runAsUser';
  const user = { level: 'Container', field, value: 0, setBy: 'kubectl-client-side-apply' } as const;
  expect(sentence(finding({ cause: 'RunAsUserIsRoot', settings: [required, user] }))).toBe(
    'Container app cannot start: runAsNonRoot is true (pod level, set by helm), but runAsUser is 0 (container ' +
      'level, set by kubectl-client-side-apply).',
  );
});

test('a uid out of range is named', () => {
  const image = { reference: 'web:1', user: '4294967294', resolution: 'NotAttempted' } as const;
  expect(sentence(finding({ cause: 'InvalidImageUID', image }))).toContain('sets USER to 4294967294');
});

test('Windows says who it would run as, and nothing of uids', () => {
  const text = sentence(finding({ cause: 'WindowsAdministrator', settings: [] }));
  expect(text).toBe(
    'Container app cannot start: it would run as ContainerAdministrator, which Windows regards as root.',
  );
});

test('an init container is called one', () => {
  const text = sentence(finding({ container: { name: 'migrate', type: 'InitContainer' } }));
  expect(text).toMatch(/^Init container migrate cannot start: /);
});
