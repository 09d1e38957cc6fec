// Programs that cannot be started, and directories to start in that cannot be entered.

import { signsOf, type Sign } from './sign.ts';

const denied = '(?:permission denied)';
const program = `["']?(?<path>[^\\s"':()]{1,512})["']?`;

export const executions: readonly Sign[] = [
  ...signsOf(
    'workdir',
    new RegExp(
      `chdir to cwd \\(["']?(?<path>[^"')]{1,512})["']?\\) set in config\\.json failed: ${denied}`,
      'i',
    ),
    new RegExp(
      `\\b(?:cannot |failed to )?chdir (?:to )?["']?(?<path>/[^\\s"':]{0,512})["']?: ${denied}`,
      'i',
    ),
    new RegExp(
      `\\b(?:sh|bash|ash|dash|cd)?:? ?(?:line \\d{1,6}: )?\\bcd: (?:cant cd to )?["']?(?<path>[^\\s"':]{1,512})["']?: ${denied}`,
      'i',
    ),
    /\bgetcwd\b[^\n]{0,80}permission denied|permission denied, uv_cwd/i,
  ),
  ...signsOf(
    'exec-mode',
    new RegExp(`\\b(?:fork/)?exec:? ${program}(?: failed)?(?:: stat [^\\s:]{1,512})?: ${denied}`, 'i'),
    new RegExp(`\\bexec container process ${program}: ${denied}`, 'i'),
    /\bexec(?:uting)? (?:user|container) process(?: caused)?:? ?["']?: ?["']?permission denied|\bexec user process caused:? ?["']?permission denied|\bopen executable: (?:permission denied|operation not permitted)/i,
    new RegExp(`\\bexec: line \\d{1,6}: ${program}: ${denied}`, 'i'),
    new RegExp(`\\[dumb-init\\] ${program}: ${denied}`, 'i'),
    new RegExp(`\\benv: ["'](?<path>[^"']{1,512})["']: ${denied}`, 'i'),
    // a shell that could not start a program: a script, or a file in a directory of programs
    new RegExp(
      `(?:^|[\\s/])(?:ba|da|a|z|k)?sh: (?:(?:line )?\\d{1,6}: )?(?<path>(?!/etc/)\\.{0,2}[^\\s:'"]{0,400}/(?:s?bin/[^\\s:'"/]{1,100}|[^\\s:'"/]{1,100}\\.(?:sh|py|pl|rb|js))|\\./[^\\s:'"]{1,200}): ${denied}`,
      'i',
    ),
    new RegExp(
      `: (?:line )?\\d{1,6}: (?<path>(?!/etc/)\\.{0,2}[^\\s:'"]{0,400}/s?bin/[^\\s:'"/]{1,100}|\\.{0,2}[^\\s:'"]{0,400}/[^\\s:'"/]{1,100}\\.sh): ${denied}`,
      'i',
    ),
    // dash names only what it executes this way: of a redirection it says that it cannot create the file
    new RegExp(`(?:^|[\\s/])sh: \\d{1,6}: (?<path>[^\\s:'"/]{1,100}): ${denied}`, 'i'),
  ),
  ...signsOf(
    'file-caps',
    /\bexec(?: container process)? ["']?(?<path>[^\s"':]{1,512})["']?: operation not permitted/i,
    /\bexec user process caused:? ?["']?operation not permitted/i,
    /\bexec: ["'](?<path>[^"']{1,512})["']: operation not permitted/i,
  ),
];
