/**
 * What a connection brings: its events are applied, what was missed is fetched, and who is there is known.
 * Fetched by the client when it connects, or when a conversation is opened.
 */

import type { Context } from './context';
import type { Conversations } from './conversations';
import { createFrames } from './frames';
import { createHistory, type History } from './history';
import { idOf } from './ids';
import type { Outbox } from './outbox';
import { createPages } from './pages';
import { createPositions } from './positions';
import { createPresence } from './presence';
import type { Reading } from './reading';
import { createSync } from './sync';
import type { Id, WireFrame, WireUser } from './types';
import { createTyping, type Typing } from './typing';

export interface Live {
  readonly history: History;
  readonly typing: Typing;
  /** The first frame of a connection. */
  connected(frame: WireFrame): void;
  /** Any other frame. */
  frame(frame: WireFrame): void;
  disconnected(): void;
  /** Another user: nothing of the one before may stay. */
  reset(): void;
}

export interface LiveParts {
  conversations: Conversations;
  outbox: Outbox;
  reading: Reading;
  /** The server showed that it numbers messages, hence recognises repeats. */
  numbered(): void;
}

export function createLive(context: Context, parts: LiveParts): Live {
  const { api, state } = context;
  const { conversations, outbox, reading } = parts;
  let session = 0;
  const positions = createPositions(context, conversations);
  const pages = createPages(conversations, positions, outbox.claim);
  const history = createHistory(context, conversations, pages, positions);
  const sync = createSync(context, conversations, history, pages, positions);
  const typing = createTyping(context);
  const presence = createPresence(context);

  const setMe = (user: WireUser) => {
    conversations.remember([user]);
    const me = state.get().users[context.meId];
    if (me && me !== state.get().me) state.set({ me });
  };

  return {
    history,
    typing,
    connected(frame) {
      const id = idOf(frame.user_id as Id);
      if (id && typeof frame.username === 'string') setMe({ id, username: frame.username });
      const mine = session;
      presence.connected();
      typing.reset();
      reading.connected();
      void sync.start(typeof frame.epoch === 'string' ? frame.epoch : null);
      outbox.start();
      api.get<WireUser>('users/me/').then(
        (user) => mine === session && String(user?.id) === context.meId && setMe(user),
        () => {},
      );
    },
    frame: createFrames(context, {
      conversations,
      positions,
      outbox,
      sync,
      typing,
      reading,
      numbered: parts.numbered,
      presence: presence.heard,
      listChanged: () => void history.list().catch(() => {}),
    }),
    disconnected() {
      sync.stop();
      presence.disconnected();
    },
    reset() {
      session += 1;
      sync.stop();
      typing.reset();
      history.reset();
      presence.reset();
    },
  };
}
