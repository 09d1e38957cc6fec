// Manifests in the midst of other text.

import { describe, expect, test } from '@jest/globals';

import { textAt } from '../../platform/data/field.ts';
import { embeddedIn } from './embedded.ts';

const taken = (text: string) => {
  const { objects, lines } = embeddedIn(text.split('\n'), (object) => textAt(object, 'kind') !== undefined);
  return {
    kinds: objects.map((object) => textAt(object, 'kind')),
    rest: lines.filter((line) => line !== ''),
  };
};

const pod = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: web';

describe('is taken out, and nothing else', () => {
  test.each([
    ['between sentences', `see:\n${pod}\nError: it fails`, ['see:', 'Error: it fails']],
    ['in a fence', `\`\`\`yaml\n${pod}\n\`\`\`\nwhy?`, ['```yaml', '```', 'why?']],
    ['with an indent', `  ${pod.replaceAll('\n', '\n  ')}\nwhy?`, ['why?']],
    ['as JSON', `here\n{\n  "kind": "Pod"\n}\nwhy?`, ['here', 'why?']],
    ['damaged at its end', `${pod}\n  labels: {a: b\nwhy?`, ['  labels: {a: b', 'why?']],
  ])('%s', (_where, text, rest) => {
    expect(taken(text)).toEqual({ kinds: ['Pod'], rest });
  });

  test('two of them without a separator are two', () => {
    expect(taken(`${pod}\n${pod}\n---\n${pod}`)).toEqual({ kinds: ['Pod', 'Pod', 'Pod'], rest: ['---'] });
  });
});

test('what is not wanted stays', () => {
  const text = 'spec:\n  a: 1\nkind of: blue';
  expect(taken(text)).toEqual({ kinds: [], rest: text.split('\n') });
});

test('a text that begins an object in every line is read in bounded time', () => {
  const lines = Array.from({ length: 50_000 }, (_, depth) => `${' '.repeat(depth % 60)}spec:`);
  const start = process.cpuUsage();
  embeddedIn(lines, () => false);
  expect(process.cpuUsage(start).user / 1_000_000).toBeLessThan(20);
});
