// Reads the end of a container's log, within bounds.

import type { KubeClient } from '../../kube/api/client.ts';
import { pathOf } from '../../kube/api/discovery.ts';
import { KubeError } from '../../kube/api/error.ts';
import type { LogQuestion } from '../../engine/model/question.ts';

/** Of one answer; there are two at most. */
const maxBytes = 16_384;
/**
 * Of the lines that it is asked for, the server cuts off the end where they are too many bytes. What a program says last
 * matters most, so that fewer lines are then asked for as well.
 */
const lineCounts = [60, 8];

/** As it was written, secrets and all; undefined where there is no such log. Throws KubeErrors. */
export async function containerLog(
  question: LogQuestion,
  client: KubeClient,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { namespace, pod, container, previous } = question;
  const path = `${pathOf({ apiVersion: 'v1', plural: 'pods', namespace, name: pod })}/log`;
  const query = { container, previous: String(previous), limitBytes: String(maxBytes) };
  let found = '';
  try {
    for (const tailLines of lineCounts) {
      const asked = { ...query, tailLines: String(tailLines) };
      const { text, isCut } = await client.log(path, asked, signal, { maxBytes });
      found += isCut ? wholeLines(text) : text;
      if (!isCut) break;
    }
  } catch (error) {
    if (error instanceof KubeError && (error.status === 400 || error.code === 'notFound')) return undefined;
    throw error;
  }
  return goneForms.some((form) => form.test(found)) ? undefined : found;
}

/** Half a line may hold half a secret, which would not be known for one. */
function wholeLines(text: string): string {
  const end = text.lastIndexOf('\n');
  return end < 0 ? `${text}\n` : text.slice(0, end + 1);
}

/** What a kubelet says with status 200 in place of a log that it no longer has. */
const goneForms = [
  /^unable to retrieve container logs for [a-z-]{1,32}:\/\/[0-9a-f]{1,128}\s*$/,
  /^failed to try resolving symlinks in path "[^"\n]{1,1024}": lstat [^\n]{1,1024}: no such file or directory\s*$/,
];
