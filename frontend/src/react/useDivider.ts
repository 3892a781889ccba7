/** Where the line "New messages" stands: fixed when the conversation is opened, until it is left. */

import { useRef } from 'react';
import type { Conversation, Thread } from '../client';

/** The key of the first message that was unread on opening, or `null`. */
export function useDivider(
  peerId: string,
  thread: Thread,
  conversation: Conversation | undefined,
): string | null {
  // Decided while rendering, because opening a conversation marks it as read right afterwards.
  const decided = useRef<{ peerId: string; unread: number; readSeq: number; key?: string | null }>(undefined);
  if (decided.current?.peerId !== peerId) decided.current = undefined;
  if (!decided.current && conversation) {
    decided.current = { peerId, unread: conversation.unread, readSeq: conversation.readSeq };
  }
  const state = decided.current;
  if (!state || state.key !== undefined) return state?.key ?? null;
  if (thread.source !== 'ready') return null;
  state.key = state.unread > 0 ? firstUnread(thread, state.unread, state.readSeq) : null;
  return state.key;
}

function firstUnread({ messages }: Thread, unread: number, readSeq: number): string | null {
  const numbered = messages.find((message) => !message.own && message.seq !== null && message.seq > readSeq);
  if (numbered) return numbered.key;
  if (messages.some((message) => message.seq !== null)) return null;
  // Servers that do not number messages: count from the end.
  const incoming = messages.filter((message) => !message.own);
  return incoming.at(-unread)?.key ?? null;
}
