/** What can be remembered of a user between two visits, and the memory that forgets everything. */

import type { ChatMessage, ChatUser, OutboxItem } from './types';

/** A conversation as it is kept: its row in the list, and how far its messages are complete. */
export interface CachedConversation {
  peerId: string;
  conversationId: string | null;
  lastMessage: ChatMessage | null;
  lastActivity: string;
  unread: number;
  readSeq: number;
  lastSeq: number;
  peerReadSeq: number;
  peerDeliveredSeq: number;
  /** Every change up to this one is in the kept messages. `null` if that is not known. */
  rev: number | null;
  /** When it was used last, for throwing away the least used. */
  usedAt: number;
}

export interface CachedDraft {
  peerId: string;
  text: string;
  updatedAt: number;
}

export interface Snapshot {
  conversations: CachedConversation[];
  messages: ChatMessage[];
  users: ChatUser[];
  outbox: OutboxItem[];
  drafts: CachedDraft[];
  epoch: string | null;
}

/** Changes that belong together: all of them are kept, or none. */
export interface Batch {
  conversations: CachedConversation[];
  messages: ChatMessage[];
  /** `[peerId, key]` of rows to forget. */
  dropped: [string, string][];
  /** Conversations of which everything kept so far is void. */
  cleared: string[];
  users: ChatUser[];
  epoch: string | null;
}

export interface ChatCache {
  load(): Promise<Snapshot>;
  save(batch: Batch): Promise<void>;
  putOutbox(item: OutboxItem): Promise<void>;
  removeOutbox(clientId: string): Promise<void>;
  outbox(): Promise<OutboxItem[]>;
  putDraft(draft: CachedDraft): Promise<void>;
  wipe(): Promise<void>;
  close(): void;
}

/** As much of a conversation as is kept. */
export const MESSAGES_PER_CONVERSATION = 200;

export const nothing = (): Snapshot => ({
  conversations: [],
  messages: [],
  users: [],
  outbox: [],
  drafts: [],
  epoch: null,
});

export function memoryCache(): ChatCache {
  const done = async () => {};
  return {
    load: async () => nothing(),
    save: done,
    putOutbox: done,
    removeOutbox: done,
    outbox: async () => [],
    putDraft: done,
    wipe: done,
    close() {},
  };
}
