/** What each event of the chat connection means. Unknown events and fields are ignored. */

import type { Context } from './context';
import type { Conversations } from './conversations';
import { idOf } from './ids';
import { toReactions } from './normalize';
import type { Outbox } from './outbox';
import type { Positions } from './positions';
import type { Reading } from './reading';
import type { Sync } from './sync';
import type { ChatMessage, Id, WireFrame, WireMessage, WireUser } from './types';
import type { Typing } from './typing';
import type { Events, Heard } from './wire';

export interface Parts {
  conversations: Conversations;
  positions: Positions;
  outbox: Outbox;
  sync: Sync;
  typing: Typing;
  reading: Reading;
  /** The server showed that it numbers messages, hence recognises repeats. */
  numbered(): void;
  presence(userId: string, online: boolean, lastActive: string | null): void;
  /** The list of conversations is another one. */
  listChanged(): void;
}

const text = (value: unknown) => (typeof value === 'string' ? value : '');
const seqOf = (value: unknown) => (typeof value === 'number' ? value : 0);

export function createFrames(context: Context, parts: Parts): (frame: WireFrame) => void {
  const { conversations, positions, outbox, reading, sync, typing } = parts;

  const peerOf = (frame: WireFrame, other?: unknown) =>
    conversations.peerOf(frame.conversation_id as Id) ?? idOf(other as Id);

  const track = (peerId: string, frame: WireFrame) => {
    if (typeof frame.rev === 'number') parts.numbered();
    if (positions.track(peerId, frame.prev_rev, frame.rev)) sync.gap();
  };

  const received = (frame: Heard<'new_message'>) => {
    const row = conversations.read(frame.message as WireMessage);
    if (!row) return;
    if (row.seq !== null) parts.numbered();
    const core = conversations.core(row.peerId);
    const isNews = typeof frame.rev === 'number' && core.rev !== null ? frame.rev > core.rev : true;
    const wasKnown = conversations.find(row.peerId, row.key) !== undefined;
    conversations.apply(row.peerId, [row], 'live');
    track(row.peerId, frame);
    if (row.own) return;
    typing.heard(row.peerId, false);
    const sender = context.state.get().users[row.senderId];
    if (isNews && !wasKnown && sender) context.emit('message', { message: row, sender });
  };

  const deleted = (frame: Heard<'message_deleted'>) => {
    const id = idOf(frame.message_id as Id);
    const peerId = peerOf(frame);
    if (!id || !peerId) return;
    if (frame.rev === null) conversations.remove(peerId, id, true);
    else {
      const rev = seqOf(frame.rev);
      conversations.patch(peerId, id, (row) => ({
        deleted: true,
        text: '',
        reactions: [],
        rev: Math.max(row.rev, rev),
      }));
      track(peerId, frame);
    }
  };

  const reacted = (frame: Heard<'reaction_update'>) => {
    const id = idOf(frame.message_id as Id);
    const peerId = peerOf(frame);
    if (!id || !peerId || !Array.isArray(frame.reactions)) return;
    const rev = seqOf(frame.rev);
    const reactions = toReactions(frame.reactions);
    conversations.patch(peerId, id, (row) =>
      rev && rev < row.rev ? {} : { reactions, rev: Math.max(row.rev, rev) },
    );
    track(peerId, frame);
  };

  const receipt = (
    frame: Heard<'message_delivered'> & Heard<'message_read'>,
    status: 'delivered' | 'read',
  ) => {
    const ids = Array.isArray(frame.message_ids) ? frame.message_ids.map(String) : [String(frame.message_id)];
    const peerId = peerOf(frame, frame.read_by_id ?? frame.delivered_to_id);
    if (!peerId) return;
    let seq = seqOf(frame.read_seq);
    for (const id of ids) {
      const row = conversations.find(peerId, id);
      if (row?.seq) seq = Math.max(seq, row.seq);
      else conversations.patch(peerId, id, (old) => (old.own && old.status !== 'read' ? { status } : {}));
    }
    if (seq) positions.receipts(peerId, status === 'read' ? seq : 0, seq);
  };

  const failed = (frame: Heard<'error'>) => {
    const code = text(frame.code);
    const message = text(frame.message);
    const unknown = /^unknown message type:? *'?(\w+)?/i.exec(message);
    if (unknown || code === 'unknown_type') {
      const what = unknown?.[1] ?? '';
      if (what === 'resume' || (sync.isWaiting() && !/typing|mark|ping/.test(what))) sync.unsupported();
      else if (what.startsWith('typing')) typing.unsupported();
      else if (what === 'mark_read') reading.unsupported();
      return;
    }
    if (outbox.refused(frame)) return;
    const field = text(frame.field);
    if (sync.isWaiting() && (field === 'cursors' || field === 'epoch')) return sync.unsupported();
    const seconds = Number(frame.retry_after) || 0;
    // It is not said what was refused. A mark that is not confirmed may be, and telling it again costs nothing.
    const isMark = seconds > 0 && reading.later(seconds);
    if (sync.isWaiting() && seconds) return sync.later(seconds);
    if (isMark) return;
    // Answers to marks and typing concern nobody who reads the screen.
    if (field !== 'message_id') context.emit('error', { code: code || 'unknown', message });
  };

  const handlers: { [Type in keyof Events]?: (frame: Heard<Type>) => void } = {
    new_message: received,
    message_updated(frame) {
      const row: ChatMessage | null = conversations.read(frame.message as WireMessage);
      if (!row) return;
      conversations.apply(row.peerId, [row], 'live');
      track(row.peerId, frame);
    },
    message_sent(frame) {
      const row = outbox.acknowledged(frame);
      if (!row) return;
      if (row.seq !== null) parts.numbered();
      // A repeat is answered with the number the message has now, which says nothing about what came between.
      if (frame.duplicate !== true) track(row.peerId, frame);
      const message = conversations.find(row.peerId, row.key) ?? row;
      context.emit('sent', { message });
    },
    message_deleted: deleted,
    /** A number was taken by something that does not concern the user. */
    conversation_rev(frame) {
      const peerId = peerOf(frame);
      if (peerId) track(peerId, frame);
    },
    conversation_hidden(frame) {
      const peerId = peerOf(frame);
      if (peerId) conversations.hide(peerId);
    },
    conversation_shown: () => parts.listChanged(),
    reaction_update: reacted,
    message_delivered: (frame) => receipt(frame, 'delivered'),
    message_read: (frame) => receipt(frame, 'read'),
    mark_read_success(frame) {
      const peerId = peerOf(frame);
      if (!peerId) return;
      let seq = seqOf(frame.read_seq);
      const id = idOf(frame.message_id as Id);
      const row = id ? conversations.find(peerId, id) : undefined;
      if (row?.seq) seq = Math.max(seq, row.seq);
      if (seq) conversations.ownRead(peerId, seq);
      reading.confirmed(peerId, seq);
    },
    user_status(frame) {
      const id = idOf(frame.user_id as Id);
      if (id) parts.presence(id, frame.is_online === true, text(frame.last_active) || null);
    },
    user_typing(frame) {
      const user = frame.user as WireUser | undefined;
      const peerId = idOf(user?.id) ?? peerOf(frame);
      if (peerId && peerId !== context.meId) typing.heard(peerId, frame.is_typing === true);
    },
    sync: (frame) => sync.onSync(frame),
    resumed: (frame) => sync.onResumed(frame),
    error: failed,
  };

  return (frame) => {
    try {
      (handlers as Record<string, (frame: WireFrame) => void>)[frame.type]?.(frame);
    } catch (error) {
      context.logger.warn('an event could not be applied', { type: frame.type, error: String(error) });
    }
  };
}
