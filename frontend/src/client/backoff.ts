/** When to try again, and whether to. Pure. */

/** Full jitter: anything up to half a second doubled with every failure, at most 30 s. */
export const backoff = (failures: number, random: () => number): number =>
  Math.floor(random() * Math.min(30_000, 500 * 2 ** Math.min(failures, 16)));

/**
 * What a close code asks for: `refresh` the token once, `stop`, or `retry` with a pause.
 * 1002 and 1007 say that the client broke the protocol; repeating that helps nobody.
 */
export function afterClose(code: number): 'refresh' | 'stop' | 'retry' {
  if (code === 4001) return 'refresh';
  return [1002, 1007, 4003, 4009, 4010].includes(code) ? 'stop' : 'retry';
}
