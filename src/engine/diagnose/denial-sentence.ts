// What is said of a program that lacks a permission: nothing of its log but what could not be used.

import type { PermissionDenial } from '../model/permission.ts';

export function denialSentence({ family, path, port }: PermissionDenial): string {
  const what = path ?? (port === undefined ? undefined : `port ${port}`);
  return `the program ends for want of a permission (${family})${what === undefined ? '' : `: ${what}`}`;
}
