import { describe, expect, test } from '@jest/globals';
import { RequestSlots, TokenBucket } from './throttle.ts';

const never = new AbortController().signal;

describe('Slots for requests', () => {
  test('are given out in order, and given back once only', async () => {
    const slots = new RequestSlots(1);
    const order: string[] = [];
    const leave = await slots.take('a', never);
    const second = slots.take('a', never).then((next) => {
      order.push('second');
      return next;
    });
    const third = slots.take('a', never).then(() => order.push('third'));
    leave();
    leave();
    const leaveSecond = await second;
    expect(order).toEqual(['second']);
    leaveSecond();
    await third;
    expect(order).toEqual(['second', 'third']);
  });

  test('are not held for a request that was aborted', async () => {
    const slots = new RequestSlots(1);
    const leave = await slots.take('a', never);
    const controller = new AbortController();
    const waiting = slots.take('a', controller.signal);
    controller.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    leave();
    await expect(slots.take('a', never)).resolves.toBeInstanceOf(Function);
  });

  test('are waited for by a bounded number of requests', async () => {
    const slots = new RequestSlots(1);
    await slots.take('a', never);
    const controller = new AbortController();
    const waiting = Array.from({ length: 1024 }, async () => await slots.take('a', controller.signal));
    await expect(slots.take('a', never)).rejects.toMatchObject({ code: 'tooMany' });
    controller.abort(new Error('over'));
    expect((await Promise.allSettled(waiting)).every(({ status }) => status === 'rejected')).toBe(true);
  });
});

describe('Bytes per minute', () => {
  test('of one minute are let through at once, and more are waited for', async () => {
    let nowMs = 0;
    const bucket = new TokenBucket(60_000, () => nowMs);
    await bucket.take(60_000, never);
    const controller = new AbortController();
    const waiting = bucket.take(30_000, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    nowMs = 40_000;
    await expect(bucket.take(10_000, never)).resolves.toBeUndefined();
  });

  test('that are not bounded are never waited for', async () => {
    await expect(new TokenBucket(0, () => 0).take(1e12, never)).resolves.toBeUndefined();
  });
});
