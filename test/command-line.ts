// Reads a command line in this process, without running the command.

import { jest } from '@jest/globals';

import { readCommandLine } from '../src/commands/command-line.ts';

export type ReadCommandLine = {
  /** Where the program would end at once. */
  readonly exitCode?: number;
  readonly options?: unknown;
  readonly output: string;
  readonly errors: string;
};

export function commandLine(
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): ReadCommandLine {
  let output = '';
  let errors = '';
  const spies = [
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((output += String(text)))),
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((errors += String(text)))),
  ];
  const { env } = process;
  process.env = { ...env, ...variables };
  try {
    const read = readCommandLine(args);
    const ended = typeof read === 'number' ? { exitCode: read } : { options: read.options };
    return { ...ended, output, errors };
  } finally {
    process.env = env;
    for (const spy of spies) spy.mockRestore();
  }
}

export type HelpFlag = {
  /** With its argument: `-n, --namespace <name>`. */
  readonly usage: string;
  readonly description: string;
  readonly byDefault: string;
  readonly variable: string;
};

/** The flags that `--help` of a command lists, in its order. */
export function flagsOf(command: string): readonly HelpFlag[] {
  const text = commandLine([command, '--help']).output.replaceAll(/\n {10,}/g, ' ');
  return [
    ...text.matchAll(
      /^ {2}((?:-\w, )?--\S+(?: <\S+>)?) +(.*?)(?: \(default: (.*?))?(?:, |\) \(| \()env: (\w+)\)$/gm,
    ),
  ].map(([, usage = '', description = '', byDefault = 'none', variable = '']) => ({
    usage,
    description,
    byDefault: byDefault === 'false' ? 'off' : byDefault,
    variable,
  }));
}
