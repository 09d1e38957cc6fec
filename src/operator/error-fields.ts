// An error as fields of a log line: trouble with the API server by its code, anything else with its stack.

import { KubeError } from '../kube/api/error.ts';

export function errorFields(error: unknown): Readonly<Record<string, unknown>> {
  if (error instanceof KubeError) return { code: error.code, reason: error.message };
  return { reason: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
