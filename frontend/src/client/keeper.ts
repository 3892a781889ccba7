/** Writes what changed to the device, a moment later and all at once. */

import type { Context } from './context';
import type { Conversations } from './conversations';
import { type Batch, type ChatCache, MESSAGES_PER_CONVERSATION } from './remember';
import type { ChatMessage, ChatUser } from './types';

const WRITE_MS = 500;

export interface Keeper {
  changed(): void;
  /** Writes now. */
  flush(): void;
  restored(users: Readonly<Record<string, ChatUser>>): void;
  reset(): void;
}

export function createKeeper(
  context: Context,
  conversations: () => Conversations,
  epoch: () => string | null,
): Keeper {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let keptUsers: Readonly<Record<string, ChatUser>> = {};
  let keptEpoch: string | null = null;

  const collect = (): Batch => {
    const batch: Batch = {
      conversations: [],
      messages: [],
      dropped: [],
      cleared: [],
      users: [],
      epoch: null,
    };
    const { users } = context.state.get();
    for (const user of Object.values(users)) if (keptUsers[user.id] !== user) batch.users.push(user);
    keptUsers = users;
    const now = epoch();
    if (now !== keptEpoch) {
      keptEpoch = now;
      batch.epoch = now;
    }
    for (const core of conversations().all()) {
      if (!core.changed) continue;
      core.changed = false;
      // A conversation that exists nowhere but in the outbox is kept there.
      if (!core.conversation.conversationId) continue;
      batch.conversations.push(conversations().cached(core));
      if (core.cleared) {
        core.cleared = false;
        core.kept.clear();
        batch.cleared.push(core.peerId);
      }
      const rows = conversations()
        .thread(core.peerId)
        .messages.filter((row) => row.id !== null && !row.deleted)
        .slice(-MESSAGES_PER_CONVERSATION);
      const next = new Map<string, ChatMessage>(rows.map((row) => [row.key, row]));
      for (const row of rows) if (core.kept.get(row.key) !== row) batch.messages.push(row);
      for (const key of core.kept.keys()) if (!next.has(key)) batch.dropped.push([core.peerId, key]);
      core.kept = next;
    }
    return batch;
  };
  const flush = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const cache: ChatCache = context.cache;
    void cache.save(collect());
  };
  return {
    changed() {
      timer ??= setTimeout(flush, WRITE_MS);
    },
    flush,
    restored(users) {
      keptUsers = users;
      keptEpoch = epoch();
    },
    reset() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      keptUsers = {};
      keptEpoch = null;
    },
  };
}
