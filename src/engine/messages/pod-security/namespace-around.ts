// Reads the namespace that a log, an audit event or a table prints around a refusal, which itself never names it.

import { isLabel } from '../kubelet/kubelet-suffix.ts';

/** How much is read on each side, in characters. */
const reach = 4000;

const name = '([a-z0-9-]{1,63})';
const quote = String.raw`\\*"`;

/** In the same line, in front. */
const before = [
  new RegExp(`\\bsync ${quote}${name}/[^"\\\\\\n]{1,253}${quote} failed with`),
  new RegExp(`\\bNamespace:${quote}${name}${quote}`),
  new RegExp(`\\bobject=${quote}${name}/`),
  new RegExp(`/namespaces/${name}/pods\\b`),
  new RegExp(`^\\s*${name}\\s{2,}\\d+[smhd]\\S{0,20}\\s{2,}Warning\\s{2,}FailedCreate\\s`),
];

/** In an audit event, whose lines may be many. */
const audited = [
  new RegExp(`${quote}objectRef${quote}\\s{0,20}:\\s{0,20}${quote}${name}/`),
  new RegExp(
    `${quote}objectRef${quote}\\s{0,20}:\\s{0,20}\\{[^{}]{0,600}?${quote}namespace${quote}\\s{0,20}:\\s{0,20}${quote}${name}${quote}`,
  ),
];

/** @param at where the sentence begins in the raw text */
export function namespaceAround(raw: string, at: number): { readonly namespace?: string } {
  const start = Math.max(0, at - reach);
  const line = raw.slice(Math.max(start, raw.lastIndexOf('\n', at) + 1), at);
  const near = raw.slice(start, at + reach);
  const namespace =
    before.map((form) => form.exec(line)?.[1]).find(Boolean) ??
    audited.map((form) => form.exec(near)?.[1]).find(Boolean);
  return namespace && isLabel(namespace) ? { namespace } : {};
}
