import { describe, expect, test } from '@jest/globals';
import { errorOfAnswer, errorOfCause, warningsOf } from './answer.ts';
import { KubeError } from './error.ts';

const asked = { verb: 'get', path: '/api/v1/pods' };

function refused(status: number, body: unknown = {}, headers: Record<string, string> = {}): KubeError {
  return errorOfAnswer(asked, { status, headers, bytes: Buffer.from(JSON.stringify(body)) }, 0);
}

describe('an answer that is not a success', () => {
  test.each([
    [302, 'badResponse', true],
    [400, 'invalid', false],
    [401, 'unauthorized', false],
    [403, 'forbidden', false],
    [404, 'badResponse', true], // without the reason NotFound
    [408, 'timeout', true],
    [409, 'conflict', false],
    [410, 'gone', false],
    [415, 'invalid', false],
    [422, 'invalid', false],
    [429, 'tooManyRequests', true],
    [500, 'serverError', true],
    [501, 'serverError', false],
    [503, 'serverError', true],
    [504, 'timeout', true],
  ] as const)('%s is %s, temporary: %s', (status, code, temporary) => {
    expect(refused(status)).toMatchObject({ status, code, temporary });
  });

  test('is notFound only where the API server itself gives this reason', () => {
    const error = refused(404, { kind: 'Status', reason: 'NotFound', message: 'pods "a" not found' });
    expect(error).toMatchObject({ code: 'notFound', temporary: false });
    expect(error.message).toBe('get /api/v1/pods failed with 404: pods "a" not found');
    expect(refused(404).message).toContain('failed with 404 (the API server did not say NotFound');
  });

  test('is one sentence with verb, path, status and what the server said', () => {
    const error = refused(403, { kind: 'Status', message: 'pods is forbidden' });
    expect(error.message).toBe('get /api/v1/pods failed with 403: pods is forbidden');
  });

  test('may say anything: the sentence stays one bounded, printable line', () => {
    const message = `a\u001b[31mb\nc\u202ed${'x'.repeat(100_000)}`;
    const said = refused(500, { kind: 'Status', message }).message;
    expect(said).toContain('a [31mb c d');
    expect(said.length).toBeLessThan(700);
    // oxlint-disable-next-line no-control-regex -- that none is left is the point
    expect(said).not.toMatch(/[\u0000-\u001f\u202e]/);
  });

  test('keeps what the server said by itself, bounded and printable too', () => {
    expect(refused(422, { kind: 'Status', message: 'Deployment "web" is\ninvalid' }).said).toBe(
      'Deployment "web" is invalid',
    );
    expect(refused(422, { kind: 'Status', message: 'x'.repeat(100_000) }).said).toHaveLength(700);
    const nothing = errorOfAnswer(asked, { status: 502, headers: {}, bytes: Buffer.alloc(0) }, 0);
    expect(nothing.said).toBeUndefined();
  });

  test('need not be a Status, nor JSON', () => {
    const bytes = Buffer.from('<html>bad gateway</html>');
    const error = errorOfAnswer(asked, { status: 502, headers: {}, bytes }, 0);
    expect([error.code, error.message]).toEqual([
      'serverError',
      'get /api/v1/pods failed with 502: <html>bad gateway</html>',
    ]);
  });

  test('may offer a place to go on from', () => {
    const status = { kind: 'Status', message: 'expired', metadata: { continue: 'token' } };
    expect(refused(410, status).continueToken).toBe('token');
  });
});

test.each([
  ['7', 3, 7000],
  [undefined, 3, 3000],
  [undefined, 'three', undefined],
  [undefined, undefined, undefined],
])('Retry-After %s, or %s in the details, means %s ms', (header, seconds, expected) => {
  const status = { kind: 'Status', details: { retryAfterSeconds: seconds } };
  const error = refused(503, status, header === undefined ? {} : { 'retry-after': header });
  expect(error.retryAfterMs).toBe(expected);
});

test.each([
  ['ECONNREFUSED', 'unreachable', 'get /api/v1/pods could not reach the API server: ECONNREFUSED'],
  ['HPE_INVALID_CONSTANT', 'badResponse', 'get /api/v1/pods failed: HPE_INVALID_CONSTANT: inner'],
])('%s on the way is %s', (code, expected, message) => {
  const cause = Object.assign(new Error('inner'), { code });
  expect(errorOfCause(asked, cause)).toMatchObject({ code: expected, message, cause });
});

test('an exception of our own code keeps its message', () => {
  const error = errorOfCause(asked, new TypeError("Cannot read properties of undefined (reading 'tls')"));
  expect(error.message).toBe("get /api/v1/pods failed: Cannot read properties of undefined (reading 'tls')");
});

test('warnings are read from every header, and made inert', () => {
  const headers = ['299 - "old \\"api\\"", 299 k8s "two"', '299 - "thr\u0007ee"', 'nonsense'];
  expect(warningsOf(headers)).toEqual(['old "api"', 'two', 'thr ee']);
  expect(warningsOf(undefined)).toEqual([]);
});

test('warnings are bounded in number and in length', () => {
  const long = `299 - "${'x'.repeat(5000)}"`;
  const warnings = warningsOf([long, ...Array.from({ length: 100 }, (_, index) => `299 - "${index}"`)]);
  expect(warnings).toHaveLength(16);
  expect(warnings[0]).toHaveLength(512);
  expect(warnings.slice(1, 3)).toEqual(['0', '1']);
});
