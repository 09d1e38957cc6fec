import { expect, test } from '@jest/globals';
import { withoutSecrets } from './without-secrets.ts';

test.each<[string, string]>([
  ['password=opensesame', 'password=…'],
  ['"password": "opensesame", "user": "ada"', '"password": "…", "user": "ada"'],
  ['Authorization: Bearer abc', 'Authorization: …'],
  ['sent Basic YWRhOmxhY2U=', 'sent Basic …'],
  ['AWS_SECRET_ACCESS_KEY=abc', 'AWS_SECRET_ACCESS_KEY=…'],
  ['client-secret: abc', 'client-secret: …'],
  [`at ${'a1'.repeat(20)}.`, 'at …'],
  ['knows my-value', 'knows …'],
  ['two\nlines\u001b[0m', 'two lines [0m'],
])('%j is shown as %j', (text, shown) => expect(withoutSecrets(text, ['my-value', 'x'])).toBe(shown));

test.each(['cannot get a token from the metadata server', 'access denied for role puller, is it trusted?'])(
  '%s stays as it is',
  (text) => expect(withoutSecrets(text, ['', 'a'])).toBe(text),
);

test('A long complaint is cut to its end', () => {
  const shown = withoutSecrets('long story '.repeat(100) + 'the reason', []);
  expect(shown.length).toBeLessThanOrEqual(300);
  expect(shown).toMatch(/the reason$/);
});
