// Flags that say which cluster, which namespaces of it, and what may be tried and read there.

import { InvalidArgumentError } from 'commander';

import { list, optionalText, toggle, yesOrNo } from './flag.ts';
import type { ValuesOf } from './flag.ts';

export const clusterFlags = {
  kubeconfig: optionalText('<file>', 'kubeconfig to use', "as kubectl does, then the pod's service account"),
  context: optionalText('<name>', 'context in the kubeconfig', 'the current context'),
  namespaces: list('<names>', 'comma-separated namespaces to watch or scan', namespaceName, 'all'),
  excludeNamespaces: list('<names>', 'comma-separated namespaces to ignore', namespaceName),
};

/** `dryRun` is on in a cluster, where its permissions are granted for it, and off for a person. */
export const fixFlags = (dryRun: boolean) => ({
  allowRootExemption: toggle(
    'if nothing else helps, also offer runAsNonRoot: false for the one container that needs root',
  ),
  dryRun: yesOrNo('test each fix with a server-side dry run, if the account may patch', dryRun),
  readLogs: yesOrNo('read the last log lines of crashed containers, if the account may', true),
});

type ClusterValues = ValuesOf<typeof clusterFlags>;

/** Together with the environment, from which kubectl takes a cluster too. */
export const clusterOptions = ({ kubeconfig, context }: ClusterValues) => ({
  kubeconfig,
  context,
  environment: process.env,
});

export const scopeOptions = ({ namespaces, excludeNamespaces }: ClusterValues) => ({
  namespaces,
  excludedNamespaces: excludeNamespaces,
});

export function namespaceName(text: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)) return text;
  throw new InvalidArgumentError('Give the name of a namespace: lower-case letters, digits and hyphens.');
}
