// What a program tried when a file was refused: to read it, to write it, or to make a directory.

import type { Attempt } from '../../model/permission.ts';

const making =
  /\bmkdir|\bmkdtemp|create_?director|\bmakedirs?\b|(?:creat|mak)(?:e|ing) (?:the )?(?:[\w-]{1,16} ){0,3}(?:directory|directories|dir|folder)\b|directory \S{1,512} (?:and it )?could ?not be created|syscall:? ["']?mkdir/i;

const writing =
  /\b(?:creat\w{0,4}|mkfifo|mktemp|mkstemp|touch|tee|writ\w{1,4}|chown|chmod|chgrp|changing|rename|unlink|remov\w{1,3}|append|lock\w{0,3}|truncate|mv|rm|ln)\b|FileOutputStream|RandomAccessFile|Open(?:Write|OrCreate)|WriteAll|CreateFile|writeFile|write_text|createWriteStream|appendFile|file_put_contents|StreamHandler|FileHandler|LogValve|temp(?:orary)? file|error[_ ]log|log ?file|\bopen\([^)]{0,200}, ?["'][wax]|\.open\(["'][wax]|: (?:line )?\d{1,6}: \S{1,512}: permission denied/i;

const reading =
  /\b(?:read\w{0,3}|load\w{0,3}|import\w{0,3}|include\w{0,3}|require\w{0,2}|exec_module|cat|ls|stat|lstat|grep|source|certificate|trust)\b|FileInputStream|FileReader|OpenRead|ReadAll|readFile|read_text|Module\._extensions|loadFile|file_get_contents|\bopen\([^)]{0,200}, ?["']r|configur(?:ation|ing) file|jarfile/i;

/** Said of both, and more often of what is read. */
const opening = /cant open|\bconfig(?:ur(?:ation|ing))?\b/i;

/** Names of files that come with a program or its settings, so that they are opened to be read. */
const readName =
  /\.(?:conf|config|cfg|cnf|ini|ya?ml|json5?|toml|properties|xml|env|pem|crt|cert|cer|key|p12|pfx|jks|keystore|truststore|kubeconfig|py|pyc|m?js|cjs|ts|rb|pl|pm|php|lua|jar|war|class|so|html?|css|sql|woff2?|ttf|png|svg|md|csv|dll|exe|tmpl|tpl|j2|template)$|(?:^|\/)(?:Gemfile|Procfile|Rakefile|Caddyfile|Corefile)$|(?:^|\/)(?:Gemfile|yarn|poetry|composer|Pipfile|Cargo|package-lock|uv)\.(?:lock|json)$/;

/** Names of files that programs write, and of directories for them. */
const writtenName =
  /\.(?:log|pid|lock|db|sqlite3?|tmp|temp|sock|out|aof|rdb|wal|journal|chk|cache|pos|swp|dat)$|(?:^|\/)(?:logs?|tmp|temp|caches?|\.cache|run|uploads?|sessions?|storage|data|lock)(?:\/[^/]*)?$|(?:^|\/)[^/]*cache[^/]*$/i;

/** Frames of a stack trace, and what languages write around them. */
const frame =
  /^\s+(?:at |from |File ")|^#\d|^\s{2,}\S|^\s*(?:errno|code|syscall|path):|npm (?:ERR!|error) (?:syscall|path|code)/;

const framesBelow = 8;
const framesAbove = 3;

/** @param lines of which `at` is the one that names the path */
export function attemptAt(
  lines: readonly string[],
  at: number,
  path: string | undefined,
): Attempt | undefined {
  const line = lines[at] ?? '';
  const own = path === undefined ? line : line.replaceAll(path, '/');
  return saidBy(own) ?? saidBy(around(lines, at)) ?? byName(path) ?? (opening.test(own) ? 'read' : undefined);
}

/** Of a line that says several things, what makes or changes a file weighs more. */
function saidBy(text: string): Attempt | undefined {
  if (making.test(text)) return 'makeDirectory';
  if (writing.test(text)) return 'write';
  return reading.test(text) ? 'read' : undefined;
}

function byName(path: string | undefined): Attempt | undefined {
  if (path === undefined) return undefined;
  if (writtenName.test(path) && !/\block\.json$|^.*(?:Gemfile|yarn|poetry|Pipfile|Cargo)\.lock$/.test(path))
    return 'write';
  return readName.test(path) || path.startsWith('/etc/') ? 'read' : undefined;
}

function around(lines: readonly string[], at: number): string {
  const below = lines.slice(at + 1, at + 1 + framesBelow);
  const end = below.findIndex((line) => !frame.test(line));
  const above = lines.slice(Math.max(0, at - framesAbove), at).filter((line) => frame.test(line));
  return [...above, ...(end < 0 ? below : below.slice(0, end))].join('\n');
}
