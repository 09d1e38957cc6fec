// The only reader of flags and environment. Hands out small frozen pieces; a bad value ends the program at once,
// with one line that names it.

import { isIP } from 'node:net';

import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';

import type { LogLevel } from './telemetry/logger.ts';
import { logLevels } from './telemetry/logger.ts';

export type ClusterConfig = { readonly kubeconfig?: string; readonly context?: string };

export type ScopeConfig = {
  /** Empty: all namespaces. */
  readonly namespaces: readonly string[];
  readonly excludedNamespaces: readonly string[];
};

export type OperatorConfig = {
  readonly cluster: ClusterConfig;
  readonly scope: ScopeConfig;
  readonly settleSeconds: number;
  readonly keepResolvedSeconds: number;
  readonly resyncSeconds: number;
  readonly watchSilenceSeconds: number;
  readonly workers: number;
  readonly listen: { readonly host: string; readonly port: number };
  readonly metricsWorkloads: number;
  readonly leader: { readonly elect: boolean; readonly namespace?: string; readonly identity: string };
  readonly logLevel: LogLevel;
};

/** What the command line asked for. */
export type Invocation = { readonly command: 'operator'; readonly config: OperatorConfig };

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
    .exitOverride();
  const operator = program
    .command('operator')
    .description('Watch a cluster, and keep a Diagnosis next to every workload that cannot start.')
    .action((flags: OperatorFlags) => {
      invocation = { command: 'operator', config: operatorConfig(flags) };
    });
  for (const option of operatorOptions()) operator.addOption(fromEnv(option));
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Asking for help is no mistake; everything else that commander ends with is.
    return { exitCode: error.exitCode === 0 ? 0 : 2 };
  }
  return invocation ?? { exitCode: 2 };
}

type OperatorFlags = {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespaces: readonly string[];
  readonly excludeNamespaces: readonly string[];
  readonly settle: number;
  readonly keepResolved: number;
  readonly resync: number;
  readonly watchSilence: number;
  readonly workers: number;
  readonly listen: { readonly host: string; readonly port: number };
  readonly metricsWorkloads: number;
  readonly leaderElect: boolean;
  readonly leaseNamespace?: string;
  readonly logLevel: LogLevel;
};

function operatorConfig(flags: OperatorFlags): OperatorConfig {
  return Object.freeze({
    cluster: Object.freeze({
      ...(flags.kubeconfig !== undefined && { kubeconfig: flags.kubeconfig }),
      ...(flags.context !== undefined && { context: flags.context }),
    }),
    scope: Object.freeze({ namespaces: flags.namespaces, excludedNamespaces: flags.excludeNamespaces }),
    settleSeconds: flags.settle,
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

function operatorOptions(): readonly Option[] {
  return [
    new Option(
      '--kubeconfig <file>',
      'kubeconfig to use (default: as kubectl does, then the account of the pod)',
    ),
    new Option('--context <name>', 'context of the kubeconfig (default: its current one)'),
    new Option('--namespaces <names>', 'comma-separated namespaces to watch; empty means all')
      .argParser(namespaceNames)
      .default([], 'all'),
    new Option('--exclude-namespaces <names>', 'comma-separated namespaces to leave alone')
      .argParser(namespaceNames)
      .default([], 'none'),
    new Option('--settle <duration>', 'how long no pod may fail before a diagnosis is Resolved')
      .argParser(duration(0, 86_400))
      .default(30, '30s'),
    new Option('--keep-resolved <duration>', 'how long a resolved diagnosis is kept')
      .argParser(duration(0, 366 * 86_400))
      .default(86_400, '24h'),
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
    new Option('--log-level <level>', 'least important log lines to write')
      .choices([...logLevels])
      .default('info'),
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

const namespaceForm = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

function namespaceName(text: string): string {
  if (namespaceForm.test(text)) return text;
  throw new InvalidArgumentError('Give the name of a namespace: lower-case letters, digits and hyphens.');
}

function namespaceNames(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  return [...new Set(names.filter((name) => name !== '').map(namespaceName))];
}

function address(text: string): { readonly host: string; readonly port: number } {
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, Math.max(colon, 0)).replace(/^\[(.*)\]$/, '$1');
  const port = /^\d{1,5}$/.test(text.slice(colon + 1)) ? Number(text.slice(colon + 1)) : Number.NaN;
  const isHost = host === '' || host === 'localhost' || isIP(host) !== 0;
  if (colon >= 0 && isHost && port <= 65_535) return { host, port };
  throw new InvalidArgumentError('Give [host]:port, where host is an IP address: :8080 or 127.0.0.1:8080.');
}
