import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addressKindOf, mayRedirect } from './address.ts';

test.each([
  ['8.8.8.8', 'public'],
  ['2606:4700::1111', 'public'],
  ['10.1.2.3', 'private'],
  ['172.16.0.1', 'private'],
  ['172.32.0.1', 'public'],
  ['192.168.1.1', 'private'],
  ['100.64.0.1', 'private'],
  ['224.0.0.1', 'private'],
  ['255.255.255.255', 'private'],
  ['fd12::1', 'private'],
  ['127.0.0.1', 'loopback'],
  ['127.255.0.9', 'loopback'],
  ['0.0.0.0', 'loopback'],
  ['::1', 'loopback'],
  ['::', 'loopback'],
  ['169.254.169.254', 'linkLocal'],
  ['fe80::1', 'linkLocal'],
  ['fe80::1%eth0', 'linkLocal'],
  ['fd00:ec2::254', 'linkLocal'],
  ['100.100.100.200', 'linkLocal'],
  ['168.63.129.16', 'linkLocal'],
  ['::ffff:169.254.169.254', 'linkLocal'],
  ['::ffff:a9fe:a9fe', 'linkLocal'],
  ['::ffff:8.8.8.8', 'public'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['::7f00:1', 'loopback'],
  ['64:ff9b::10.0.0.1', 'private'],
  ['64:ff9b::8.8.8.8', 'public'],
  ['2002:a9fe:a9fe::1', 'linkLocal'],
  ['2002:0808:0808::', 'public'],
  ['no address', 'linkLocal'],
  ['', 'linkLocal'],
] as const)('%s is %s', (address, kind) => {
  expect(addressKindOf(address)).toBe(kind);
});

test('every address has a kind', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
      expect(['public', 'private', 'loopback', 'linkLocal']).toContain(addressKindOf(address));
    }),
  );
});

test('no redirect leads further inside than its server is', () => {
  expect(mayRedirect('public', 'public')).toBe(true);
  expect(mayRedirect('public', 'private')).toBe(false);
  expect(mayRedirect('private', 'loopback')).toBe(false);
  expect(mayRedirect('private', 'public')).toBe(true);
  expect(mayRedirect('loopback', 'private')).toBe(true);
  expect(mayRedirect('loopback', 'linkLocal')).toBe(false);
});
