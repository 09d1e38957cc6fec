// What programs say of directories that are not theirs without naming an error of the kernel.

import { signsOf, type Sign } from './sign.ts';

const path = `["'[=]?(?<path>(?:\\.{0,2}/)[^\\s"'\`<>|,;()[\\]{}=]{0,512})["'\\]]?`;

/** Families are those that a path does not overrule; a path decides where there is one. */
export const unwritable: readonly Sign[] = [
  ...signsOf(
    'volume-ownership',
    new RegExp(`${path} (?:is not|isnt|not)(?: a directory or not)? (?:a )?writ(?:e?able|able)`, 'i'),
    new RegExp(`attempted to create a lock file on a read-only directory: ?${path}`, 'i'),
    new RegExp(`permission denied for data folder at ${path}`, 'i'),
    new RegExp(`data directory ${path} has (?:wrong|invalid) (?:ownership|permissions)`, 'i'),
    /data file ["'][^"'\n]{1,200}["'] must be writable/i,
    /you may have issues with file permissions/i,
    new RegExp(`\\bdub path ${path} (?:writ|read|exist)able\\] FAILED`, 'i'),
    new RegExp(`${path} must be (?:a )?writable`, 'i'),
    new RegExp(
      `(?:cannot|cant|unable to) write (?:in)?to (?:the )?(?:\\w{1,16} )?(?:directory|dir|folder) ${path}[\\s"'}\\]]*$`,
      'i',
    ),
    new RegExp(
      `\\b(?:unable to|cannot|cant|could ?not|couldnt|failed to) create (?:the )?(?:\\w{1,16} ){0,3}(?:directory|dir|folder):? ${path}[\\s"'}\\]]*$`,
      'i',
    ),
    new RegExp(
      `\\b(?:unable to|cannot|cant|could ?not|couldnt|failed to|error) (?:open|creat|writ|read|access|lock)\\w{0,3} (?:\\w{1,16} ){0,3}?(?:database|db|file|directory|dir|folder|log|socket)[ :(-]{1,4}(?:permission denied|operation not permitted)[ :]{1,3}${path}`,
      'i',
    ),
    /unable to create mmap-ed active query log/i,
    /unable to write to the backend|has write permissions? for the backend/i,
    new RegExp(`(?:drive|disk) ${path}: [^\\n]{0,80}file access denied`, 'i'),
    new RegExp(
      `(?:\\bno|\\bnot have|nt have)(?: \\w{1,12})? permissions? to (?:create|write|read|access|open)(?: (?:to|in|from))?(?: the)? (?:\\w{1,16} )?(?:directory|dir|folder|file) ${path}`,
      'i',
    ),
  ),
  ...signsOf(
    'image-dir-ownership',
    new RegExp(`cannot open ${path} for writing`, 'i'),
    new RegExp(`trying to write to ${path}\\. It is\\b`, 'i'),
    new RegExp(`unable to access log file\\. Please ensure that ${path} exists and is writable`, 'i'),
    new RegExp(`unable to create directory for deployment: ${path}`, 'i'),
    new RegExp(`no existing directory at ${path} and it could not be created: permission denied`, 'i'),
    new RegExp(
      `insufficient permissions to (?:access|use|write|read) (?:the )?(?:path|directory|file),? ?${path}`,
      'i',
    ),
    new RegExp(`unable to open (?:log )?file ${path} for writing`, 'i'),
  ),
  ...signsOf('volume-ownership', new RegExp(`error when reading ${path}: eacces`, 'i')),
];
