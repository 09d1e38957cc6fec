import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Store } from './store.ts';
import type { Identity } from '../list/identity.ts';

function identity(name: string, version: number, uid = 'u'): Identity {
  return { name, namespace: 'ns', uid, resourceVersion: String(version) };
}

/** A store, and what its changes leave. */
function watched() {
  const values = new Map<string, string>();
  const store = new Store<string>((id, now) => {
    if (now === undefined) values.delete(id);
    else values.set(id, now);
  });
  return { store, kept: () => [...values.values()] };
}

test('late and repeated news never changes where it ends, whatever the order', () => {
  // One object's history; some states are of no interest (undefined), the last of them may be its end.
  const history = fc.array(fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }), {
    minLength: 1,
    maxLength: 8,
  });
  const repeats = fc.array(fc.tuple(fc.nat({ max: 7 }), fc.nat({ max: 7 })), { maxLength: 12 });
  fc.assert(
    fc.property(history, repeats, fc.boolean(), (states, late, isDeleted) => {
      const changes: string[] = [];
      const store = new Store<string>((_id, now, before) => changes.push(`${before ?? '-'}>${now ?? '-'}`));
      states.forEach((value, version) => {
        store.changed(identity('x', version), () => value);
        for (const [at, old] of late) {
          if (at === version && old <= at) store.changed(identity('x', old), () => states[old]);
        }
      });
      if (isDeleted) store.deleted(identity('x', states.length));
      const before = changes.length;
      if (isDeleted && states.some((value) => value !== undefined)) {
        states.forEach((value, version) => store.changed(identity('x', version), () => value));
      }
      expect(changes.length).toBe(before);
      expect(changes.at(-1)?.at(-1) ?? '-').toBe((isDeleted ? undefined : states.at(-1)) ?? '-');
      // The changes join up: each change begins where the one before it ended.
      expect(changes.every((change, i) => change[0] === (changes[i - 1]?.at(-1) ?? '-'))).toBe(true);
    }),
  );
});

test('a list is the truth, even where it is older than what was known', () => {
  const changes: string[] = [];
  const store = new Store<string>((id, now, before) => changes.push(`${id} ${before ?? '-'}>${now ?? '-'}`));
  store.changed(identity('x', 50), () => 'before the restore');
  store.startList();
  store.listed(identity('x', 7), () => 'after it');
  store.endList();
  expect(changes.at(-1)).toBe('ns/x before the restore>after it');
});

test('a list that was not finished removes nothing', () => {
  const { store, kept } = watched();
  store.changed(identity('x', 1), () => 'x');
  store.changed(identity('y', 2), () => 'y');
  store.startList();
  store.listed(identity('x', 1), () => 'x');
  store.startList();
  store.listed(identity('y', 2), () => 'y');
  expect(kept()).toHaveLength(2);
  store.endList();
  expect(kept()).toEqual(['y']);
});

test('what a list has as it was known is not decoded again', () => {
  const { store, kept } = watched();
  store.changed(identity('x', 1), () => 'x');
  store.startList();
  store.listed(identity('x', 1), () => {
    throw new Error('it was decoded');
  });
  store.endList();
  expect(kept()).toHaveLength(1);
});

test('the end of an earlier object of that name does not end its successor', () => {
  const { store, kept } = watched();
  store.changed(identity('x', 10, 'second'), () => 'x');
  store.deleted(identity('x', 8, 'first'));
  store.deleted({ ...identity('x', 0, 'first'), resourceVersion: 'opaque' });
  expect(kept()).toHaveLength(1);
});
