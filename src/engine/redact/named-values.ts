// Takes out values whose names say that they are secret: in queries, environments, YAML, JSON within JSON, headers,
// connection strings, XML and the dumps of many languages.

import { closing, type Extent, valueAt } from './value-extent.ts';
import { mark, type SecretKind } from './marker.ts';
import { kindOf } from './telling-names.ts';

/** A name; or what was taken out before, whose words are none. */
const word = /\[redacted [a-z -]{5,20}\]|[A-Za-z_$][\w.$-]*/g;
/** What closes a name and stands between it and its value: `"]`, `=`, `: `, ` => `, `%3D`. */
const separator = /((?:\\*["'`]|\])?)([ \t]{0,64})(=>|:=|==?|:(?!\/\/)|%3[dD])([ \t]{0,64})/y;
const flagGap = /[ \t]{1,8}(?!\s|--?[A-Za-z])/y;
/** `PASSWORD 'x'` of SQL; other names speak about what is quoted behind them. */
const sqlGap = /[ \t]{1,8}(?=\\*')/y;

export function namedValues(text: string): string {
  let kept = '';
  let from = 0;
  for (const match of text.matchAll(word)) {
    if (match.index < from || match[0].startsWith('[')) continue;
    const value = secretBehind(text, match[0], match.index);
    if (!value) continue;
    kept += text.slice(from, value.start) + mark(value.kind);
    from = value.end;
  }
  return kept + text.slice(from);
}

type Secret = Extent & { readonly kind: SecretKind };

function secretBehind(text: string, name: string, start: number): Secret | undefined {
  const kind = kindOf(name);
  if (!kind) return undefined;
  const end = start + name.length;
  const value =
    behindSeparator(text, start, end, kind) ??
    behindGap(text, start, end, kind) ??
    inElement(text, start, end);
  return value && { ...value, kind };
}

function behindSeparator(text: string, start: number, end: number, kind: SecretKind): Extent | undefined {
  separator.lastIndex = end;
  const found = separator.exec(text);
  if (!found) return undefined;
  const isColon = found[3] === ':';
  // A path that ends in such a word is what an error speaks about: /run/secrets/token: permission denied.
  if (isColon && found[1] === '' && isInPath(text, start)) return undefined;
  const header =
    kind === 'cookie'
      ? 'cookie'
      : /authorization$/i.test(text.slice(end - 13, end))
        ? 'authorization'
        : undefined;
  return valueAt(text, separator.lastIndex, {
    isProse: isColon && found[4] !== '',
    isWholeLine: header === 'authorization' || (isColon && beginsLine(text, start)),
    ...(header && { header }),
    until: found[1] === '' ? closing(text, start) : undefined,
  });
}

function behindGap(text: string, start: number, end: number, kind: SecretKind): Extent | undefined {
  const isFlag = /(?:^|[\s"'[=])--?$/.test(text.slice(Math.max(0, start - 3), start));
  const gap = isFlag ? flagGap : sqlGap;
  gap.lastIndex = end;
  if ((!isFlag && kind !== 'password') || !gap.test(text)) return undefined;
  return valueAt(text, gap.lastIndex, {
    isProse: !isFlag,
    isWholeLine: false,
    until: undefined,
  });
}

/** <password>…</password> */
function inElement(text: string, start: number, end: number): Extent | undefined {
  if (text[start - 1] !== '<' || text[end] !== '>') return undefined;
  const close = text.slice(end, end + 4096).search(/[<\r\n]/);
  return close > 1 && !text.startsWith('[redacted ', end + 1)
    ? { start: end + 1, end: end + close }
    : undefined;
}

const beginsLine = (text: string, start: number): boolean =>
  /(?:^|[\r\n])[ \t]*(?:- )?["']?$/.test(text.slice(Math.max(0, start - 64), start));

const isInPath = (text: string, start: number): boolean =>
  /(?:^|[\s"'`(=])[~.]{0,2}\/[^\s"'`]*$/.test(text.slice(Math.max(0, start - 128), start));
