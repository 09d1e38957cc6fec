// What the Diagnosis of a workload is called.

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

import type { ObjectRef } from '../../model/workload.ts';
import { qualifiedKind } from '../../model/workload.ts';

const maxLength = 253;
const hashLength = 10;
const dnsSubdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/**
 * `<kind>-<name>` in lower case. A name that is too long, or that Kubernetes would not accept there, is cut and
 * gets a hash of the whole, so that two workloads never share one.
 */
export function diagnosisName(ref: ObjectRef): string {
  const whole = `${qualifiedKind(ref)}-${ref.name}`;
  const name = whole.toLowerCase();
  if (name.length <= maxLength && dnsSubdomain.test(name) && ref.name === ref.name.toLowerCase()) return name;
  const kept = name
    .replaceAll(/[^-a-z0-9.]/g, '-')
    .replaceAll(/[-.]*\.[-.]*/g, '.')
    .slice(0, maxLength - hashLength - 1)
    .replaceAll(/^[-.]+|[-.]+$/g, '');
  return `${kept}-${sha256Hex(whole).slice(0, hashLength)}`;
}

/** SHA-256 of UTF-8 text in lower-case hexadecimal. */
export function sha256Hex(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}
