// One flag as data, and the types of the values that a group of flags has.

import { Option } from 'commander';

import { oneOf, yesOrNo } from './values.ts';

export type Flag<Value> = {
  readonly description: string;
  /** `<file>`; a switch has none. */
  readonly argument?: string;
  readonly parse?: (text: string) => Value;
  readonly byDefault: Value;
  /** The default in words, where the value itself does not say it. */
  readonly defaultText?: string;
};

/** By name in camel case: `keepResolved` is `--keep-resolved`. */
export type Flags = Readonly<Record<string, Flag<unknown>>>;

export type ValuesOf<Group extends Flags> = {
  readonly [Name in keyof Group]: Group[Name] extends Flag<infer Value> ? Value : never;
};

export const toggle = (description: string): Flag<boolean> => ({ description, byDefault: false });

/** Undefined without it. */
export const optionalFlag = <Value>(
  argument: string,
  description: string,
  parse: (text: string) => Value,
  defaultText = '',
): Flag<Value | undefined> => ({ argument, description, parse, byDefault: undefined, defaultText });

export const textFlag = (argument: string, description: string, defaultText?: string) =>
  optionalFlag(argument, description, String, defaultText);

export const yesOrNoFlag = (description: string, byDefault: boolean): Flag<boolean> => ({
  argument: '<yes|no>',
  description,
  parse: yesOrNo,
  byDefault,
  defaultText: byDefault ? 'yes' : 'no',
});

export const choice = <const Choice extends string>(
  description: string,
  choices: readonly Choice[],
  byDefault: NoInfer<Choice>,
): Flag<Choice> => ({
  argument: `<${choices.join('|')}>`,
  description,
  parse: oneOf(choices),
  byDefault,
  defaultText: byDefault,
});

export const flagName = (name: string): string =>
  `--${name.replaceAll(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`;

/** Every flag can be set by a variable as well: `--keep-resolved` by ROOTCAUSE_KEEP_RESOLVED. */
export function commanderOption(name: string, flag: Flag<unknown>): Option {
  const { argument, description, parse, byDefault, defaultText } = flag;
  const option = new Option(
    [flagName(name), argument].join(' ').trimEnd(),
    byDefault === undefined && defaultText ? `${description} (default: ${defaultText})` : description,
  );
  if (parse) option.argParser(parse);
  const variable = `ROOTCAUSE_${flagName(name).slice(2).toUpperCase().replaceAll('-', '_')}`;
  // An empty variable means the same as no variable; for a switch so does one that says no.
  const isUnset = argument === undefined ? /^(|no|false|0)$/ : /^$/;
  if (isUnset.test(process.env[variable] ?? '')) delete process.env[variable];
  return option.default(byDefault, defaultText).env(variable);
}
