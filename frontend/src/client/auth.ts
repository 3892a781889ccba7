/** The application's token, and its one refresh however many requests were refused at once. */

import type { ChatClientOptions } from './surface';

export interface Tokens {
  get(): Promise<string | null>;
  /** A token other than the refused one, or `null` if there is none. */
  refresh(refused: string): Promise<string | null>;
}

export function createTokens(getToken: ChatClientOptions['getToken']): Tokens {
  let running: Promise<string | null> | null = null;
  const get = async () => (await getToken({ refresh: false })) || null;
  const renew = async (refused: string) => {
    // Somebody else (another tab, the application) may have refreshed it meanwhile.
    const current = await get();
    if (current && current !== refused) return current;
    const fresh = (await getToken({ refresh: true })) || null;
    return fresh === refused ? null : fresh;
  };
  return {
    get,
    refresh(refused) {
      running ??= renew(refused).finally(() => {
        running = null;
      });
      return running;
    },
  };
}
