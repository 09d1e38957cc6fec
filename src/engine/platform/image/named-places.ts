// Places and ports that the text of a command, a script or a program names. Words in a text prove nothing; they say where
// to look.

/** Characters of a text, and places of it, that are looked at. */
const mostText = 131_072;
const mostPlaces = 64;

/** Not part of a URL, nor behind a variable. */
export const absolutePath = /(?<![\w./:$}-])\/(?:[\w@+-][\w.@+-]*\/)*[\w@+-][\w.@+-]*(?![\w(])/g;

/** What is behind these is never the image's own, or may be written by all. */
const shared = /^\/(?:proc|sys|dev|tmp|var\/tmp|run\/secrets|var\/run\/secrets)(?:\/|$)/;

/** Where programs keep what they write: a name alone says enough. */
const ofData = /^\/(?:var|srv|data|run|app|opt|home|root|mnt)(?:\/|$)/;

const ofConfig = /^\/etc\/(?!passwd$|group$|hosts$|resolv\.conf$|ssl\/)/;

/** A program or a library, wherever it is. */
const ofPrograms = /\/(?:s?bin|lib|lib64|node_modules|site-packages)\/|\.(?:sh|[cm]?js|py|rb|jar|so)$/;

/** Signs on a line that something is written; elsewhere a name is as likely that of a file to read. */
const writes =
  /(?<![-=\d])>|\b(?:tee|touch|mkdir|mkfifo|cp|mv|ln|install|chown|chmod|mktemp|truncate|dd|rsync)\b|\bsed\s{1,9}-\w{0,9}i|write|append|mkdir|createfile|unlink|rename|logfile|pidfile|\bopen\w{0,16}\([^)]{0,80}['"][wax]/i;

/** `data`: where programs keep what they write. `config`: what they read if it is there. */
export type TextPlace = { readonly path: string; readonly use: 'written' | 'data' | 'config' };

/** Absolute paths that a program may use, each once, in the order of the text. */
export function namedPlaces(text: string): readonly TextPlace[] {
  const places = new Map<string, TextPlace>();
  for (const line of text.slice(0, mostText).split('\n')) {
    if (/^\s*(?:#|\/\/|\*)/.test(line)) continue;
    const isWritten = writes.test(line);
    for (const [path] of line.matchAll(absolutePath)) {
      if (places.size === mostPlaces) return [...places.values()];
      const use = isWritten ? 'written' : useOf(path);
      if (shared.test(path) || use === undefined || places.get(path)?.use === 'written') continue;
      places.set(path, { path, use });
    }
  }
  return [...places.values()];
}

function useOf(path: string): TextPlace['use'] | undefined {
  if (ofConfig.test(path)) return 'config';
  return ofData.test(path) && !ofPrograms.test(path) ? 'data' : undefined;
}

const port =
  /(?:\blisten\w*\s*\(\s*|\blisten\s+|(?:^|[\s"'=[])-{1,2}p(?:ort)?[ =]|\bport\b["']?\s*[:=|]{1,2}\s*|\b0\.0\.0\.0:|\[::\]:|["'\s=]:)(?:[\w.*]*:)?["']?(\d{1,3})(?![\w.:])/gi;

/** Ports below 1024 that a program may listen on, each once. */
export function namedPorts(text: string): readonly number[] {
  const ports = [...text.slice(0, mostText).matchAll(port)].map(([, number]) => Number(number));
  return [...new Set(ports)].filter((number) => number > 0 && number < 1024);
}
