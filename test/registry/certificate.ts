// A self-signed certificate for a server in a test, valid for ten years.

import { generateKeyPairSync, sign } from 'node:crypto';

/** PEM, both. */
export type Certificate = { readonly key: string; readonly cert: string };

const dayMs = 24 * 60 * 60 * 1000;

/** For an IPv4 address. */
export function certificateFor(address: string): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const body = sequence(
    der(0xa0, integer(2)), // version 3
    integer(Math.floor(Math.random() * 2 ** 31)),
    signatureKind,
    nameOf('rootcause test'),
    sequence(time(Date.now() - dayMs), time(Date.now() + 3650 * dayMs)),
    nameOf('rootcause test'),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(alternativeName(address), authority)),
  );
  const signature = sign('sha256', body, privateKey);
  const bytes = sequence(body, signatureKind, der(0x03, Buffer.concat([Buffer.of(0), signature])));
  // Signatures differ in length, so the last line may be a full one: no empty line may follow it.
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
  };
}

function der(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function integer(value: number): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return der(0x02, (bytes[0] ?? 0) < 128 ? bytes : Buffer.concat([Buffer.of(0), bytes]));
}

function objectId(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function time(timeMs: number): Buffer {
  const text = new Date(timeMs).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return der(0x18, Buffer.from(text));
}

function nameOf(commonName: string): Buffer {
  return sequence(der(0x31, sequence(objectId('550403'), der(0x0c, Buffer.from(commonName)))));
}

function alternativeName(address: string): Buffer {
  const names = sequence(der(0x87, Buffer.from(address.split('.').map(Number))));
  return sequence(objectId('551d11'), der(0x04, names));
}

const authority = sequence(objectId('551d13'), der(0x04, sequence(der(0x01, Buffer.of(0xff)))));

/** ecdsa-with-SHA256 */
const signatureKind = sequence(objectId('2a8648ce3d040302'));
