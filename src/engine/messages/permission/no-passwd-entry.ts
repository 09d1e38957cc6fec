// Programs that want to know the name of their user, and end because the image has none for the number.

import { signsOf, type Sign } from './sign.ts';

/** The number of a user that is not root. */
const uid = '[1-9]\\d{0,9}';

export const missingEntries: readonly Sign[] = signsOf(
  'uid-without-passwd-entry',
  new RegExp(`getpwuid\\(\\): uid not found: ${uid}\\b`),
  new RegExp(`\\bgetpwuid(?:_r)?\\(${uid}\\)[^\\n]{0,20}(?:failed|not found|no such)`, 'i'),
  new RegExp(
    `\\bno user exists for uid ${uid}\\b|\\bunknown uid ${uid}: who are you|\\buser: unknown userid ${uid}\\b`,
    'i',
  ),
  new RegExp(
    `(?:could not look up|no such) (?:local |effective )?user(?: ID)? ${uid}\\b|local user with ID ${uid} does not exist|cant find user for ${uid}\\b`,
    'i',
  ),
  /you do not exist in the passwd database|unable to look up current user in the passwd file|uv_os_get_passwd returned ENOENT/i,
  new RegExp(
    `(?:couldnt|could not|cannot|cant|unable to|failed to) (?:determine|find|look ?up|get|resolve) [^\\n]{0,60}(?:uid ${uid}\\b|uid \\(${uid}\\) in passwd)`,
    'i',
  ),
  // what Java has for a home where passwd has none
  /\b(?:create|open|write|access)\w{0,3} (?:the )?(?:directory|dir|folder|file)? ?:?["' (]{0,2}\?\/\.?\w/i,
  /invalid null input: name|failed to get (?:current )?user(?:name)?: user: unknown userid/i,
);
