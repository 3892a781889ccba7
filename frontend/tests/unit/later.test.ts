/** Parts that are fetched when they are first wanted: once, again after a failure, and not when nobody wants them. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { part, remote } from '../../src/client/later';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const greeter = { greet: async (name: string) => `hello ${name}`, other: 1 };
/** Fails as often as told, then gives the greeter. */
function flaky(failures: number) {
  let left = failures;
  const fetch = vi.fn(async () => {
    if (left > 0) {
      left -= 1;
      throw new Error('no such file');
    }
    return greeter;
  });
  return { fetch, part: part(fetch, () => 0.5) };
}

describe('a part', () => {
  it('is fetched once, however many ask at once', async () => {
    const { fetch, part } = flaky(0);
    expect(part.here).toBeNull();
    expect(await Promise.all([part.load(), part.load()])).toEqual([greeter, greeter]);
    await part.load();
    expect(fetch).toHaveBeenCalledTimes(1);
    expect(part.here).toBe(greeter);
  });

  it('says that it could not be fetched, and is fetched the next time', async () => {
    const { part } = flaky(1);
    await expect(part.load()).rejects.toThrow('no such file');
    expect(part.here).toBeNull();
    expect(await part.load()).toBe(greeter);
  });

  it('is fetched again and again while somebody insists, with growing pauses', async () => {
    const { fetch, part } = flaky(3);
    const got = part.insist(() => true);
    await vi.advanceTimersByTimeAsync(900);
    expect(fetch).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await got).toBe(greeter);
    expect(fetch).toHaveBeenCalledTimes(4);
  });

  it('is not fetched any more when nobody wants it', async () => {
    const { fetch, part } = flaky(9);
    let wanted = true;
    const got = part.insist(() => wanted);
    await vi.advanceTimersByTimeAsync(0);
    wanted = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await got).toBeNull();
    expect(fetch).toHaveBeenCalledTimes(1);
  });
});

describe('its functions', () => {
  it('fetch it with the first call, and answer what it answers', async () => {
    const { fetch, part } = flaky(0);
    const far = remote(part, ['greet']);
    expect(fetch).not.toHaveBeenCalled();
    expect(Object.keys(far)).toEqual(['greet']);
    expect(await far.greet('Omar')).toBe('hello Omar');
    expect(await far.greet('Lena')).toBe('hello Lena');
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it('fail when it cannot be fetched, and work the next time', async () => {
    const far = remote(flaky(1).part, ['greet']);
    await expect(far.greet('Omar')).rejects.toThrow('no such file');
    expect(await far.greet('Omar')).toBe('hello Omar');
  });
});
