import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseCredentialProviderConfig } from './credential-provider-config.ts';
import { RegistryError } from '../../error.ts';

const where = '/etc/rootcause/credential-providers.yaml';

const text = `
apiVersion: kubelet.config.k8s.io/v1
kind: CredentialProviderConfig
providers:
  - name: ecr-credential-provider
    matchImages:
      - "*.dkr.ecr.*.amazonaws.com"
      - public.ecr.aws
    defaultCacheDuration: "12h"
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    args: [get-credentials]
    env:
      - name: AWS_PROFILE
        value: pull
      - name: EMPTY
  - name: acr-credential-provider.exe
    matchImages: ["*.azurecr.io:443/team"]
    defaultCacheDuration: 0s
    apiVersion: credentialprovider.kubelet.k8s.io/v1beta1
`;

/** The config with one provider, whose fields are replaced by these. */
function withFields(fields: object): string {
  const provider = {
    name: 'plugin',
    matchImages: ['r.example'],
    defaultCacheDuration: '10m',
    apiVersion: 'credentialprovider.kubelet.k8s.io/v1',
    ...fields,
  };
  return withProviders([provider]);
}

function withProviders(providers: unknown): string {
  return JSON.stringify({
    apiVersion: 'kubelet.config.k8s.io/v1',
    kind: 'CredentialProviderConfig',
    providers,
  });
}

/** All that an error of ours says, with its cause; nothing where the text is fine. */
function shownBy(config: string): string {
  try {
    parseCredentialProviderConfig(config, where);
    return '';
  } catch (error) {
    if (error instanceof RegistryError) return `${error.message} ${String(error.cause)}`;
    throw error;
  }
}

describe('parseCredentialProviderConfig', () => {
  test('reads what a kubelet is given', () => {
    const { providers } = parseCredentialProviderConfig(text, where);
    const [ecr, acr] = providers;
    expect(providers).toHaveLength(2);
    expect(ecr).toMatchObject({
      name: 'ecr-credential-provider',
      defaultCacheMs: 43_200_000,
      apiVersion: 'credentialprovider.kubelet.k8s.io/v1',
      args: ['get-credentials'],
      env: { AWS_PROFILE: 'pull', EMPTY: '' },
    });
    expect(ecr?.matchImages.map((pattern) => pattern.text)).toEqual([
      '*.dkr.ecr.*.amazonaws.com',
      'public.ecr.aws',
    ]);
    expect(acr).toMatchObject({ name: 'acr-credential-provider.exe', defaultCacheMs: 0, args: [], env: {} });
  });

  test.each<[string, string]>([
    ['providers: [', 'it is not one YAML document (line 1)'],
    [`${text}---\n${text}`, 'it is not one YAML document'],
    ['- a', 'it must be an object'],
    ['', 'it must be an object'],
    ['kind: Config', 'it must have kind: CredentialProviderConfig and apiVersion: kubelet.config.k8s.io/v1'],
    [text.replace('kubelet.config.k8s.io/v1', 'v1'), 'it must have kind'],
    [withProviders([]), 'providers must be a list with at least one provider'],
    [withProviders({}), 'providers must be a list'],
    [withProviders(Array.from({ length: 65 }, () => ({}))), 'it has more than 64 providers'],
    [withProviders(['text']), 'providers[0] must be an object'],
    [`${text}    env: 5\n    env: 6\n`, 'it is not one YAML document'],
    [withFields({ apiVersion: 'v1' }), 'providers[0] (plugin).apiVersion must be one of credentialprovider.'],
    [withFields({ matchImages: [] }), 'providers[0] (plugin).matchImages must have at least one'],
    [withFields({ matchImages: 'r.example' }), 'providers[0] (plugin).matchImages must be a list'],
    [
      withFields({ matchImages: ['a.example', 'https://r.example'] }),
      'providers[0] (plugin).matchImages[1] must be HOST',
    ],
    [withFields({ matchImages: [5] }), 'providers[0] (plugin).matchImages[0] must be text'],
    [
      withFields({ defaultCacheDuration: undefined }),
      'providers[0] (plugin).defaultCacheDuration must be a duration',
    ],
    [
      withFields({ defaultCacheDuration: '-1s' }),
      'providers[0] (plugin).defaultCacheDuration must be a duration',
    ],
    [
      withFields({ defaultCacheDuration: 10 }),
      'providers[0] (plugin).defaultCacheDuration must be a duration',
    ],
    [withFields({ args: [5] }), 'providers[0] (plugin).args[0] must be text'],
    [withFields({ args: ['a\u0000b'] }), 'providers[0] (plugin).args[0] must be text'],
    [
      withFields({ env: [{ name: 'A', value: 5 }] }),
      'providers[0] (plugin).env[0] must have a name and a value',
    ],
    [
      withFields({ env: [{ name: 'A=B', value: 'x' }] }),
      'providers[0] (plugin).env[0] must have a name and a value',
    ],
    [withFields({ env: [{ value: 'x' }] }), 'providers[0] (plugin).env[0] must have a name and a value'],
    [
      withFields({ tokenAttributes: { serviceAccountTokenAudience: 'x' } }),
      'providers[0] (plugin).tokenAttributes wants tokens of the service accounts of pods, which are not handed out here',
    ],
    [' '.repeat(1024 * 1024 + 1), 'it is larger than 1 MiB'],
  ])('names the place, the field and what to do: %#', (config, trouble) => {
    expect(() => parseCredentialProviderConfig(config, where)).toThrow(
      expect.objectContaining({
        name: 'RegistryError',
        code: 'badOptions',
        message: expect.stringContaining(`${where}: ${trouble}`),
      }),
    );
  });

  test.each([
    '',
    '.',
    '..',
    '../sh',
    '/bin/sh',
    'a/b',
    'a\\b',
    'a b',
    'a\nb',
    'a\u0000',
    'x'.repeat(300),
    5,
    null,
  ])('runs no program called %j', (name) => {
    expect(() => parseCredentialProviderConfig(withFields({ name }), where)).toThrow(
      'providers[0].name must be the plain name of a program',
    );
  });

  test('has each provider once', () => {
    const [provider] = (JSON.parse(withFields({})) as { providers: [object] }).providers;
    expect(() => parseCredentialProviderConfig(withProviders([provider, provider]), where)).toThrow(
      'providers[1].name is the name of an earlier provider too',
    );
  });

  test('survives a document that grows without end', () => {
    const lines = Array.from({ length: 12 }, (_, index) => {
      const last = index === 0 ? 'x' : `*a${index - 1}`;
      return `a${index}: &a${index} [${Array.from({ length: 10 }, () => last).join(', ')}]`;
    });
    expect(() => parseCredentialProviderConfig(lines.join('\n'), where)).toThrow('too many aliases');
  });

  test('never shows a value of args or env, however damaged it is', () => {
    const planted = 'hunter2secret';
    const secret = text.replace('value: pull', `value: ${planted}`).replace('get-credentials', planted);
    let troubles = 0;
    fc.assert(
      fc.property(
        fc.nat(secret.length),
        fc.nat(secret.length),
        fc.constantFrom('', '[', '"', '\n', ': ', '&a ', '*a', '\t', '{', '- '),
        (from, length, extra) => {
          const shown = shownBy(secret.slice(0, from) + extra + secret.slice(from + (length % 8)));
          troubles += Number(shown !== '');
          expect(shown).not.toContain(planted);
        },
      ),
      { numRuns: 500 },
    );
    expect(troubles).toBeGreaterThan(100);
  });
});
