// The namespaces that a scan is about.

import type { KubeClient } from '../kube/api/client.ts';
import { pathOf } from '../kube/api/discovery.ts';
import { KubeError } from '../kube/api/error.ts';

export type ScopeOptions = {
  /** Empty: all namespaces. */
  readonly namespaces: readonly string[];
  readonly excludedNamespaces: readonly string[];
};

export type NamespaceScope = {
  /** Undefined for the whole cluster. */
  readonly namespaces: readonly string[] | undefined;
  readonly isExcluded: (namespace: string) => boolean;
};

export function namespaceScopeOf({ namespaces, excludedNamespaces }: ScopeOptions): NamespaceScope {
  const isExcluded = (name: string): boolean => excludedNamespaces.includes(name);
  const named = namespaces.filter((name) => !isExcluded(name));
  return { namespaces: namespaces.length === 0 ? undefined : named, isExcluded };
}

/** One list for each namespace that is named, or one of everything. */
export const scopesOf = ({ namespaces }: NamespaceScope): readonly (string | undefined)[] =>
  namespaces ?? [undefined];

/** A namespace that was named, and is not there. */
export class NoNamespace extends Error {
  override readonly name = 'NoNamespace';
}

/**
 * The namespace, or undefined where it may not be read.
 *
 * @throws NoNamespace, since without it a mistyped name would look like a namespace without failures; KubeError
 */
export async function demandNamespace(
  name: string,
  client: KubeClient,
  signal: AbortSignal,
): Promise<unknown> {
  try {
    const found = await client.get(pathOf({ apiVersion: 'v1', plural: 'namespaces', name }), signal);
    if (found === undefined) throw new NoNamespace(name);
    return found;
  } catch (error) {
    if (error instanceof KubeError && error.code === 'forbidden') return undefined;
    throw error;
  }
}
