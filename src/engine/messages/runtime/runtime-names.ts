// Reads the container and the pod that runtimes and kubelets print around the runtime's words.

import { namesAroundSentence } from '../kubelet/names-around.ts';
import { isLabel, type PrintedNames } from '../kubelet/kubelet-suffix.ts';

/** How much of the line is read in front; a whole container spec may stand there. */
const reach = 8000;

const name = '([a-z0-9-]{1,63})';
const containerForms = [
  new RegExp(`failed to (?:start|create) container \\\\*"${name}\\\\*"`),
  new RegExp(`"StartContainer\\\\*" for \\\\*"${name}\\\\*" with `),
  new RegExp(`ContainerMetadata\\{Name:${name},`),
  new RegExp(`&Container\\{Name:${name},`),
  new RegExp(`\\bcontainer ${name} start failed in pod `),
  new RegExp(`spec\\.(?:c|initC|ephemeralC)ontainers\\{${name}\\}`),
];

/** runc's `unable to start container process: ` and `error during container init: `, which name no container. */
const isProcess = /(?:start(?:ing)? container process|during container init):?[^:\n]{0,40}:?\s*$/;

/** @param at where the sentence begins in the raw text */
export function runtimeNamesAround(raw: string, at: number): PrintedNames {
  const before = raw.slice(Math.max(0, at - reach, raw.lastIndexOf('\n', at) + 1), at);
  const container = containerForms
    .map((form) => form.exec(before)?.[1])
    .find((found) => found && isLabel(found));
  const { container: other, ...pod } = namesAroundSentence(raw, at);
  const said = container ?? (isProcess.test(before) ? undefined : other);
  return { ...(said && { container: said }), ...pod };
}
