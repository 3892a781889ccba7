/** What is kept on the device: read back at the start, written a moment after it changed and all at once. */

import type { Context } from './context';
import type { Conversations, Core } from './conversations';
import { lowest, mergeRows } from './merge';
import { type Batch, type CachedConversation, MESSAGES_PER_CONVERSATION, type Snapshot } from './remember';
import type { ChatMessage, ChatUser } from './types';

const WRITE_MS = 500;

export interface Keeper {
  /** Puts what was kept into the store. */
  restore(snapshot: Snapshot): void;
  changed(): void;
  /** Writes now. */
  flush(): void;
  stop(): void;
}

export function createKeeper(context: Context, conversations: Conversations): Keeper {
  const { core, thread } = conversations;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let keptUsers: Readonly<Record<string, ChatUser>> = {};
  let keptEpoch: string | null = null;

  const cached = (one: Core): CachedConversation => {
    const { peerReadSeq, peerDeliveredSeq } = thread(one.peerId);
    const last = one.conversation.lastMessage;
    return {
      ...one.conversation,
      lastMessage: last?.id === null || !one.listed ? null : last,
      peerReadSeq,
      peerDeliveredSeq,
      rev: one.stale ? null : one.rev,
      usedAt: one.usedAt,
    };
  };
  const collect = (): Batch => {
    const { users } = context.state.get();
    const { epoch } = context;
    const batch: Batch = {
      conversations: [],
      messages: [],
      dropped: [],
      cleared: [],
      users: Object.values(users).filter((user) => keptUsers[user.id] !== user),
      epoch: epoch === keptEpoch ? null : epoch,
    };
    keptUsers = users;
    keptEpoch = epoch;
    for (const one of conversations.all()) {
      if (!one.changed) continue;
      one.changed = false;
      // A conversation that exists nowhere but in the outbox is kept there.
      if (!one.conversation.conversationId) continue;
      batch.conversations.push(cached(one));
      if (one.cleared) {
        one.cleared = false;
        one.kept.clear();
        batch.cleared.push(one.peerId);
      }
      const rows = thread(one.peerId)
        .messages.filter((row) => row.id !== null && !row.deleted)
        .slice(-MESSAGES_PER_CONVERSATION);
      const next = new Map<string, ChatMessage>(rows.map((row) => [row.key, row]));
      for (const row of rows) if (one.kept.get(row.key) !== row) batch.messages.push(row);
      for (const key of one.kept.keys()) if (!next.has(key)) batch.dropped.push([one.peerId, key]);
      one.kept = next;
    }
    return batch;
  };
  const stop = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  };
  const flush = () => {
    stop();
    void context.cache.save(collect());
  };

  return {
    restore(snapshot) {
      conversations.remember(snapshot.users.map((user) => ({ ...user })));
      keptUsers = context.state.get().users;
      keptEpoch = context.epoch = snapshot.epoch;
      const rows = new Map<string, ChatMessage[]>();
      for (const row of snapshot.messages) {
        const list = rows.get(row.peerId);
        if (list) list.push(row);
        else rows.set(row.peerId, [row]);
      }
      for (const kept of snapshot.conversations) {
        const { peerId } = kept;
        const one = core(peerId);
        conversations.learn(peerId, kept.conversationId);
        const { conversationId, lastMessage, lastActivity, unread, readSeq, lastSeq } = kept;
        one.listed = lastMessage !== null;
        one.rev = kept.rev;
        one.usedAt = kept.usedAt;
        one.listSeq = kept.lastSeq;
        const mine = rows.get(peerId) ?? [];
        one.fromSeq = lowest(mine);
        one.stale = kept.rev === null && mine.length > 0;
        one.kept = new Map(mine.map((row) => [row.key, row]));
        const pending = one.conversation.lastMessage;
        conversations.set(one, {
          conversationId,
          lastMessage: pending ?? lastMessage,
          lastActivity: pending ? pending.createdAt : lastActivity,
          unread,
          readSeq,
          lastSeq,
        });
        conversations.setThread(peerId, {
          messages: mergeRows(mergeRows([], mine), thread(peerId).messages),
          source: mine.length ? 'cache' : 'none',
          hasOlder: one.fromSeq === null || one.fromSeq > 1,
          peerReadSeq: kept.peerReadSeq,
          peerDeliveredSeq: kept.peerDeliveredSeq,
        });
        one.changed = false;
      }
    },
    changed() {
      timer ??= setTimeout(flush, WRITE_MS);
    },
    flush,
    stop,
  };
}
