// What a table of one family is made of.

/** Why a process that is no longer root could not do its work. */
export type PermissionFamily =
  | 'image-dir-ownership'
  | 'volume-ownership'
  | 'bind-privileged-port'
  | 'privilege-drop'
  | 'home-missing'
  | 'uid-without-passwd-entry'
  | 'workdir'
  | 'exec-mode'
  | 'file-caps'
  | 'secret-mode'
  | 'needs-root';

/** What one line, with those around it, says. */
export type Denial = {
  readonly family: PermissionFamily;
  /** As written. */
  readonly path?: string;
  readonly port?: number;
};

/** Words that decide a family by themselves. A group `path` holds what could not be used. */
export type Sign = { readonly family: PermissionFamily; readonly pattern: RegExp };

export function denialBy(signs: readonly Sign[], line: string): Denial | undefined {
  for (const { family, pattern } of signs) {
    const match = pattern.exec(line);
    if (match) return { family, ...(match.groups?.['path'] && { path: match.groups['path'] }) };
  }
  return undefined;
}
