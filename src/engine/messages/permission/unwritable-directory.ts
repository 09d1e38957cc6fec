// What programs say of directories that are not theirs without naming an error of the kernel.

import type { Sign } from './sign.ts';

const path = `["'[=]?(?<path>(?:\\.{0,2}/)[^\\s"'\`<>|,;()[\\]{}=]{0,512})["'\\]]?`;

/** Families are those that a path does not overrule; a path decides where there is one. */
export const unwritable: readonly Sign[] = [
  {
    family: 'volume-ownership',
    pattern: new RegExp(
      `${path} (?:is not|isnt|not)(?: a directory or not)? (?:a )?writ(?:e?able|able)`,
      'i',
    ),
  },
  {
    family: 'volume-ownership',
    pattern: new RegExp(`attempted to create a lock file on a read-only directory: ?${path}`, 'i'),
  },
  { family: 'volume-ownership', pattern: new RegExp(`permission denied for data folder at ${path}`, 'i') },
  {
    family: 'volume-ownership',
    pattern: new RegExp(`data directory ${path} has (?:wrong|invalid) (?:ownership|permissions)`, 'i'),
  },
  { family: 'volume-ownership', pattern: /data file ["'][^"'\n]{1,200}["'] must be writable/i },
  { family: 'volume-ownership', pattern: /you may have issues with file permissions/i },
  {
    family: 'volume-ownership',
    pattern: new RegExp(`\\bdub path ${path} (?:writ|read|exist)able\\] FAILED`, 'i'),
  },
  { family: 'volume-ownership', pattern: new RegExp(`${path} must be (?:a )?writable`, 'i') },
  {
    family: 'volume-ownership',
    pattern: new RegExp(
      `(?:cannot|cant|unable to) write (?:in)?to (?:the )?(?:\\w{1,16} )?(?:directory|dir|folder) ${path}[\\s"'}\\]]*$`,
      'i',
    ),
  },
  {
    family: 'volume-ownership',
    pattern: new RegExp(
      `\\b(?:unable to|cannot|cant|could ?not|couldnt|failed to) create (?:the )?(?:data |log |base )?(?:directory|dir|folder):? ${path}[\\s"'}\\]]*$`,
      'i',
    ),
  },
  {
    family: 'volume-ownership',
    pattern: new RegExp(
      `\\b(?:unable to|cannot|cant|could ?not|couldnt|failed to|error) (?:open|creat|writ|read|access|lock)\\w{0,3} (?:\\w{1,16} ){0,3}?(?:database|db|file|directory|dir|folder|log|socket)[ :(-]{1,4}(?:permission denied|operation not permitted)[ :]{1,3}${path}`,
      'i',
    ),
  },
  { family: 'volume-ownership', pattern: /unable to create mmap-ed active query log/i },
  {
    family: 'volume-ownership',
    pattern: /unable to write to the backend|has write permissions? for the backend/i,
  },
  {
    family: 'volume-ownership',
    pattern: new RegExp(`(?:drive|disk) ${path}: [^\\n]{0,80}file access denied`, 'i'),
  },
  {
    family: 'volume-ownership',
    pattern: new RegExp(
      `(?:\\bno|\\bnot have|nt have)(?: \\w{1,12})? permissions? to (?:create|write|read|access|open)(?: (?:to|in|from))?(?: the)? (?:\\w{1,16} )?(?:directory|dir|folder|file) ${path}`,
      'i',
    ),
  },
  { family: 'image-dir-ownership', pattern: new RegExp(`cannot open ${path} for writing`, 'i') },
  {
    family: 'image-dir-ownership',
    pattern: new RegExp(
      `trying to write to ${path}\\. It is likely that you need to grant write permissions`,
      'i',
    ),
  },
  {
    family: 'image-dir-ownership',
    pattern: new RegExp(
      `unable to access log file\\. Please ensure that ${path} exists and is writable`,
      'i',
    ),
  },
  {
    family: 'image-dir-ownership',
    pattern: new RegExp(`unable to create directory for deployment: ${path}`, 'i'),
  },
  {
    family: 'image-dir-ownership',
    pattern: new RegExp(`unable to open (?:log )?file ${path} for writing`, 'i'),
  },
  { family: 'volume-ownership', pattern: new RegExp(`error when reading ${path}: eacces`, 'i') },
];
