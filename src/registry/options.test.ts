import { describe, expect, test } from '@jest/globals';
import { isListed, optionsOf, parseRegistryOptions } from './options.ts';

const text = `
hosts:
  docker.io:
    mirrors:
      - https://mirror.example/docker-hub/
      - mirror.example:5000
  Registry.Example:5000:
    ca: /etc/ca.pem
  "*.lab.example":
    plainHttp: true
  deep.lab.example: {}
allow: [ghcr.io, "*.example.com"]
`;

describe('parseRegistryOptions', () => {
  test('reads mirrors, CAs, plain HTTP and the registries that are allowed', () => {
    expect(parseRegistryOptions(text)).toEqual({
      hosts: {
        'docker.io': {
          plainHttp: false,
          mirrors: ['https://mirror.example/docker-hub', 'https://mirror.example:5000'],
        },
        'registry.example:5000': { plainHttp: false, mirrors: [], ca: { file: '/etc/ca.pem' } },
        '*.lab.example': { plainHttp: true, mirrors: [] },
        'deep.lab.example': { plainHttp: false, mirrors: [] },
      },
      allow: ['ghcr.io', '*.example.com'],
    });
  });

  test('takes a CA as it stands in the file', () => {
    const options = parseRegistryOptions(
      'hosts:\n  r.example:\n    ca: |\n      -----BEGIN CERTIFICATE-----\n      x\n',
    );
    expect(options.hosts['r.example']?.ca).toEqual({ pem: '-----BEGIN CERTIFICATE-----\nx' });
  });

  test.each(['', '\n', '# nothing\n', '{}'])('has no options in %j', (nothing) => {
    expect(parseRegistryOptions(nothing)).toEqual({ hosts: {}, allow: [] });
  });

  test.each([
    ['hosts: [', /line 1, column \d+: this is not YAML/],
    ['- a', /line 1.*at the top must be a map/],
    [
      'hosts:\n  a.example:\n    skip_verify: true',
      /line 3, column 5: skip_verify .*give the one to trust as ca/,
    ],
    ['hosts:\n  a.example:\n    password: x', /use an image pull secret/],
    ['hosts:\n  a.example:\n    whatever: x', /known are ca, plainHttp, mirrors/],
    ['mirrors: []', /mirrors is not known at the top/],
    ['hosts:\n  https://a.example: {}', /without https/],
    ['hosts:\n  a.example:', /a.example has no value/],
    ['hosts:\n  a.example:\n    plainHttp: yes please', /plainHttp must be true or false/],
    ['hosts:\n  a.example:\n    ca: ""', /ca is empty/],
    ['hosts:\n  a.example:\n    plainHttp: true\n    ca: x', /both ca and plainHttp/],
    ['hosts:\n  a.example:\n    mirrors: x.example', /mirrors must be a list/],
    ['hosts:\n  a.example:\n    mirrors: ["https://u:p@x.example"]', /without credentials/],
    ['hosts:\n  a.example:\n    mirrors: ["ftp://x.example"]', /is not a mirror/],
    ['hosts:\n  a.example:\n    mirrors: [7]', /mirrors must be text/],
    ['allow: ["*"]', /\* is not a registry/],
    ['hosts:\n  a.example: {}\n  a.example: {}', /line 3.*unique/],
    ['x: &a 1\ny: *a', /x is not known/],
    ['a'.repeat(1024 * 1024 + 1), /larger than 1 MiB/],
  ])('refuses %j with one line that says where', (yaml, message) => {
    const error = (() => {
      try {
        parseRegistryOptions(yaml);
        return undefined;
      } catch (caught) {
        return caught as Error;
      }
    })();
    expect(error).toMatchObject({ code: 'badOptions' });
    expect(error?.message).toMatch(message);
    expect(error?.message).not.toContain('\n');
  });

  test('does not repeat what may be a password', () => {
    expect(() =>
      parseRegistryOptions('hosts:\n  a.example:\n    mirrors: ["https://u:hunter2@x.example"]'),
    ).toThrow(/^(?!.*hunter2).*x\.example is not a mirror/);
  });
});

describe('the options of a host', () => {
  const options = parseRegistryOptions(text);

  test('are its own before those of a pattern', () => {
    expect(optionsOf(options, 'a.lab.example').plainHttp).toBe(true);
    expect(optionsOf(options, 'deep.lab.example').plainHttp).toBe(false);
    expect(optionsOf(options, 'lab.example').plainHttp).toBe(false);
    expect(optionsOf(options, 'constructor')).toEqual({ plainHttp: false, mirrors: [] });
  });

  test('make it one that may be asked', () => {
    expect(
      ['docker.io', 'ghcr.io', 'a.example.com', 'x.lab.example'].filter((host) => isListed(options, host)),
    ).toHaveLength(4);
    expect(
      ['example.com', 'ghcr.io.evil.example', 'evilexample.com'].filter((host) => isListed(options, host)),
    ).toEqual([]);
  });
});
