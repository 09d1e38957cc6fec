// Which entries of an index a node takes, the best first: the rules of containerd.

import type { Platform } from '../../engine/model/image.ts';
import type { IndexEntry } from './manifest.ts';

/** Entries without a platform come last: their config says which one it is. */
export function choosePlatform(entries: readonly IndexEntry[], platform: Platform): readonly IndexEntry[] {
  const images = entries.filter(({ isAttestation }) => !isAttestation);
  const exact = fittingPlatforms(platform).flatMap((fitting) =>
    images.filter((entry) => entry.platform && nameOf(entry.platform) === fitting),
  );
  return [...exact, ...images.filter((entry) => entry.platform === undefined)];
}

export function isFitting(platform: Platform, wanted: Platform): boolean {
  return fittingPlatforms(wanted).includes(nameOf(platform));
}

/** `linux/arm64/v8`, in the one form that is compared. */
export function nameOf(platform: Platform): string {
  const { os, architecture, variant } = normal(platform);
  return [os, architecture, variant].filter((part) => part !== '').join('/');
}

type Normal = { readonly os: string; readonly architecture: string; readonly variant: string };

/** Maps, since an image may call its architecture `constructor`. */
const osNames: ReadonlyMap<string, string> = new Map([['macos', 'darwin']]);

/** Other names of architectures, with the variant that the name implies. */
const architectureNames: ReadonlyMap<string, readonly [string, string?]> = new Map([
  ['i386', ['386']],
  ['i686', ['386']],
  ['x86_64', ['amd64']],
  ['x86-64', ['amd64']],
  ['aarch64', ['arm64']],
  ['armhf', ['arm', 'v7']],
  ['armel', ['arm', 'v6']],
]);

function normal({ os, architecture, variant = '' }: Platform): Normal {
  const lower = architecture.toLowerCase();
  const [name, implied] = architectureNames.get(lower) ?? [lower];
  const system = os.toLowerCase();
  const given = implied ?? variant.toLowerCase();
  return {
    os: osNames.get(system) ?? system,
    architecture: name,
    variant: usualVariants.get(`${name}/${given}`) ?? given,
  };
}

/** Variants that are written in several ways. */
const usualVariants: ReadonlyMap<string, string> = new Map([
  ['amd64/v1', ''],
  ['arm64/v8', ''],
  ['arm64/8', ''],
  ['arm64/v8.0', ''],
  ['arm/', 'v7'],
  ['arm/5', 'v5'],
  ['arm/6', 'v6'],
  ['arm/7', 'v7'],
  ['arm/8', 'v8'],
]);

const armVariants = ['v8', 'v7', 'v6', 'v5'];

/** The names that run on a platform, the best first. */
function fittingPlatforms(platform: Platform): readonly string[] {
  const wanted = normal(platform);
  const { os, architecture } = wanted;
  const own = [wanted.variant, ...lesserVariants(wanted)].map((variant) => ({ os, architecture, variant }));
  return [...own, ...others(wanted)].map(nameOf);
}

function lesserVariants({ architecture, variant }: Normal): readonly string[] {
  if (architecture === 'arm') return armVariants.slice(armVariants.indexOf(variant) + 1);
  if (architecture === 'amd64' || architecture === 'arm64') return stepsDown(architecture, variant);
  return [];
}

/** Down to the plain one: v4, v3, v2 of amd64; v9.1, v9.0, v8.6 … of arm64. */
function stepsDown(architecture: string, variant: string): readonly string[] {
  const [, major = '', minor = '0'] = /^v(\d)(?:\.(\d))?$/.exec(variant) ?? [];
  if (major === '') return [];
  if (architecture === 'amd64') return [...range(Number(major) - 1, 2).map((level) => `v${level}`), ''];
  const nines = major === '9' ? [...range(Number(minor) - 1, 0).map((level) => `v9.${level}`), 'v9'] : [];
  const eights = major === '9' ? Number(minor) + 5 : Number(minor) - 1;
  return [...nines, ...range(Math.min(eights, 9), 1).map((level) => `v8.${level}`), ''];
}

function range(from: number, downTo: number): readonly number[] {
  return Array.from({ length: Math.max(0, from - downTo + 1) }, (_, step) => from - step);
}

/** 32-bit programs that a 64-bit machine runs too. */
function others({ os, architecture }: Normal): readonly Platform[] {
  if (architecture === 'amd64') return [{ os, architecture: '386' }];
  if (architecture !== 'arm64') return [];
  return armVariants.map((variant) => ({ os, architecture: 'arm', variant }));
}
