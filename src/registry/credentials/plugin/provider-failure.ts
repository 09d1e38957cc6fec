// The words for a credential provider plugin that gave no answer.

import { RegistryError } from '../../error.ts';
import type { Program, ProgramOutcome } from './run-program.ts';
import { withoutSecrets } from './without-secrets.ts';

export type FailedRun = {
  readonly name: string;
  /** In a form that can be shown. */
  readonly binDir: string;
  /** The place of the config that names the plugin. */
  readonly where: string;
  readonly program: Program;
  readonly timeMs: number;
};

/** One sentence with the provider's name and the way out; of what it printed only its complaint, without secrets. */
export function providerFailure(outcome: ProgramOutcome, run: FailedRun): RegistryError {
  const about = `credential provider ${run.name}`;
  if (outcome.is === 'notStarted')
    return new RegistryError('badCredentials', `${about} ${startTroubleOf(outcome.code, run)}`);
  if (outcome.is === 'ended') return new RegistryError('badCredentials', `${about} ${endOf(outcome, run)}`);
  switch (outcome.because) {
    case 'time':
      return new RegistryError(
        'timeout',
        `${about} gave no answer within ${run.timeMs / 1000} s: see that it can reach its cloud from here`,
      );
    case 'output':
      return new RegistryError(
        'badCredentials',
        `${about} printed more than any answer is long: see that it is a plugin for kubelets, and its args`,
      );
    case 'abort':
      return new RegistryError('aborted', `${about}: given up`);
    default:
      return outcome.because satisfies never;
  }
}

function startTroubleOf(code: string, { binDir, where }: FailedRun): string {
  if (code === 'ENOENT')
    return `is not in ${binDir}: put its program there, or take the provider out of ${where}`;
  if (code === 'EACCES') return `in ${binDir} may not be run: give it mode 0755, and its volume no noexec`;
  return `in ${binDir} cannot be run (${code || 'unknown trouble'}): see that it is built for this machine`;
}

/** Of an answer that is looked through for secrets. */
const textLimit = 1000;
/** What a shell says of what it cannot run; the C library hands it what the system does not know as a program. */
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

/** A plugin that fails after it has answered may complain in the words of its answer. */
function textsIn(stdout: Buffer): readonly string[] {
  const texts: string[] = [];
  try {
    JSON.parse(stdout.toString('utf8'), (_, value: unknown) => {
      if (typeof value === 'string' && texts.length < textLimit) texts.push(value);
    });
  } catch {
    // No answer, so no secret in it that we would have been given.
  }
  return texts;
}
