// How much a line of a log decides: whether its program died of what it says.

/** 3: it ends the program. 2: an error. 1: said in passing. 0: said to have been survived. */
export type Weight = 0 | 1 | 2 | 3;

const survived =
  /\bcontinu(?:e|es|ing)\b(?<!not continu\w{1,3})|\bskip(?:ping|ped|s)?\b|\bignor(?:ing|ed|e)\b|fall(?:ing|s)? ?back|using (?:the )?defaults?\b|\bdisabled\b|\bunprivileged\b|temporary \S{1,40} (?:directory|folder)|\bwill retry\b|\bretrying\b|should set the environment variable|harmless/i;
const fatal =
  /\[(?:emerg|alert|crit|fatal)\b|\b(?:FATAL|CRIT|CRITICAL|EMERG|PANIC)\b|\b(?:fatal|panic|critical)[\]: =>"]|level["']?[:=]["']?(?:fatal|panic|critical|dpanic)|\bUncaught\b|\bUnhandled\b|\buncaught exception|Exception in thread|\bexiting\b|\bterminating\b|\bpanicked at\b|^F\d{4} |"s":"F"|\bPHP Fatal/i;
const passing =
  /\bwarn(?:ing)?\b|level["']?[:=]["']?(?:warn\w{0,3}|info|debug|trace)|^W\d{4} |\[(?:warn|info|notice|debug)\w{0,3}\s{0,4}\]|"s":"[WID]"|\b(?:info|notice|debug)\b:?(?= )/i;
/** A warning of PHP is an error, and s6 warns of what it then dies of. */
const strongWarning =
  /\bPHP Warning\b|\bs6-|Microsoft\.|\bWarning: {1,2}\w{3,24}\(|\bVM warning: Cannot open file\b/;

/** A supervisor says at its own level what its child has said on stderr. */
const relayed =
  /"(?:pipe|stream|source|fd)": ?"stderr"|\b(?:msg|message)["']?[=:] ?["'][\w.-]{1,32}: (?:error|fatal): /i;

export function weightOf(line: string): Weight {
  if (fatal.test(line)) return 3;
  if (survived.test(line)) return 0;
  return passing.test(line) && !strongWarning.test(line) && !relayed.test(line) ? 1 : 2;
}

const alive =
  /\b(?:listening on|ready to accept|ready for connections|accepting connections|server (?:has )?started|started (?:server|in \d)|startup complete|up and running|now running|fpm is running|entered RUNNING state|serving on|running on http)/i;

/** Whether the program says that it runs. */
export const isAlive = (line: string): boolean =>
  alive.test(line) && !/\b(?:fail|not|error|unable|cannot|exiting)/i.test(line);

const otherReason =
  /connection refused|\bECONN(?:REFUSED|RESET)|no such host|\bENOTFOUND\b|EAI_AGAIN|name resolution|host not found|timed? ?out\b|deadline exceeded|unreachable|address already in use|EADDRINUSE|certificate (?:has|is|verify|signed)|x509:|authentication failed|@ERROR: auth failed|access denied for user|login failed|does not exist|nil pointer|index out of (?:range|bounds)|segmentation (?:fault|violation)|SIG(?:SEGV|ABRT|BUS)|NullPointerException|OutOfMemory|out of memory|cannot allocate memory|no space left|disk quota|syntax ?error|parse error|cannot find module|no module named|ClassNotFound|exec format error|checksum|corrupt|incompatible|unsupported|missing required|is not set\b|must be set/i;
const failing =
  /\b(?:error|fail(?:ed|ure)?|fatal|panic|exception|cannot|could ?n[o']?t|unable|err)\b|\[(?:emerg|alert|crit|error)\]/i;

/** Whether the line names another reason to fail. */
export const isOtherFailure = (line: string): boolean =>
  otherReason.test(line) && (failing.test(line) || fatal.test(line));

/** Whether the program says that it ends. */
export const isEnding = (line: string): boolean =>
  fatal.test(line) || /\bexit(?:ed|s)?\b|\babort/i.test(line);
