/** What the user has read: noted at once, told to the server when it can be told. */

import type { Context } from './context';
import type { Conversations } from './conversations';
import type { ChatMessage } from './types';

export interface Reading {
  /** Everything, or everything up to a row. */
  mark(peerId: string, row: ChatMessage | undefined): void;
  /** The connection is up. */
  connected(): void;
  /** The server does not know marks of reading. */
  unsupported(): void;
  reset(): void;
}

export function createReading(context: Context, conversations: Conversations): Reading {
  let supported = true;
  const untold = new Map<string, string | null>();

  const tell = (peerId: string, messageId: string | null) => {
    const { conversationId } = conversations.core(peerId).conversation;
    if (!supported) return;
    const isSent = context.send({
      type: 'mark_read',
      ...(messageId && { message_id: messageId }),
      ...(conversationId && { conversation_id: conversationId }),
    });
    if (isSent) untold.delete(peerId);
    else untold.set(peerId, messageId);
  };

  return {
    mark(peerId, row) {
      const { unread, readSeq, lastSeq, lastMessage } = conversations.core(peerId).conversation;
      const seq = row ? (row.seq ?? 0) : Math.max(lastSeq, lastMessage?.seq ?? 0);
      if (unread === 0 && (seq <= readSeq || seq === 0)) return;
      conversations.ownRead(peerId, seq, row ? undefined : 0);
      context.state.flush();
      if (seq) context.tabs?.tell({ type: 'read', peerId, readSeq: seq });
      const last =
        row ?? [...conversations.thread(peerId).messages].reverse().find((one) => !one.own && one.id);
      tell(peerId, last?.id ?? (lastMessage?.own === false ? lastMessage.id : null));
    },
    connected() {
      supported = true;
      for (const [peerId, messageId] of untold) tell(peerId, messageId);
    },
    unsupported() {
      supported = false;
    },
    reset: () => untold.clear(),
  };
}
