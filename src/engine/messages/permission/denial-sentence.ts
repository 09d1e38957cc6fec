// The sentence for a permission that a program lacks: nothing of its log but what it could not use.

import type { PermissionDenial } from '../../model/permission.ts';

export function denialSentence({ family, path, port }: PermissionDenial): string {
  const what = path ?? (port === undefined ? undefined : `port ${port}`);
  return `a permission is missing (${family})${what === undefined ? '' : `: ${what}`}`;
}
