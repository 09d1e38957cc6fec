// The CEL rules of our own CRD, in the three shapes that it uses. Any other shape fails loudly.

import type { Cause } from './api-error.ts';
import { asFields, asList, asText, at, isFields, type Fields, type Json } from './object.ts';
import { isDeepStrictEqual } from 'node:util';

type Rule = (self: Json, previous: Json | undefined) => boolean;

/** Which rules (`x-kubernetes-validations`) an object breaks; one about `oldSelf` needs a value before and after. */
export function brokenRules(
  schema: Fields,
  value: Json,
  previous: Json | undefined,
  path = '',
): readonly Cause[] {
  const here = asList(schema['x-kubernetes-validations']).flatMap((entry): Cause[] => {
    const { rule, message } = asFields(entry);
    const holds = readRule(asText(rule))(value, previous);
    return holds
      ? []
      : [{ reason: 'FieldValueInvalid', message: `Invalid value: ${asText(message)}`, field: path }];
  });
  return [...here, ...brokenBelow(schema, value, previous, path)];
}

function brokenBelow(
  schema: Fields,
  value: Json,
  previous: Json | undefined,
  path: string,
): readonly Cause[] {
  if (isFields(value)) {
    return Object.entries(value).flatMap(([name, child]) => {
      const below = asFields(at(schema, 'properties', name));
      return brokenRules(below, child ?? null, at(previous, name), path === '' ? name : `${path}.${name}`);
    });
  }
  const items = asFields(schema['items']);
  // Items of an atomic list have no earlier self.
  return asList(value).flatMap((item, i) => brokenRules(items, item, undefined, `${path}[${i}]`));
}

function readRule(rule: string): Rule {
  if (rule === 'self == oldSelf') {
    return (self, previous) => previous === undefined || isDeepStrictEqual(self, previous);
  }
  const order = /^self\.(\w+) <= self\.(\w+)$/.exec(rule);
  if (order) return (self) => Number(at(self, order[1] ?? '')) <= Number(at(self, order[2] ?? ''));
  const implied = /^self\.(\w+) != '(\w+)' \|\| has\(self\.(\w+)\)$/.exec(rule);
  if (!implied) throw new Error(`The embedded API server does not know the CEL rule "${rule}".`);
  const [, field = '', text, needed = ''] = implied;
  return (self) => at(self, field) !== text || at(self, needed) !== undefined;
}
