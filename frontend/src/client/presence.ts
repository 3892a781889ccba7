/** Who is online. After a connect the server names those who are; whoever it does not name is not. */

import type { Context } from './context';
import type { Presence } from './types';

/** How long the names after a connect may take. */
const SETTLE_MS = 2_000;

export interface PresenceBook {
  heard(userId: string, online: boolean, lastActive: string | null): void;
  connected(): void;
  disconnected(): void;
  reset(): void;
}

export function createPresence(context: Context): PresenceBook {
  let named = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | null = null;
  const stop = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  };
  return {
    heard(userId, online, lastActive) {
      named.add(userId);
      const { presence } = context.state.get();
      context.state.set({ presence: { ...presence, [userId]: { online, lastActive } } });
    },
    connected() {
      stop();
      named = new Set();
      const before = context.state.get().presence;
      timer = setTimeout(() => {
        timer = null;
        const next: Record<string, Presence> = {};
        for (const [id, one] of Object.entries(context.state.get().presence)) {
          // What was learned on this connection in another way stands: somebody to whom one has never written is
          // not named.
          const isOld = one === before[id] && !named.has(id);
          next[id] = isOld && one.online ? { ...one, online: false } : one;
        }
        context.state.set({ presence: next });
      }, SETTLE_MS);
    },
    disconnected: stop,
    reset() {
      stop();
      named = new Set();
    },
  };
}
