/** Who is typing: told by the own side no more often than needed, forgotten when the other side falls silent. */

import type { Context } from './context';

const REPEAT_MS = 4_000;
const IDLE_MS = 6_000;
/** The server ends typing after 10 to 15 s; this is for when even that is lost. */
const FORGET_MS = 15_000;

type Timer = ReturnType<typeof setTimeout>;

export interface Typing {
  start(peerId: string, conversationId: string | null): void;
  stop(peerId: string, conversationId: string | null): void;
  /** Somebody began or stopped typing to the user. */
  heard(peerId: string, isTyping: boolean): void;
  /** The server does not know of typing on this connection. */
  unsupported(): void;
  reset(): void;
}

export function createTyping(context: Context): Typing {
  const own = new Map<string, { toldAt: number; idle: Timer }>();
  const others = new Map<string, Timer>();
  let supported = true;

  const stop: Typing['stop'] = (peerId, conversationId) => {
    const active = own.get(peerId);
    if (!active) return;
    clearTimeout(active.idle);
    own.delete(peerId);
    if (conversationId && supported) context.send({ type: 'typing_stop', conversation_id: conversationId });
  };
  const heard: Typing['heard'] = (peerId, isTyping) => {
    clearTimeout(others.get(peerId));
    others.delete(peerId);
    const { typing } = context.state.get();
    if (isTyping) {
      others.set(
        peerId,
        setTimeout(() => heard(peerId, false), FORGET_MS),
      );
      if (!typing[peerId]) context.state.set({ typing: { ...typing, [peerId]: true } });
    } else if (typing[peerId]) {
      const { [peerId]: _, ...rest } = typing;
      context.state.set({ typing: rest });
    }
  };
  return {
    start(peerId, conversationId) {
      // Before the first message there is no conversation to type in.
      if (!conversationId || !supported) return;
      const active = own.get(peerId);
      clearTimeout(active?.idle);
      let toldAt = active?.toldAt ?? Number.NEGATIVE_INFINITY;
      if (context.now() - toldAt >= REPEAT_MS) {
        if (!context.send({ type: 'typing_start', conversation_id: conversationId })) return;
        toldAt = context.now();
      }
      own.set(peerId, { toldAt, idle: setTimeout(() => stop(peerId, conversationId), IDLE_MS) });
    },
    stop,
    heard,
    unsupported() {
      supported = false;
    },
    reset() {
      for (const { idle } of own.values()) clearTimeout(idle);
      for (const timer of others.values()) clearTimeout(timer);
      own.clear();
      others.clear();
      supported = true;
      if (Object.keys(context.state.get().typing).length) context.state.set({ typing: {} });
    },
  };
}
