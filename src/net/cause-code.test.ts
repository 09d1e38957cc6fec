import { expect, test } from '@jest/globals';
import { causeCode, troubleOf } from './cause-code.ts';

test.each([
  ['ECONNREFUSED', 'unreachable'],
  ['ENOTFOUND', 'unreachable'],
  ['EHOSTDOWN', 'unreachable'],
  ['UND_ERR_SOCKET', 'unreachable'],
  ['UND_ERR_HEADERS_TIMEOUT', 'timeout'],
  ['ETIMEDOUT', 'timeout'],
  ['CERT_HAS_EXPIRED', 'tls'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
  ['HPE_INVALID_CONSTANT', 'garbled'],
])('%s is %s, however deep it is wrapped', (code, expected) => {
  const cause = Object.assign(new Error('inner'), { code });
  const wrapped = new Error('outer', { cause: new AggregateError([cause]) });
  expect([troubleOf(cause), troubleOf(wrapped), causeCode(wrapped)]).toEqual([expected, expected, code]);
});

test.each([undefined, null, 'ECONNRESET', {}, new Error('x')])('%p has no code', (cause) => {
  expect([causeCode(cause), troubleOf(cause)]).toEqual(['', 'garbled']);
});

test('an error that wraps itself has no code', () => {
  const cause: { cause?: unknown } = {};
  cause.cause = cause;
  expect(causeCode(cause)).toBe('');
});
