// Names that people write around what they paste: a container in back-quotes, the row of a table of pods.

import { isLabel, isSubdomain } from '../../messages/kubelet/kubelet-suffix.ts';
import type { Described } from './description.ts';
import { messageOfRow } from './event-rows.ts';

const quotedContainer =
  /[`'"“‘]([a-z0-9-]{1,63})[`'"”’] (?:init[- ]?)?container\b|\b(?:init[- ]?)?container [`'"“‘]([a-z0-9-]{1,63})[`'"”’]/gi;

const podRow = /^[ \t>|]*([a-z0-9.-]{1,253})[ \t]+\d+\/\d+[ \t]+(?:Init:)?([A-Za-z]+)[ \t]+\d+/;

/** What a text says in passing; of each there must be no other to choose from. */
export type Prose = {
  readonly container?: string;
  /** Rows of a table of pods, with their status. */
  readonly pods: readonly { readonly name: string; readonly status: string }[];
};

/** Of rows of such a table, as many as a person reads. */
const maxPods = 1000;

/** Nothing where kubectl printed the names itself. */
export function proseIn(lines: readonly string[], objects: readonly Described[]): Prose {
  const isPrinted = objects.length > 0 || lines.some((line) => messageOfRow(line) !== undefined);
  if (isPrinted) return { pods: [] };
  const names = lines.flatMap((line) =>
    Array.from(
      line.slice(0, maxLineLength).matchAll(quotedContainer),
      ([, before, after]) => before ?? after ?? '',
    ),
  );
  const container = only(names.filter(isLabel));
  const pods = lines.flatMap((line) => {
    const [, name = '', status = ''] = podRow.exec(line) ?? [];
    return isSubdomain(name) ? [{ name, status }] : [];
  });
  return { ...(container !== undefined && { container }), pods: pods.slice(0, maxPods) };
}

/** The pod whose status can be this failure's, where there is only one. */
export const podInProse = ({ pods }: Prose, statuses: readonly string[]): string | undefined =>
  only(pods.filter(({ status }) => statuses.includes(status)).map(({ name }) => name));

const maxLineLength = 1000;

function only(names: readonly string[]): string | undefined {
  const [first, ...others] = new Set(names);
  return others.length === 0 ? first : undefined;
}
