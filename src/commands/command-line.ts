// The command line: the list of commands, how one is chosen, and how a mistake is answered.

import { Command, CommanderError } from 'commander';

import manifest from '../../package.json' with { type: 'json' };
import { BadInput, examplesText } from './command.ts';
import type { Invocation } from './command.ts';
import { explainCommand } from './explain.ts';
import { imageCommand } from './image.ts';
import { operatorCommand } from './operator.ts';
import { scanCommand } from './scan.ts';

const commands = [operatorCommand, scanCommand, explainCommand, imageCommand];

const examples = [
  ['Check a cluster once', 'rootcause scan'],
  ['Explain what kubectl shows of a pod', 'kubectl describe pod web-0 | rootcause explain'],
  ['Show the flags of one command', 'rootcause operator --help'],
] as const;

/** @returns what to run, or the exit code where everything is printed already: help, the version, a mistake */
export function readCommandLine(argv: readonly string[]): Invocation | number {
  let invocation: Invocation | undefined;
  const program = new Command('rootcause')
    .description(
      'Finds workloads that cannot start because of runAsNonRoot, and says why and how to fix them.',
    )
    .version(`rootcause ${manifest.version}`, '--version', 'print the version')
    .addHelpText('after', examplesText(examples))
    .configureOutput({
      outputError: (text, write) => write(mistakeText(text)),
      getOutHelpWidth: () => process.stdout.columns ?? 100,
    })
    .configureHelp({ minWidthToWrap: 20 })
    .exitOverride();
  for (const create of commands) {
    const command = create((chosen) => {
      invocation = chosen;
    });
    program.addCommand(command.copyInheritedSettings(program));
  }
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
  return invocation ?? 2;
}

/** One line, which ends with the way out. */
function mistakeText(text: string): string {
  const line = text.trim().replaceAll('\n', ' ');
  return `${/[.)]$/.test(line) ? line : `${line} (see --help)`}\n`;
}

/** @returns the exit code: 2 for a mistake in what was given, else what the command says, or 1 when it fails */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  // A closed pipe means that the reader has seen enough; with a full disk the answer is lost.
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? 0 : 1));
  const invocation = readCommandLine(argv);
  if (typeof invocation === 'number') return invocation;
  try {
    return await invocation.run();
  } catch (error) {
    process.stderr.write(`rootcause: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof BadInput ? 2 : 1;
  }
}
