/** What the user has read: noted at once, told to the server until it confirms it. */

import type { Context } from './context';
import type { Conversations } from './conversations';
import type { ChatMessage } from './types';

export interface Reading {
  /** Everything, or everything up to a row. */
  mark(peerId: string, row: ChatMessage | undefined): void;
  /** The connection is up. */
  connected(): void;
  /** The server has noted what he has read, up to a number. */
  confirmed(peerId: string, seq: number): void;
  /** Something was refused for a while. Returns whether it may have been a mark; then it is told again. */
  later(seconds: number): boolean;
  /** The server does not know marks of reading. */
  unsupported(): void;
  reset(): void;
}

interface Mark {
  messageId: string | null;
  seq: number;
}

export function createReading(context: Context, conversations: Conversations): Reading {
  let supported = true;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** What the server has not confirmed. */
  const untold = new Map<string, Mark>();

  const tell = (peerId: string, mark: Mark) => {
    const { conversationId } = conversations.core(peerId).conversation;
    if (!supported) return;
    untold.set(peerId, mark);
    context.send({
      type: 'mark_read',
      ...(mark.messageId && { message_id: mark.messageId }),
      ...(conversationId && { conversation_id: conversationId }),
    });
  };
  const tellAll = () => {
    clearTimeout(timer);
    timer = undefined;
    for (const [peerId, mark] of untold) tell(peerId, mark);
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
      const newest = last ?? (lastMessage?.own === false ? lastMessage : null);
      tell(peerId, { messageId: newest?.id ?? null, seq: newest?.seq ?? 0 });
    },
    connected() {
      supported = true;
      tellAll();
    },
    confirmed(peerId, seq) {
      if (seq >= (untold.get(peerId)?.seq ?? 0)) untold.delete(peerId);
    },
    later(seconds) {
      if (untold.size === 0) return false;
      timer ??= setTimeout(tellAll, seconds * 1000);
      return true;
    },
    unsupported() {
      supported = false;
      untold.clear();
    },
    reset() {
      clearTimeout(timer);
      timer = undefined;
      untold.clear();
    },
  };
}
