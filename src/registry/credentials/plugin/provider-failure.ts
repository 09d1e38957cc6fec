// The words for a credential provider plugin that gave no answer.

import { RegistryError } from '../../error.ts';
import type { Program, ProgramOutcome } from './run-program.ts';
import { withoutSecrets } from './without-secrets.ts';

type FailedRun = {
  readonly name: string;
  /** In a form that can be shown. */
  readonly binDir: string;
  /** The place of the config that names the plugin. */
  readonly where: string;
  readonly program: Program;
  readonly timeMs: number;
};

/** One sentence with the provider's name and what to do; of its output only the error text, without secrets. */
export function providerFailure(outcome: ProgramOutcome, run: FailedRun): RegistryError {
  const about = `credential provider ${run.name}`;
  if (outcome.is === 'notStarted')
    return new RegistryError('badCredentials', `${about} ${startTroubleOf(outcome.code, run)}`);
  if (outcome.is === 'ended') return new RegistryError('badCredentials', `${about} ${endOf(outcome, run)}`);
  switch (outcome.because) {
    case 'time':
      return new RegistryError(
        'timeout',
        `${about} gave no answer within ${run.timeMs / 1000} s: check that it can reach its cloud from here`,
      );
    case 'output':
      return new RegistryError(
        'badCredentials',
        `${about} printed more than an answer can hold: check that it is a kubelet plugin, and its args`,
      );
    case 'abort':
      return new RegistryError('aborted', `${about}: aborted`);
    default:
      return outcome.because satisfies never;
  }
}

function startTroubleOf(code: string, { binDir, where }: FailedRun): string {
  if (code === 'ENOENT')
    return `is not in ${binDir}: put its program there, or take the provider out of ${where}`;
  if (code === 'EACCES')
    return `in ${binDir} may not be run: give it mode 0755, and mount its volume without noexec`;
  return `in ${binDir} cannot be run (${code || 'unknown error'}): check that it is built for this machine`;
}

/** Texts of an answer that are treated as secrets. */
const textLimit = 1000;
/** Exit codes of a shell that cannot run a program; the C library gives it every file in an unknown format. */
const notRunnable = new Set([126, 127]);

type Ended = Extract<ProgramOutcome, { readonly is: 'ended' }>;

function endOf({ status, stdout, stderr }: Ended, { where, program }: FailedRun): string {
  const how = status === null ? 'was ended by a signal' : `failed with status ${status}`;
  const place = `its args and env in ${where}`;
  const hint = notRunnable.has(status ?? 0) ? `that it is built for this machine, and ${place}` : place;
  const complaint = withoutSecrets(stderr, [...secretsOf(program), ...textsIn(stdout)]);
  return `${how}: see ${hint}${complaint && ` (it says: ${complaint})`}`;
}

const secretName = /pass|secret|token|key|cred|auth/i;

function secretsOf({ env }: Program): readonly string[] {
  return Object.entries(env)
    .filter(([name, value]) => secretName.test(name) || value.length >= 16)
    .map(([, value]) => value);
}

/** A plugin that fails after it has answered may print parts of its answer. */
function textsIn(stdout: Buffer): readonly string[] {
  const texts: string[] = [];
  try {
    JSON.parse(stdout.toString('utf8'), (_, value: unknown) => {
      if (typeof value === 'string' && texts.length < textLimit) texts.push(value);
    });
  } catch {
    // Not an answer, so it holds no secret that was meant for us.
  }
  return texts;
}
