// `rootcause scan`: checks a cluster once, and writes nothing to it.

import { InvalidArgumentError } from 'commander';

import type { PodSecurityPolicy } from '../engine/model/pod-security.ts';
import type { ScanProgress } from '../engine/model/scan.ts';
import { BadInput, defineCommand, orBadInput } from './command.ts';
import { clusterFlags, clusterOptions, fixFlags, namespaceName, scopeOptions } from './flags/cluster.ts';
import { optional, toggle } from './flags/flag.ts';
import type { ValuesOf } from './flags/flag.ts';
import { imageFlags, imageOptions, ownDockerConfig, registryFlags } from './flags/images.ts';
import { openTerminal, scanOutputFlag } from './flags/terminal.ts';

const flags = {
  ...clusterFlags,
  namespace: {
    ...optional('<name>', 'one more namespace to scan', namespaceName),
    letter: 'n',
  },
  allNamespaces: toggle('scan all namespaces, whatever else is set', 'A'),
  ...scanOutputFlag,
  wouldEnforce: optional(
    '<level[:version]>',
    'print instead what would be refused if every namespace enforced this Pod Security level',
    podSecurityPolicy,
  ),
  patch: toggle('with --would-enforce: print the kubectl commands that make each workload pass'),
  ...imageFlags,
  ...registryFlags('person'),
  ...fixFlags(false),
};

const options = (values: ValuesOf<typeof flags>) => ({
  output: values.output,
  cluster: clusterOptions(values),
  wouldEnforce: values.wouldEnforce,
  patch: values.patch,
  scan: {
    scope: personalScope(values),
    images: { ...imageOptions(values), dockerConfig: values.dockerConfig ?? ownDockerConfig() },
    dryRun: values.dryRun,
    readLogs: values.readLogs,
    policy: { allowRootExemption: values.allowRootExemption },
  },
});

/** As kubectl: -A takes precedence over -n. */
function personalScope({ namespace, allNamespaces, ...values }: ValuesOf<typeof flags>) {
  const scope = scopeOptions(values);
  if (allNamespaces) return { ...scope, namespaces: [] };
  return namespace === undefined
    ? scope
    : { ...scope, namespaces: [...new Set([...scope.namespaces, namespace])] };
}

type ScanFlags = ReturnType<typeof options>;

async function run({
  output,
  cluster: where,
  wouldEnforce: policy,
  patch,
  scan: settings,
}: ScanFlags): Promise<number> {
  // There is nothing to put in order, as nothing is ever written.
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  process.stdout.prependListener('error', () => process.exit(2));
  if (patch && !policy)
    throw new BadInput('--patch needs --would-enforce, which says what the patches are for.');
  const { progressText, showEnforcement, showScan } = await import('./scan/show-scan.ts');
  const { lookOf } = await import('./scan/terminal-look.ts');
  const { loadImageAccess } = await import('../images/image-access.ts');
  const { loadCluster } = await import('../kube/auth/cluster.ts');
  const { scan } = await import('../scan/scan.ts');
  const { wouldEnforce } = await import('../scan/would-enforce/would-enforce.ts');
  const terminal = openTerminal();
  const access = await loadImageAccess(settings.images, process.env);
  const onProgress = (progress: ScanProgress): void => terminal.progress?.(progressText(progress));
  const means = { cluster: await loadCluster(where), onProgress };
  const { signal } = new AbortController();
  return policy
    ? showEnforcement(
        await wouldEnforce({ scope: settings.scope, policy }, means, signal),
        patch ? 'patch' : output,
        terminal,
      )
    : showScan(await scan(settings, access, means, signal), output, terminal, lookOf(process.stdout));
}

export const scanCommand = defineCommand({
  name: 'scan',
  description: 'Check a cluster once and print what the operator would record, without writing anything.',
  flags,
  examples: [
    ['Check one namespace, with the details of every workload', 'rootcause scan -n shop -o wide'],
    ['Print one JSON object with every Diagnosis', 'rootcause scan -o json'],
    [
      'Print the patches with which a namespace could enforce Pod Security',
      'rootcause scan -n shop --would-enforce restricted --patch',
    ],
  ],
  options,
  // Exit code 1 says that something in the cluster fails, so that no error of our own may end with it.
  run: async (settings) => orBadInput(run(settings)),
});

function podSecurityPolicy(text: string): PodSecurityPolicy {
  const [, level, minor] = /^(baseline|restricted)(?::(?:latest|v1\.(0|[1-9]\d{0,2})))?$/.exec(text) ?? [];
  if (level === 'baseline' || level === 'restricted')
    return { level, version: minor === undefined ? 'latest' : Number(minor) };
  throw new InvalidArgumentError('Give baseline or restricted, with or without a version: restricted:v1.28.');
}
