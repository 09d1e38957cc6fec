// The words of the two errors of the kernel, EACCES and EPERM, in the languages of programs and of people.

const accessWords = [
  'permission denied',
  'permissiondenied',
  'access denied',
  '\\bEACCES\\b',
  'access is denied',
  '\\bAccessDeniedException\\b',
  'access to the path ["\'][^"\']{1,512}["\'] is denied(?! by)',
  'keine berechtigung',
  'permission non accordée',
  'permiso denegado',
  'permesso negato',
  'permissão negada',
  'отказано в доступе',
  '权限不够',
  '許可がありません',
];
const permissionWords = [
  'operation not permitted',
  '\\bEPERM\\b',
  'not permitted',
  'vorgang nicht zulässig',
  'opération non permise',
  'operación no permitida',
  'operazione non permessa',
];

const errorWords = new RegExp([...accessWords, ...permissionWords].join('|'), 'gi');

export type ErrorWords = { readonly start: number; readonly end: number };

/** Where the line says that something was denied; the last of several, since causes stand at the end. */
export function errorWordsIn(line: string): readonly ErrorWords[] {
  return Array.from(line.matchAll(errorWords), ({ index, 0: words }) => ({
    start: index,
    end: index + words.length,
  }));
}

export const hasErrorWords = (line: string): boolean => line.search(errorWords) >= 0;
