// How values merge, by their place: which lists have keys, which maps are data, what is replaced as a whole.

export type Typing = {
  /** `atomic`: replaced as a whole; `set`: of scalars; otherwise the names of the fields that identify an item. */
  readonly list: (path: readonly string[]) => 'atomic' | 'set' | readonly string[];
  /** Whether the names at this path are data (labels) and not fields, so that each entry is owned as one. */
  readonly isMap: (path: readonly string[]) => boolean;
  readonly isAtomic: (path: readonly string[]) => boolean;
};

const keysOfLists: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  ephemeralContainers: ['name'],
  env: ['name'],
  volumes: ['name'],
  volumeMounts: ['mountPath'],
  conditions: ['type'],
  ownerReferences: ['uid'],
  imagePullSecrets: ['name'],
};

const maps = new Set(['labels', 'annotations', 'matchLabels', 'nodeSelector', 'limits', 'requests']);

/** For the built-in kinds, as far as anybody here patches them; goes by the name of the field alone. */
export const builtInTyping: Typing = {
  list: (path) => {
    const name = path.at(-1) ?? '';
    return name === 'finalizers' ? 'set' : (keysOfLists[name] ?? 'atomic');
  },
  isMap: (path) => maps.has(path.at(-1) ?? ''),
  isAtomic: (path) => path.at(-1) === 'selector' || path.at(-1) === 'involvedObject',
};
