// One command as data: its flags, what their values come to, and what is done with that.

import { Command } from 'commander';

import { commanderOption } from './flags/flag.ts';
import type { Flags, ValuesOf } from './flags/flag.ts';

/** One that was asked for, with its options read and checked. */
export type Invocation = {
  readonly command: string;
  readonly options: unknown;
  /** Answers with the exit code. */
  readonly run: () => Promise<number>;
};

type Definition<Group extends Flags, Options> = {
  readonly name: string;
  readonly description: string;
  /** `[files...]`, and what it means. */
  readonly argument?: readonly [usage: string, description: string];
  readonly flags: Group;
  /** What it does, then the command. */
  readonly examples: readonly (readonly [meaning: string, command: string])[];
  readonly options: (values: ValuesOf<Group>, given: readonly string[]) => Options;
  readonly run: (options: Options) => Promise<number>;
};

/** @returns a function that makes the command, for one invocation at most */
export function defineCommand<Group extends Flags, Options>(definition: Definition<Group, Options>) {
  const { name, description, argument, flags, examples, options, run } = definition;
  return (onInvocation: (invocation: Invocation) => void): Command => {
    const command = new Command(name).description(description);
    if (argument) command.argument(...argument);
    for (const [flag, meaning] of Object.entries(flags)) command.addOption(commanderOption(flag, meaning));
    return command.addHelpText('after', examplesText(examples)).action(() => {
      const read = options(command.opts<ValuesOf<Group>>(), command.args);
      onInvocation({ command: name, options: read, run: async () => run(read) });
    });
  };
}

export const examplesText = (examples: Definition<Flags, unknown>['examples']): string =>
  `\nExamples:\n${examples.map(([meaning, command]) => `  # ${meaning}\n  ${command}\n`).join('\n')}`;

/** Something that a flag or an argument names cannot be used: exit code 2. */
export class BadInput extends Error {
  override readonly name = 'BadInput';
}

export async function orBadInput<T>(loading: Promise<T>): Promise<T> {
  try {
    return await loading;
  } catch (error) {
    throw new BadInput(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
