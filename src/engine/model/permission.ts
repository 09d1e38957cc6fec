// What a program that is no longer root lacks.

export const permissionFamilies = [
  'image-dir-ownership', // a directory of the image belongs to root
  'volume-ownership', // a mounted volume belongs to another user
  'bind-privileged-port', // a port below 1024
  'privilege-drop', // an entrypoint that wants to change its user
  'home-missing', // no home, or one that may not be written
  'uid-without-passwd-entry', // the uid has no name
  'workdir', // the working directory may not be entered
  'exec-mode', // the program may not be executed
  'file-caps', // the program has capabilities that this run may not have
  'secret-mode', // a Secret's file may not be read
  'needs-root', // the task itself is root's
] as const;

export type PermissionFamily = (typeof permissionFamilies)[number];

/** What the program tried; the words often leave it open. */
export type Attempt = 'read' | 'write' | 'makeDirectory' | 'rawSocket';

/** All that is kept of a log line. */
export type PermissionDenial = {
  readonly family: PermissionFamily;
  /** What could not be used, printable, at most 256 characters; absent where the text names nothing or a secret. */
  readonly path?: string;
  /** All that could not be used, `path` first, at most 8; absent where there is only one. */
  readonly paths?: readonly string[];
  readonly attempt?: Attempt;
  /** A port below 1024. */
  readonly port?: number;
};
