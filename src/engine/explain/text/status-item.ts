// Reads the item of a list around a line of YAML: a piece of a pod's status names its container and image beside the message.

import { isLabel } from '../../messages/kubelet/kubelet-suffix.ts';
import { present } from '../../platform/data/field.ts';

export type StatusItem = { readonly container?: string; readonly image?: string; readonly from: number };

/** Lines that one item may take on each side. */
const reach = 60;

/** Undefined where the line is in no item that says what a container is. */
export function statusItemAt(lines: readonly string[], at: number): StatusItem | undefined {
  let depth = indentOf(lines[at] ?? '');
  for (let from = at; from >= 0 && from > at - reach; from -= 1) {
    const line = lines[from] ?? '';
    if (line.trim() === '') continue;
    const item = /^([ \t]*)- +(?=\S)/.exec(line);
    if (item && item[0].length <= (from === at ? Infinity : depth)) {
      const found = itemOf(lines, from, item[0].length);
      if (found) return { ...found, from };
    }
    depth = Math.min(depth, indentOf(line));
  }
  return undefined;
}

/** @param depth where the keys of the item begin */
function itemOf(lines: readonly string[], from: number, depth: number): Omit<StatusItem, 'from'> | undefined {
  const first = `${' '.repeat(depth)}${(lines[from] ?? '').slice(depth)}`;
  const rest = lines.slice(from + 1, from + reach);
  const end = rest.findIndex((line) => line.trim() !== '' && indentOf(line) < depth);
  const own = [first, ...(end < 0 ? rest : rest.slice(0, end))].filter((line) => indentOf(line) === depth);
  const keys = new Map(
    own.flatMap((line) => {
      const [, key, value] = /^\s*([A-Za-z]+): +["']?([^\s"']{1,1024})["']?\s*$/.exec(line) ?? [];
      return key !== undefined && value !== undefined ? [[key, value] as const] : [];
    }),
  );
  const isStatus = own.some((line) =>
    /^\s*(?:state|lastState|imageID|restartCount|ready|started):/.test(line),
  );
  if (!isStatus) return undefined;
  const name = keys.get('name') ?? '';
  return present({ container: isLabel(name) ? name : undefined, image: keys.get('image') });
}

const indentOf = (line: string): number => /^[ \t]*/.exec(line)?.[0].length ?? 0;
