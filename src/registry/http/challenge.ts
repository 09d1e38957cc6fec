// What a registry asks for with a 401: the WWW-Authenticate header.

export type Challenge =
  | { readonly is: 'basic' }
  | { readonly is: 'bearer'; readonly realm: string; readonly service: string; readonly scope: string };

const headerLimit = 8192;
const partForm =
  /\s*,?\s*(?:([!#$%&'*+.^_`|~\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))|([!#$%&'*+.^_`|~\w-]+))/gy;

/** The challenges in a header's order; unknown schemes are left out, and so is everything after a syntax error. */
export function parseChallenges(header: string): readonly Challenge[] {
  const found: { readonly scheme: string; readonly parameters: Map<string, string> }[] = [];
  for (const [, key, quoted, plain, scheme] of header.slice(0, headerLimit).matchAll(partForm)) {
    if (scheme !== undefined) found.push({ scheme: scheme.toLowerCase(), parameters: new Map() });
    else if (key !== undefined)
      found.at(-1)?.parameters.set(key.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '');
  }
  return found.flatMap(({ scheme, parameters }): readonly Challenge[] => {
    if (scheme === 'basic') return [{ is: 'basic' }];
    const [realm, service, scope] = ['realm', 'service', 'scope'].map((key) => parameters.get(key) ?? '');
    if (scheme !== 'bearer' || !realm) return [];
    return [{ is: 'bearer', realm, service: service ?? '', scope: scope ?? '' }];
  });
}
