// What a table of one family is made of.

import type { Attempt, PermissionFamily } from '../../model/permission.ts';

/** What one line, with those around it, says. */
export type Denial = {
  readonly family: PermissionFamily;
  /** As written. */
  readonly path?: string;
  readonly attempt?: Attempt;
  readonly port?: number;
};

/** Words that decide a family by themselves. A group `path` holds what could not be used. */
export type Sign = { readonly family: PermissionFamily; readonly pattern: RegExp };

export const signsOf = (family: PermissionFamily, ...patterns: readonly RegExp[]): readonly Sign[] =>
  patterns.map((pattern) => ({ family, pattern }));

export function denialBy(signs: readonly Sign[], line: string): Denial | undefined {
  for (const { family, pattern } of signs) {
    const match = pattern.exec(line);
    if (match) return { family, ...(match.groups?.['path'] && { path: match.groups['path'] }) };
  }
  return undefined;
}
