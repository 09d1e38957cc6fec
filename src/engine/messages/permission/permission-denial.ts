// Recognises what a program that is no longer root says before it ends: in its log, or in the error of a runtime that
// could not start it.

import { printable } from '../../platform/data/printable.ts';
import type { PermissionDenial, PermissionFamily } from '../../model/permission.ts';
import { hasMarker } from '../../redact/marker.ts';
import type { Denial } from './sign.ts';
import type { Mounts } from './mounts.ts';
import { denialIn, isOfFiles } from './line-denial.ts';
import { isAlive, isEnding, isOtherFailure, type Weight, weightOf } from './line-weight.ts';
import { tailLines } from './tail-lines.ts';

export type PermissionHints = Mounts & {
  /** The user that the container runs as; for root there is no such denial. */
  readonly uid?: number;
};

const maxPathLength = 256;

/**
 * What the end of a log, or a runtime's error, says about a permission that a user who is not root lacks; undefined:
 * nothing of that kind. A line that ends the program weighs more than an error, a later one more than an earlier; what
 * the program survived, or another reason to fail that comes later, takes its weight from it. Nothing of the text is
 * kept but a path and a port.
 */
export function parsePermissionDenial(
  text: string,
  hints: PermissionHints = {},
): PermissionDenial | undefined {
  if (hints.uid === 0) return undefined;
  const lines = tailLines(text);
  const course = courseOf(lines);
  const found = lines.flatMap((_, at) => findingAt(lines, at, hints));
  const decisive = found.filter((finding) => isDecisive(finding, course));
  const heaviest = Math.max(0, ...decisive.map(({ weight }) => weight));
  const last =
    decisive.findLast(({ denial }) => denial.family === 'privilege-drop') ??
    decisive.findLast(({ weight }) => weight === heaviest);
  if (!last) return undefined;
  const named = withDetail(last, found);
  const others = isOfFiles(named) ? decisive.filter(isOtherFile) : [];
  const denial = { ...named, family: sharedFamily(named.family, others, hints) };
  return shown(denial, [denial, ...others.map((other) => other.denial)]);
}

/** Files that the program could not use and that mattered, one by one. */
const isOtherFile = ({ denial, weight }: WeighedDenial): boolean => weight >= 2 && isOfFiles(denial);

/** Nothing but its path speaks for a volume; where the image's own directories are refused as well, there may be none. */
function sharedFamily(
  family: PermissionFamily,
  others: readonly WeighedDenial[],
  { volumeMounts }: PermissionHints,
): PermissionFamily {
  const isMixed = others.some(
    ({ denial }) => denial.family === 'image-dir-ownership' && denial.path !== undefined,
  );
  return family === 'volume-ownership' && volumeMounts === undefined && isMixed
    ? 'image-dir-ownership'
    : family;
}

type WeighedDenial = { readonly denial: Denial; readonly weight: Weight; readonly at: number };

function findingAt(lines: readonly string[], at: number, hints: PermissionHints): readonly WeighedDenial[] {
  const denial = denialIn(lines, at, hints);
  const weight = weightOf(lines[at] ?? '');
  return denial && weight > 0 ? [{ denial, weight, at }] : [];
}

/** Where the log last says that the program runs or why else it failed, and where that it ends. */
type Course = { readonly overcome: number; readonly ended: number };

const courseOf = (lines: readonly string[]): Course => ({
  overcome: lines.findLastIndex((line) => isAlive(line) || isOtherFailure(line)),
  ended: lines.findLastIndex(isEnding),
});

/** What is said in passing decides only if the program ends after it, and nothing else says why. */
function isDecisive({ weight, at }: WeighedDenial, { overcome, ended }: Course): boolean {
  if (weight === 3) return true;
  return at >= overcome && (weight === 2 || ended > at);
}

/** Lines above in which the same error may have named its path. */
const reach = 8;

/** The denial with the path or port that an earlier line of the same matter names, where it names none itself. */
function withDetail({ denial, at }: WeighedDenial, found: readonly WeighedDenial[]): Denial {
  if (denial.path !== undefined || denial.port !== undefined) return denial;
  const earlier = found.findLast(
    (other) =>
      other.at < at &&
      other.at >= at - reach &&
      (other.denial.family === denial.family || (isOfFiles(denial) && isOfFiles(other.denial))) &&
      (other.denial.path !== undefined || other.denial.port !== undefined),
  );
  return earlier?.denial ?? denial;
}

/** Paths that are kept of one text. */
const maxPaths = 8;

const shownPath = ({ path }: Denial): readonly string[] =>
  path !== undefined && !hasMarker(path) && /\S/.test(path) ? [printable(path, maxPathLength)] : [];

/** @param all the denial itself first, then others whose paths are kept */
function shown({ family, attempt, port }: Denial, all: readonly Denial[]): PermissionDenial {
  const paths = [...new Set(all.flatMap(shownPath))].slice(0, maxPaths);
  const [path] = paths;
  return {
    family,
    ...(path !== undefined && { path }),
    ...(paths.length > 1 && { paths }),
    ...(attempt !== undefined && { attempt }),
    ...(port !== undefined && { port }),
  };
}
