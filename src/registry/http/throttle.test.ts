import { describe, expect, test } from '@jest/globals';
import { TokenBucket, Semaphore } from './throttle.ts';

const never = new AbortController().signal;

describe('Places', () => {
  test('are given out in order, and given back once only', async () => {
    const places = new Semaphore(1);
    const order: string[] = [];
    const leave = await places.take(never);
    const second = places.take(never).then((next) => {
      order.push('second');
      return next;
    });
    const third = places.take(never).then(() => order.push('third'));
    leave();
    leave();
    const leaveSecond = await second;
    expect(order).toEqual(['second']);
    leaveSecond();
    await third;
    expect(order).toEqual(['second', 'third']);
  });

  test('are not held for who has left', async () => {
    const places = new Semaphore(1);
    const leave = await places.take(never);
    const controller = new AbortController();
    const waiting = places.take(controller.signal);
    controller.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    leave();
    await expect(places.take(never)).resolves.toBeInstanceOf(Function);
  });

  test('have a waiting line with an end', async () => {
    const places = new Semaphore(0);
    const controller = new AbortController();
    const waiting = Array.from({ length: 1024 }, async () => await places.take(controller.signal));
    await expect(places.take(never)).rejects.toMatchObject({ code: 'tooMany' });
    controller.abort(new Error('over'));
    expect((await Promise.allSettled(waiting)).every(({ status }) => status === 'rejected')).toBe(true);
  });
});

describe('Allowance', () => {
  test('lets a minute of bytes through at once, and then waits until it has filled again', async () => {
    let nowMs = 0;
    const allowance = new TokenBucket(60_000, () => nowMs);
    await allowance.take(60_000, never);
    const controller = new AbortController();
    const waiting = allowance.take(30_000, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    nowMs = 40_000;
    await expect(allowance.take(10_000, never)).resolves.toBeUndefined();
  });

  test('without a bound never waits', async () => {
    await expect(new TokenBucket(0, () => 0).take(1e12, never)).resolves.toBeUndefined();
  });
});
