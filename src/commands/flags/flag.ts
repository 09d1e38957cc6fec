// One flag as data, and the types of the values that a group of flags has.

import { InvalidArgumentError, Option } from 'commander';

type Flag<Value> = {
  readonly description: string;
  /** `o` for `-o`. */
  readonly letter?: string;
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

export const toggle = (description: string, letter?: string): Flag<boolean> => ({
  description,
  byDefault: false,
  ...(letter !== undefined && { letter }),
});

/** Undefined without it. */
export const optional = <Value>(
  argument: string,
  description: string,
  parse: (text: string) => Value,
  defaultText = '',
): Flag<Value | undefined> => ({ argument, description, parse, byDefault: undefined, defaultText });

export const optionalText = (argument: string, description: string, defaultText?: string) =>
  optional(argument, description, String, defaultText);

/** @param defaultText the default, as a person would write it */
export const parsed = <Value>(
  argument: string,
  description: string,
  parse: (text: string) => Value,
  defaultText: string,
): Flag<Value> => ({ argument, description, parse, byDefault: parse(defaultText), defaultText });

export const choice = <const Choice extends string>(
  description: string,
  choices: readonly Choice[],
  byDefault: NoInfer<Choice>,
  letter?: string,
) => ({
  ...parsed(`<${choices.join('|')}>`, description, (text) => oneOf(choices, text), byDefault),
  ...(letter !== undefined && { letter }),
});

export const yesOrNo = (description: string, byDefault: boolean) =>
  parsed('<yes|no>', description, (text) => oneOf(['yes', 'no'], text) === 'yes', byDefault ? 'yes' : 'no');

function oneOf<Choice extends string>(choices: readonly Choice[], text: string): Choice {
  const found = choices.find((each) => each === text);
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`Give ${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}.`);
}

export const count = (
  description: string,
  [least, most]: readonly [number, number],
  byDefault: number,
): Flag<number> => ({
  argument: '<count>',
  description,
  parse: (text) => {
    if (/^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  },
  byDefault,
});

/** Empty for an empty text; but commas alone are a mistake, as an empty list of namespaces means all of them. */
export const list = (
  argument: string,
  description: string,
  parseItem: (text: string) => string,
  defaultText = 'none',
): Flag<readonly string[]> => ({
  argument,
  description,
  parse: (text) => {
    const items = text.split(',').map((item) => item.trim());
    const named = items.filter((item) => item !== '');
    if (named.length === 0 && text !== '')
      throw new InvalidArgumentError('Give at least one name, or an empty text.');
    return [...new Set(named.map(parseItem))];
  },
  byDefault: [],
  defaultText,
});

const flagName = (name: string): string =>
  `--${name.replaceAll(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`;

/** Every flag can be set by a variable as well: `--keep-resolved` by ROOTCAUSE_KEEP_RESOLVED. */
export function commanderOption(name: string, flag: Flag<unknown>): Option {
  const { letter, argument, description, parse, byDefault, defaultText } = flag;
  const option = new Option(
    [...(letter === undefined ? [] : [`-${letter},`]), flagName(name), argument].join(' ').trimEnd(),
    byDefault === undefined && defaultText ? `${description} (default: ${defaultText})` : description,
  );
  if (parse) option.argParser(parse);
  const variable = `ROOTCAUSE_${flagName(name).slice(2).toUpperCase().replaceAll('-', '_')}`;
  // An empty variable means the same as no variable; for a switch so does one that says no.
  const isUnset = argument === undefined ? /^(|no|false|0)$/ : /^$/;
  if (isUnset.test(process.env[variable] ?? '')) delete process.env[variable];
  return option.default(byDefault, defaultText).env(variable);
}
