import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Credential } from './credential.ts';
import { credentialsAmong, credentialsFor, parseDockerConfig } from './docker-config.ts';
import { RegistryError } from '../error.ts';
import { parseReference, type ImageReference } from '../../engine/platform/image/image-reference.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function image(text: string): ImageReference {
  const reference = parseReference(text);
  if (!reference) throw new Error(`${text} is not an image`);
  return reference;
}

function inConfig(config: object, name: string): readonly Credential[] {
  return credentialsFor(parseDockerConfig(JSON.stringify(config), 'a config'), image(name));
}

function troubleWith(text: string, name = 'r.example/app'): RegistryError {
  try {
    credentialsFor(parseDockerConfig(text, 'Secret team/login, key .dockerconfigjson'), image(name));
  } catch (error) {
    if (error instanceof RegistryError) return error;
    throw error;
  }
  throw new Error('nothing is wrong with it');
}

/** All that an error of ours says, with its cause and stack; nothing where the text is fine. */
function shownBy(text: string): string {
  try {
    credentialsFor(parseDockerConfig(text, 'a place'), image('r.example/app'));
    return '';
  } catch (error) {
    if (error instanceof RegistryError) return `${error.message} ${String(error.cause)} ${error.stack}`;
    throw error;
  }
}

const ada: Credential = { is: 'basic', username: 'ada', password: 'lace' };

describe('one entry', () => {
  test.each<[string, object, readonly Credential[]]>([
    ['auth', { auth: base64('ada:lace') }, [ada]],
    [
      'auth without padding',
      { auth: base64('ada:lace1').replaceAll('=', '') },
      [{ ...ada, password: 'lace1' }],
    ],
    [
      'auth over several lines',
      { auth: `${base64('ada:lace').slice(0, 4)}\n${base64('ada:lace').slice(4)}\n` },
      [ada],
    ],
    ['a colon in the password', { auth: base64('ada:la:ce') }, [{ ...ada, password: 'la:ce' }]],
    ['username and password', { username: 'ada', password: 'lace' }, [ada]],
    ['fields in other cases', { Username: 'ada', PASSWORD: 'lace' }, [ada]],
    ['auth before username and password', { auth: base64('ada:lace'), username: 'x', password: 'y' }, [ada]],
    ['a password without a name', { auth: base64(':lace') }, [{ ...ada, username: '' }]],
    [
      'an identity token before a password',
      { auth: base64('ada:'), identitytoken: 'refresh' },
      [{ is: 'token', identityToken: 'refresh', username: 'ada' }],
    ],
    ['an identity token alone', { identitytoken: 'refresh' }, [{ is: 'token', identityToken: 'refresh' }]],
    ['a registry token', { registrytoken: 'ready' }, [{ is: 'bearer', token: 'ready' }]],
    ['nothing', {}, []],
    ['nothing but an address', { email: 'ada@example.com', auth: '' }, []],
  ])('may hold %s', (_, entry, credentials) => {
    expect(inConfig({ auths: { 'r.example': entry } }, 'r.example/app')).toEqual(credentials);
    expect(inConfig({ 'r.example': entry }, 'r.example/app')).toEqual(credentials);
  });

  test.each<[string, string]>([
    ['r.example', 'r.example/app'],
    ['https://r.example', 'r.example/app'],
    ['http://r.example:5000/', 'r.example:5000/app'],
    ['https://r.example/v1/', 'r.example/app'],
    ['https://r.example/v2/', 'r.example/app'],
    ['r.example/v2/team', 'r.example/team/app'],
    ['https://*.example/team', 'r.example/team/app'],
    ['https://index.docker.io/v1/', 'nginx'],
    ['index.docker.io', 'docker.io/team/app'],
    ['docker.io', 'nginx'],
    ['docker.io/team', 'team/app'],
  ])('for %s counts for %s', (key, name) => {
    expect(inConfig({ auths: { [key]: { auth: base64('ada:lace') } } }, name)).toEqual([ada]);
  });

  test.each<[string, string]>([
    ['https://index.docker.io/v1/', 'quay.io/team/app'],
    ['https://index.docker.io/v1', 'nginx'],
    ['r.example', 'r.example:5000/app'],
    ['r.example:5000', 'r.example/app'],
    ['r.example/team', 'r.example/other/app'],
    ['example', 'r.example/app'],
    ['not a registry', 'r.example/app'],
    ['', 'r.example/app'],
    ['docker.io/team', 'docker.io/other/app'],
  ])('for %s does not count for %s', (key, name) => {
    expect(inConfig({ auths: { [key]: { auth: base64('ada:lace') } } }, name)).toEqual([]);
  });
});

describe('a docker config', () => {
  const basic = (name: string): object => ({ username: name, password: 'x' });
  const names = (credentials: readonly Credential[]): readonly string[] =>
    credentials.map((credential) => (credential.is === 'basic' ? credential.username : credential.is));

  test('gives the most specific of several first', () => {
    const auths = { '*.example': basic('any'), 'r.example': basic('host'), 'r.example/team': basic('team') };
    expect(names(inConfig({ auths }, 'r.example/team/app'))).toEqual(['team', 'host', 'any']);
    expect(names(inConfig({ auths }, 'r.example/other/app'))).toEqual(['host', 'any']);
  });

  test('merged with others keeps the order of entries for the same registry, without repeats', async () => {
    const found = await credentialsAmong(image('r.example/app'), ['first', 'second', 'first'], (name) =>
      parseDockerConfig(JSON.stringify({ auths: { 'r.example': basic(name) } }), name),
    );
    expect(names(found)).toEqual(['first', 'second']);
  });

  test('gives at most sixteen credentials', () => {
    const auths = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`r.example/${'t'.repeat(index)}`, basic(`n${index}`)]),
    );
    const found = names(inConfig({ auths }, `r.example/${'t'.repeat(50)}`));
    expect(found).toHaveLength(16);
    expect(found[0]).toBe('n39');
  });

  test('without credentials has none, whatever else it holds', () => {
    expect(inConfig({}, 'nginx')).toEqual([]);
    expect(inConfig({ auths: null, HttpHeaders: { 'User-Agent': 'x' }, psFormat: 'table' }, 'nginx')).toEqual(
      [],
    );
    expect(inConfig({ HttpHeaders: { 'User-Agent': 'x' }, psFormat: 'table' }, 'nginx')).toEqual([]);
  });

  test('that leaves a registry to a credential helper says so, for that registry only', () => {
    const text = JSON.stringify({
      auths: { 'q.example': {} },
      credHelpers: { 'r.example': 'gcr' },
      credsStore: 'desktop',
    });
    expect(troubleWith(text, 'r.example/app')).toMatchObject({
      code: 'badCredentials',
      message:
        'Secret team/login, key .dockerconfigjson: the credentials for r.example are kept by a credential helper, which is not run: write them into auths, or use a credential provider',
    });
    expect(troubleWith(text, 'q.example/app').message).toContain('q.example');
    expect(credentialsFor(parseDockerConfig(text, 'x'), image('other.example/app'))).toEqual([]);
  });

  test('that has credentials besides is not asked for its helper', () => {
    const config = {
      auths: { 'r.example': basic('ada') },
      credHelpers: { 'r.example': 'gcr' },
      credsStore: 'desktop',
    };
    expect(names(inConfig(config, 'r.example/app'))).toEqual(['ada']);
  });

  test('with an empty entry is no error where no helper is named', () => {
    expect(inConfig({ auths: { 'r.example': {} } }, 'r.example/app')).toEqual([]);
  });
});

describe('a damaged docker config', () => {
  test.each<[string, string]>([
    ['', 'it is not a JSON object'],
    ['{', 'it is not a JSON object'],
    ['[]', 'it is not a JSON object'],
    ['"text"', 'it is not a JSON object'],
    ['null', 'it is not a JSON object'],
    ['{"auths": []}', 'auths must be an object'],
    ['{"auths": {}, "credHelpers": "x"}', 'credHelpers must be an object'],
    ['{"auths": {"a.example": {}, "r.example": "text"}}', 'entry 2: it must be an object'],
    ['{"auths": {"r.example": {"auth": 5}}}', 'entry 1: auth must be text'],
    ['{"auths": {"r.example": {"auth": "%%%"}}}', 'entry 1: auth must be the base64 form'],
    ['{"auths": {"r.example": {"auth": "bm9jb2xvbg=="}}}', 'entry 1: auth must be the base64 form'],
    ['{"auths": {"r.example": {"username": ["ada"]}}}', 'entry 1: username must be text'],
    ['{"r.example": "text"}', 'entry 1: it must be an object'],
    [`{"auths": {}, "x": "${'x'.repeat(1024 * 1024)}"}`, 'it is larger than 1 MiB'],
    [
      JSON.stringify({
        auths: Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`h${index}`, {}])),
      }),
      'it has more than 1000 entries',
    ],
  ])('is named by its place: %#', (text, trouble) => {
    const error = troubleWith(text);
    expect(error).toMatchObject({ code: 'badCredentials', temporary: false });
    expect(error.cause).toBeUndefined();
    expect(error.message).toContain(`Secret team/login, key .dockerconfigjson: ${trouble}`);
  });

  test('never shows what stands in it', () => {
    const planted = 'hunter2secret';
    const leaf = fc.oneof(
      fc.constantFrom<unknown>(planted, base64(planted), base64(`ada:${planted}`), 5, null, [planted]),
      fc.constant({ [planted]: planted }),
    );
    const entry = fc.oneof(
      leaf,
      fc.dictionary(fc.constantFrom('auth', 'username', 'password', 'identitytoken', planted), leaf),
    );
    const map = fc.oneof(
      leaf,
      fc.dictionary(fc.constantFrom('r.example', `${planted}.example`, planted), entry),
    );
    const config = fc.dictionary(
      fc.constantFrom('auths', 'credHelpers', 'credsStore', 'r.example', planted),
      map,
    );
    const damage = fc.tuple(config, fc.nat(), fc.constantFrom('', '"', '}', planted, '\u0000'));
    const secrets = [planted, base64(planted), base64(`ada:${planted}`)];
    let troubles = 0;
    fc.assert(
      fc.property(damage, ([value, at, extra]) => {
        const whole = JSON.stringify(value);
        const cut = at % (whole.length + 1);
        const [head, tail] = [whole.slice(0, cut), whole.slice(cut)];
        for (const text of [whole, head + extra, head + extra + tail]) {
          const shown = shownBy(text);
          troubles += Number(shown !== '');
          expect(secrets.filter((secret) => shown.includes(secret))).toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
    expect(troubles).toBeGreaterThan(100);
  });
});
