import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseManifest } from './manifest.ts';

const digest = `sha256:${'0'.repeat(64)}`;
const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: 2 };

function parse(value: unknown): unknown {
  return parseManifest(Buffer.from(JSON.stringify(value)), 'it');
}

function outcomeOf(act: () => unknown): string {
  try {
    act();
    return 'fine';
  } catch (error) {
    return error instanceof Error ? error.name : 'nonsense';
  }
}

describe('parseManifest', () => {
  test('knows an image and an index by their fields, without a media type', () => {
    expect(parse({ schemaVersion: 2, config, layers: [{ ...config, mediaType: 'x' }] })).toMatchObject({
      is: 'image',
      layers: [{ digest, sizeBytes: 2, mediaType: 'x' }],
    });
    expect(
      parse({ manifests: [{ ...config, platform: { os: 'linux', architecture: 'arm', variant: 'v7' } }] }),
    ).toMatchObject({
      is: 'index',
      entries: [{ platform: { os: 'linux', architecture: 'arm', variant: 'v7' } }],
    });
  });

  test('separates attestations from images', () => {
    const unknown = { ...config, platform: { os: 'unknown', architecture: 'unknown' } };
    const noted = { ...config, annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } };
    expect(parse({ manifests: [unknown, noted, config] })).toMatchObject({
      entries: [{ isAttestation: true }, { isAttestation: true }, { isAttestation: false }],
    });
  });

  test.each([
    [{ schemaVersion: 1, fsLayers: [], history: [] }, 'unsupported', /schema 1/],
    [
      { config: { ...config, mediaType: 'application/vnd.cncf.helm.config.v1+json' }, layers: [] },
      'unsupported',
      /not a container image: its config is application\/vnd.cncf.helm/,
    ],
    [
      { config: { ...config, mediaType: 'application/vnd.oci.empty.v1+json' }, layers: [] },
      'unsupported',
      /not a container image/,
    ],
    [{ config, layers: [], manifests: [] }, 'badAnswer', /at once/],
    [{}, 'badAnswer', /not a manifest/],
    [[], 'badAnswer', /no JSON|not a JSON/],
    [{ config: { ...config, digest: 'sha256:../../x' }, layers: [] }, 'badAnswer', /without a digest/],
    [{ config: { ...config, digest: 'constructor:x' }, layers: [] }, 'badAnswer', /without a digest/],
    [{ config: { ...config, size: -1 }, layers: [] }, 'badAnswer', /size/],
    [{ config: { ...config, size: 1.5 }, layers: [] }, 'badAnswer', /size/],
    [{ config, layers: [{}] }, 'badAnswer', /digest/],
    [{ config, layers: Array.from({ length: 4097 }, () => config) }, 'tooMany', /4096/],
  ])('refuses %#', (value, code, message) => {
    expect(() => parse(value)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });

  test('throws nothing but its own errors, whatever comes', () => {
    const value = fc.object({
      key: fc.constantFrom('manifests', 'layers', 'config', 'digest', 'size', 'platform', 'annotations'),
      maxDepth: 4,
    });
    fc.assert(
      fc.property(value, (object) => {
        expect(['fine', 'RegistryError']).toContain(outcomeOf(() => parse(object)));
      }),
    );
  });
});
