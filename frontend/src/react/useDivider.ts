/** Where the line "New messages" stands: fixed when the conversation is opened, be it empty, until it is left. */

import { useRef } from 'react';
import type { Conversation, Thread } from '../client';
import { useChatState } from './hooks';

/** The key of the first message that was unread on opening, `null` if there is none, `undefined` until it is known. */
export function useDivider(
  peerId: string,
  thread: Thread,
  conversation: Conversation | undefined,
): string | null | undefined {
  // Decided while rendering, because opening a conversation marks it as read right afterwards.
  const isLoaded = useChatState((state) => state.conversationsLoaded);
  const decided = useRef<{ peerId: string; key: string | null }>(undefined);
  if (decided.current?.peerId !== peerId) decided.current = undefined;
  // The list of conversations knows how much was unread; the messages may well be here before it.
  if (!decided.current && isLoaded && thread.source === 'ready') {
    const { unread = 0, readSeq = 0 } = conversation ?? {};
    decided.current = { peerId, key: unread > 0 ? firstUnread(thread, unread, readSeq) : null };
  }
  return decided.current?.key;
}

function firstUnread({ messages }: Thread, unread: number, readSeq: number): string | null {
  const numbered = messages.find((message) => !message.own && message.seq !== null && message.seq > readSeq);
  if (numbered) return numbered.key;
  if (messages.some((message) => message.seq !== null)) return null;
  // Servers that do not number messages: count from the end.
  const incoming = messages.filter((message) => !message.own);
  return incoming.at(-unread)?.key ?? null;
}
