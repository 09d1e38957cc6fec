// Flags that say which cluster, which namespaces of it, and what may be tried and read there.

import { textFlag, toggle, yesOrNoFlag } from './flag.ts';
import type { Flag, ValuesOf } from './flag.ts';
import { namespaceNames } from './values.ts';

const namespaces = (description: string, defaultText: string): Flag<readonly string[]> => ({
  argument: '<names>',
  description,
  parse: namespaceNames,
  byDefault: [],
  defaultText,
});

export const clusterFlags = {
  kubeconfig: textFlag('<file>', 'kubeconfig to use', "as kubectl does, then the pod's service account"),
  context: textFlag('<name>', 'context in the kubeconfig', 'the current context'),
  namespaces: namespaces('comma-separated namespaces to watch or scan', 'all'),
  excludeNamespaces: namespaces('comma-separated namespaces to ignore', 'none'),
};

/** `dryRun` is on in a cluster, where its permissions are granted for it, and off for a person. */
export const fixFlags = (dryRun: boolean) => ({
  allowRootExemption: toggle(
    'if nothing else helps, also offer runAsNonRoot: false for the one container that needs root',
  ),
  dryRun: yesOrNoFlag('test each fix with a server-side dry run, if the account may patch', dryRun),
  readLogs: yesOrNoFlag('read the last log lines of crashed containers, if the account may', true),
});

type ClusterValues = ValuesOf<typeof clusterFlags>;

/** Together with the environment, from which kubectl takes a cluster too. */
export const clusterOptions = ({ kubeconfig, context }: ClusterValues) => ({
  ...(kubeconfig !== undefined && { kubeconfig }),
  ...(context !== undefined && { context }),
  environment: process.env,
});

export const scopeOptions = ({ namespaces: names, excludeNamespaces }: ClusterValues) => ({
  namespaces: names,
  excludedNamespaces: excludeNamespaces,
});
