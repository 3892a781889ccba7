/** Parts of the program that are fetched when they are first wanted. */

import { backoff } from './backoff';

export interface Part<T> {
  /** What was fetched, once it is here. */
  readonly here: T | null;
  /** Fetches it once, however many ask. What could not be fetched is tried again when somebody asks again. */
  load(): Promise<T>;
  /** Fetches it as often as it takes while it is wanted; `null` if it no longer is. */
  insist(isWanted: () => boolean): Promise<T | null>;
}

export function part<T>(fetch: () => Promise<T>, random: () => number): Part<T> {
  let here: T | null = null;
  let running: Promise<T> | null = null;
  const load = () => {
    running ??= fetch().then(
      (fetched) => {
        here = fetched;
        return fetched;
      },
      (error) => {
        running = null;
        throw error;
      },
    );
    return running;
  };
  return {
    get here() {
      return here;
    },
    load,
    async insist(isWanted) {
      for (let failures = 0; isWanted(); failures += 1) {
        try {
          const fetched = await load();
          return isWanted() ? fetched : null;
        } catch {
          await new Promise((done) => setTimeout(done, 1000 + backoff(failures, random)));
        }
      }
      return null;
    },
  };
}

/** An object with these functions of the part; the first call fetches it. All of them answer with promises. */
export function remote<T extends object, Name extends string & keyof T>(
  from: Part<T>,
  names: readonly Name[],
): Pick<T, Name> {
  const call =
    (name: Name) =>
    (...given: unknown[]) => {
      const run = (part: T) => (part[name] as (...given: unknown[]) => unknown)(...given);
      return from.here ? run(from.here) : from.load().then(run);
    };
  return Object.fromEntries(names.map((name) => [name, call(name)])) as Pick<T, Name>;
}
