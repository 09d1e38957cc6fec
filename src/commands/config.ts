// The only reader of flags and environment. Hands out small frozen pieces; a bad value ends the program at once,
// with one line that names it.

import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';

import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';

import type { Platform } from '../engine/model/image.ts';
import type { PodSecurityPolicy } from '../engine/model/pod-security.ts';
import { parseHost } from '../engine/platform/image/image-reference.ts';
import type { LogLevel } from '../telemetry/logger.ts';
import { logLevels } from '../telemetry/logger.ts';

export type ClusterConfig = {
  readonly kubeconfig?: string;
  readonly context?: string;
  /** KUBECONFIG, HOME, proxies and the in-cluster address, as kubectl reads them. */
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/** Where images may be read from, and as whom. */
export type ImagesConfig = {
  readonly inspect: boolean;
  /** Registries that may be asked though no node has an image of them. */
  readonly registries: readonly string[];
  readonly registryConfig?: string;
  readonly bytesPerMinute: number;
  readonly pullSecrets: boolean;
  readonly dockerConfig?: string;
  readonly credentialProviderConfig?: string;
  readonly credentialProviderBinDir?: string;
};

export type ScopeConfig = {
  /** Empty: all namespaces. */
  readonly namespaces: readonly string[];
  readonly excludedNamespaces: readonly string[];
};

export type OperatorConfig = {
  readonly cluster: ClusterConfig;
  readonly scope: ScopeConfig;
  readonly images: ImagesConfig;
  /** Whether patches are tried by server-side dry runs. */
  readonly dryRun: boolean;
  /** Whether logs of crashed containers are read, where the account may. */
  readonly readLogs: boolean;
  readonly settleSeconds: number;
  readonly keepResolvedSeconds: number;
  readonly allowRootExemption: boolean;
  readonly resyncSeconds: number;
  readonly watchSilenceSeconds: number;
  readonly workers: number;
  readonly listen: { readonly host: string; readonly port: number };
  readonly metricsWorkloads: number;
  readonly leader: { readonly elect: boolean; readonly namespace?: string; readonly identity: string };
  readonly logLevel: LogLevel;
};

/** `rootcause image`. */
export type ImageCommandConfig = {
  readonly reference: string;
  readonly output: 'text' | 'json';
  readonly asUid?: number;
  readonly asGid?: number;
  readonly platform?: Platform;
  readonly images: ImagesConfig;
};

/** `rootcause scan`. */
export type ScanConfig = {
  readonly cluster: ClusterConfig;
  readonly scope: ScopeConfig;
  readonly output: 'text' | 'json';
  readonly images: ImagesConfig;
  readonly dryRun: boolean;
  readonly readLogs: boolean;
  readonly allowRootExemption: boolean;
  /** Asks what this policy would refuse, instead of what fails now. */
  readonly wouldEnforce?: PodSecurityPolicy;
};

/** `rootcause explain`. */
export type ExplainConfig = {
  /** Empty: standard input. */
  readonly files: readonly string[];
  readonly output: 'text' | 'json';
  /** One question and one answer in each line. */
  readonly lines: boolean;
};

/** What the command line asked for. */
export type Invocation =
  | { readonly command: 'operator'; readonly config: OperatorConfig }
  | { readonly command: 'scan'; readonly config: ScanConfig }
  | { readonly command: 'image'; readonly config: ImageCommandConfig }
  | { readonly command: 'explain'; readonly config: ExplainConfig };

/** Ends the program with this code; whatever there was to say has been said. */
export type Exit = { readonly exitCode: number };

/**
 * Reads the environment as well: every flag has a variable, which the flag overrides.
 *
 * @param argv arguments after the program's name
 */
export function readConfig(argv: readonly string[]): Invocation | Exit {
  let invocation: Invocation | undefined;
  const program = new Command('rootcause')
    .description('Finds workloads that can never start because of runAsNonRoot, and says why.')
    .showHelpAfterError(false)
    .showSuggestionAfterError(false)
    .exitOverride();
  const operator = program
    .command('operator')
    .description('Watch a cluster, and keep a Diagnosis next to every workload that cannot start.')
    .action((flags: OperatorFlags) => {
      invocation = { command: 'operator', config: operatorConfig(flags) };
    });
  for (const option of operatorOptions()) operator.addOption(fromEnv(option));
  const scan = program
    .command('scan')
    .description('Look at a cluster once and say what the operator would say, without writing anything.')
    .action((flags: ScanFlags) => {
      invocation = { command: 'scan', config: scanConfig(flags) };
    });
  for (const option of scanOptions()) scan.addOption(fromEnv(option));
  const image = program
    .command('image')
    .description('Say who a container of an image runs as on Kubernetes, and what may go wrong for it.')
    .argument(
      '<ref>',
      'NAME[:TAG][@DIGEST] in a registry, a path, oci:FOLDER[:TAG] or docker-archive:FILE[:NAME]',
    )
    .action((reference: string, flags: ImageCommandFlags) => {
      invocation = { command: 'image', config: imageCommandConfig(reference, flags) };
    });
  for (const option of imageCommandOptions()) image.addOption(fromEnv(option));
  const explain = program
    .command('explain')
    .description(
      'Say what an error line, the output of kubectl describe or get events, a log, or an object in YAML or JSON ' +
        'tells, without a cluster.',
    )
    .argument('[files...]', 'where to read it; standard input without any, and for -')
    .action((files: readonly string[], flags: Pick<ExplainConfig, 'output' | 'lines'>) => {
      invocation = { command: 'explain', config: Object.freeze({ files, ...flags }) };
    });
  for (const option of [outputOption(), linesOption()]) explain.addOption(fromEnv(option));
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Asking for help is no mistake; everything else that commander ends with is.
    return { exitCode: error.exitCode === 0 ? 0 : 2 };
  }
  return invocation ?? { exitCode: 2 };
}

type ClusterFlags = {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespaces: readonly string[];
  readonly excludeNamespaces: readonly string[];
};

type OperatorFlags = {
  readonly settle: number;
  readonly allowRootExemption: boolean;
  readonly keepResolved: number;
  readonly resync: number;
  readonly watchSilence: number;
  readonly workers: number;
  readonly listen: { readonly host: string; readonly port: number };
  readonly metricsWorkloads: number;
  readonly leaderElect: boolean;
  readonly leaseNamespace?: string;
  readonly dryRun: boolean;
  readonly readLogs: boolean;
  readonly logLevel: LogLevel;
} & ClusterFlags &
  ImageFlags;

type ScanFlags = {
  readonly output: 'text' | 'json';
  readonly allowRootExemption: boolean;
  readonly dryRun: boolean;
  readonly readLogs: boolean;
  readonly wouldEnforce?: PodSecurityPolicy;
} & ClusterFlags &
  ImageFlags;

type ImageFlags = {
  readonly inspectImages: boolean;
  readonly registries: readonly string[];
  readonly registryConfig?: string;
  readonly registryMebibytesPerMinute: number;
  readonly imagePullSecrets: boolean;
  readonly dockerConfig?: string;
  readonly imageCredentialProviderConfig?: string;
  readonly imageCredentialProviderBinDir?: string;
};

function clusterConfig({ kubeconfig, context }: ClusterFlags): ClusterConfig {
  return Object.freeze({
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
    environment: process.env,
  });
}

function scopeConfig({ namespaces, excludeNamespaces }: ClusterFlags): ScopeConfig {
  return Object.freeze({ namespaces, excludedNamespaces: excludeNamespaces });
}

function imagesConfig(flags: ImageFlags): ImagesConfig {
  return Object.freeze({
    inspect: flags.inspectImages,
    registries: flags.registries,
    bytesPerMinute: flags.registryMebibytesPerMinute * 1024 * 1024,
    pullSecrets: flags.imagePullSecrets,
    ...(flags.registryConfig !== undefined && { registryConfig: flags.registryConfig }),
    ...(flags.dockerConfig !== undefined && { dockerConfig: flags.dockerConfig }),
    ...(flags.imageCredentialProviderConfig !== undefined && {
      credentialProviderConfig: flags.imageCredentialProviderConfig,
    }),
    ...(flags.imageCredentialProviderBinDir !== undefined && {
      credentialProviderBinDir: flags.imageCredentialProviderBinDir,
    }),
  });
}

type ImageCommandFlags = {
  readonly output: 'text' | 'json';
  readonly as?: { readonly uid: number; readonly gid?: number };
  readonly platform?: Platform;
  readonly registryConfig?: string;
  readonly dockerConfig?: string;
};

function imageCommandConfig(reference: string, flags: ImageCommandFlags): ImageCommandConfig {
  const { output, as: who, platform, registryConfig, dockerConfig = personalDockerConfig() } = flags;
  return Object.freeze({
    reference,
    output,
    ...(who && { asUid: who.uid }),
    ...(who?.gid !== undefined && { asGid: who.gid }),
    ...(platform && { platform }),
    images: imagesConfig({
      inspectImages: true,
      registries: [],
      registryMebibytesPerMinute: 0,
      imagePullSecrets: false,
      ...(registryConfig !== undefined && { registryConfig }),
      ...(dockerConfig !== undefined && { dockerConfig }),
    }),
  });
}

/** Where `docker login` and its likes leave what a person may use. */
function personalDockerConfig(): string | undefined {
  const { DOCKER_CONFIG: folder, HOME: home } = process.env;
  const file = folder ? join(folder, 'config.json') : home && join(home, '.docker', 'config.json');
  return file && existsSync(file) ? file : undefined;
}

function imageCommandOptions(): readonly Option[] {
  return [
    outputOption(),
    new Option(
      '--as <uid[:gid]>',
      "say what may go wrong for this user instead of the image's own",
    ).argParser(user),
    new Option(
      '--platform <os/arch>',
      'which image of a multi-platform one: linux/arm64 or linux/arm/v7',
    ).argParser(platformOf),
    new Option('--registry-config <file>', 'YAML file with CA files, plain HTTP and mirrors of registries'),
    new Option('--docker-config <file>', 'docker config.json with credentials (default: your own)'),
  ];
}

function scanConfig(flags: ScanFlags): ScanConfig {
  const { output, dryRun, readLogs, allowRootExemption, wouldEnforce } = flags;
  const { dockerConfig = personalDockerConfig() } = flags;
  return Object.freeze({
    cluster: clusterConfig(flags),
    scope: scopeConfig(flags),
    output,
    images: imagesConfig({ ...flags, ...(dockerConfig !== undefined && { dockerConfig }) }),
    dryRun,
    readLogs,
    allowRootExemption,
    ...(wouldEnforce && { wouldEnforce }),
  });
}

function operatorConfig(flags: OperatorFlags): OperatorConfig {
  return Object.freeze({
    cluster: clusterConfig(flags),
    images: imagesConfig(flags),
    dryRun: flags.dryRun,
    readLogs: flags.readLogs,
    scope: scopeConfig(flags),
    settleSeconds: flags.settle,
    allowRootExemption: flags.allowRootExemption,
    keepResolvedSeconds: flags.keepResolved,
    resyncSeconds: flags.resync,
    watchSilenceSeconds: flags.watchSilence,
    workers: flags.workers,
    listen: Object.freeze(flags.listen),
    metricsWorkloads: flags.metricsWorkloads,
    leader: Object.freeze({
      elect: flags.leaderElect,
      ...(flags.leaseNamespace !== undefined && { namespace: flags.leaseNamespace }),
      identity: process.env['POD_NAME'] ?? process.env['HOSTNAME'] ?? 'rootcause',
    }),
    logLevel: flags.logLevel,
  });
}

const linesOption = (): Option =>
  new Option(
    '--lines',
    'read one JSON object {"id", "text"} from each line, and answer each with one {"id", "findings"}',
  ).default(false);

const outputOption = (): Option =>
  new Option('--output <format>', 'text for people, json for programs')
    .choices(['text', 'json'])
    .default('text');

function clusterOptions(): readonly Option[] {
  return [
    new Option(
      '--kubeconfig <file>',
      'kubeconfig to use (default: as kubectl does, then the account of the pod)',
    ),
    new Option('--context <name>', 'context of the kubeconfig (default: its current one)'),
    new Option('--namespaces <names>', 'comma-separated namespaces to look at; empty means all')
      .argParser(namespaceNames)
      .default([], 'all'),
    new Option('--exclude-namespaces <names>', 'comma-separated namespaces to leave alone')
      .argParser(namespaceNames)
      .default([], 'none'),
  ];
}

function scanOptions(): readonly Option[] {
  return [
    ...clusterOptions(),
    outputOption(),
    new Option(
      '--would-enforce <level[:version]>',
      'say instead what would be refused if every namespace enforced this Pod Security policy',
    ).argParser(enforcedPolicy),
    exemptionOption(),
    ...imagesOptions(),
    dryRunOption(false),
    readLogsOption(),
  ];
}

const exemptionOption = (): Option =>
  new Option(
    '--allow-root-exemption',
    'where nothing else helps, also offer runAsNonRoot: false for the one container that needs root',
  ).default(false);

const dryRunOption = (isDefault: boolean): Option =>
  new Option('--dry-run <yes|no>', 'try each fix with a server-side dry run, where the account may patch')
    .argParser(yesOrNo)
    .default(isDefault, isDefault ? 'yes' : 'no');

const readLogsOption = (): Option =>
  new Option('--read-logs <yes|no>', 'read the last lines of crashed containers, where the account may')
    .argParser(yesOrNo)
    .default(true, 'yes');

function operatorOptions(): readonly Option[] {
  return [
    ...clusterOptions(),
    new Option('--settle <duration>', 'how long no pod may fail before a diagnosis is Resolved')
      .argParser(duration(0, 86_400))
      .default(30, '30s'),
    new Option('--keep-resolved <duration>', 'how long a resolved diagnosis is kept')
      .argParser(duration(0, 366 * 86_400))
      .default(86_400, '24h'),
    exemptionOption(),
    new Option('--resync <duration>', 'how often an open diagnosis is looked at although nothing happened')
      .argParser(duration(1, 86_400))
      .default(60, '60s'),
    new Option('--watch-silence <duration>', 'how long a watch may be silent before it is taken for dead')
      .argParser(duration(1, 3600))
      .default(150, '150s'),
    new Option('--workers <count>', 'how many workloads are looked at at the same time')
      .argParser(wholeNumber(1, 64))
      .default(4),
    new Option('--listen <address>', 'where to serve /metrics, /healthz and /readyz: [host]:port')
      .argParser(address)
      .default({ host: '', port: 8080 }, ':8080'),
    new Option('--metrics-workloads <count>', 'how many failing workloads get metric series of their own')
      .argParser(wholeNumber(0, 100_000))
      .default(500),
    new Option('--leader-elect', 'act only while holding a lease, so that several replicas may run').default(
      false,
    ),
    new Option(
      '--lease-namespace <name>',
      'namespace of that lease (default: that of the pod or context)',
    ).argParser(namespaceName),
    ...imagesOptions(),
    dryRunOption(true),
    readLogsOption(),
    new Option('--log-level <level>', 'least important log lines to write')
      .choices([...logLevels])
      .default('info'),
  ];
}

function imagesOptions(): readonly Option[] {
  return [
    new Option('--inspect-images <yes|no>', 'read images in their registries to find the right user')
      .argParser(yesOrNo)
      .default(true, 'yes'),
    new Option(
      '--registries <hosts>',
      'comma-separated registries to ask though no node has an image of them',
    )
      .argParser(hosts)
      .default([], 'none'),
    new Option('--registry-config <file>', 'YAML file with CA files, plain HTTP and mirrors of registries'),
    new Option(
      '--registry-mebibytes-per-minute <count>',
      'how much may be read from registries; 0 is no bound',
    )
      .argParser(wholeNumber(0, 1_000_000))
      .default(1024),
    new Option(
      '--image-pull-secrets',
      'use imagePullSecrets of pods and service accounts; needs its own rights',
    ).default(false),
    new Option('--docker-config <file>', 'docker config.json with credentials for registries'),
    new Option(
      '--image-credential-provider-config <file>',
      "the kubelet's CredentialProviderConfig, for its plugins",
    ),
    new Option('--image-credential-provider-bin-dir <folder>', 'where the plugins of that file are'),
  ];
}

/** `--keep-resolved` is ROOTCAUSE_KEEP_RESOLVED. An empty variable is the same as none. */
function fromEnv(option: Option): Option {
  const name = `ROOTCAUSE_${option.name().toUpperCase().replaceAll('-', '_')}`;
  if (process.env[name] === '') delete process.env[name];
  return option.env(name);
}

const durationForm = /^(\d{1,9})(ms|s|m|h|d)$/;
const unitSeconds: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

function duration(leastSeconds: number, mostSeconds: number) {
  return (text: string): number => {
    const [, count, unit] = durationForm.exec(text) ?? [];
    const seconds = Number(count) * (unitSeconds[unit ?? ''] ?? Number.NaN);
    if (seconds >= leastSeconds && seconds <= mostSeconds) return seconds;
    throw new InvalidArgumentError(
      `Give a duration such as 30s, 5m or 24h, from ${leastSeconds}s to ${mostSeconds}s.`,
    );
  };
}

function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };
}

function user(text: string): { readonly uid: number; readonly gid?: number } {
  const [, uid, gid] = /^(\d{1,10})(?::(\d{1,10}))?$/.exec(text) ?? [];
  const isWithin = (id: string | undefined): boolean => id === undefined || Number(id) <= 2_147_483_647;
  if (uid !== undefined && isWithin(uid) && isWithin(gid)) {
    return { uid: Number(uid), ...(gid !== undefined && { gid: Number(gid) }) };
  }
  throw new InvalidArgumentError('Give a uid, or uid:gid, up to 2147483647.');
}

function platformOf(text: string): Platform {
  const [, os, architecture, variant] =
    /^([a-z0-9]{1,32})\/([a-z0-9_]{1,32})(?:\/([a-z0-9]{1,32}))?$/.exec(text) ?? [];
  if (os !== undefined && architecture !== undefined) {
    return { os, architecture, ...(variant !== undefined && { variant }) };
  }
  throw new InvalidArgumentError('Give os/architecture, such as linux/amd64.');
}

function enforcedPolicy(text: string): PodSecurityPolicy {
  const [, level, minor] = /^(baseline|restricted)(?::(?:latest|v1\.(0|[1-9]\d{0,2})))?$/.exec(text) ?? [];
  if (level === 'baseline' || level === 'restricted')
    return { level, version: minor === undefined ? 'latest' : Number(minor) };
  throw new InvalidArgumentError(
    'Give baseline or restricted, with a version where it matters: restricted:v1.28.',
  );
}

function yesOrNo(text: string): boolean {
  if (text === 'yes' || text === 'no') return text === 'yes';
  throw new InvalidArgumentError('Give yes or no.');
}

function hosts(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  return names
    .filter((name) => name !== '')
    .map((name) => {
      const host = parseHost(name);
      if (host !== undefined) return host;
      throw new InvalidArgumentError(
        'Give hosts, with a port where there is one: ghcr.io,registry.example:5000.',
      );
    });
}

const namespaceForm = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

function namespaceName(text: string): string {
  if (namespaceForm.test(text)) return text;
  throw new InvalidArgumentError('Give the name of a namespace: lower-case letters, digits and hyphens.');
}

function namespaceNames(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  const given = names.filter((name) => name !== '');
  if (given.length === 0 && text !== '')
    throw new InvalidArgumentError('Give names of namespaces, separated by commas: this names none.');
  return [...new Set(given.map(namespaceName))];
}

function address(text: string): { readonly host: string; readonly port: number } {
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, Math.max(colon, 0)).replace(/^\[(.*)\]$/, '$1');
  const port = /^\d{1,5}$/.test(text.slice(colon + 1)) ? Number(text.slice(colon + 1)) : Number.NaN;
  const isHost = host === '' || host === 'localhost' || isIP(host) !== 0;
  if (colon >= 0 && isHost && port <= 65_535) return { host, port };
  throw new InvalidArgumentError('Give [host]:port, where host is an IP address: :8080 or 127.0.0.1:8080.');
}
