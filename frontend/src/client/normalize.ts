/** From the wire to the domain: tolerant of servers of other ages, silent about what makes no sense. */

import { idOf } from './ids';
import type {
  ChatMessage,
  ChatNotification,
  ChatUser,
  QuotedMessage,
  Reaction,
  UserLike,
  WireMessage,
  WireNotification,
} from './types';

export function toUser(wire: UserLike): ChatUser {
  const id = String(wire.id);
  const username = wire.username ?? '';
  const names = [wire.first_name, wire.last_name].filter(Boolean).join(' ');
  return {
    id,
    username,
    name: wire.full_name || wire.display_name || wire.name || names || username,
    avatar: wire.avatar || wire.profile_picture || null,
  };
}

/** What is known of a user after another report, which may know less. Returns `known` itself if nothing is new. */
export function mergeUser(known: ChatUser | undefined, seen: UserLike): ChatUser {
  const next = toUser(seen);
  if (!known) return next;
  const says = 'avatar' in seen || 'profile_picture' in seen;
  const merged = {
    id: known.id,
    username: next.username || known.username,
    // A report that has only the user name must not hide the full name known before.
    name: next.name && next.name !== next.username ? next.name : known.name || next.name,
    avatar: says ? next.avatar : known.avatar,
  };
  return merged.username === known.username && merged.name === known.name && merged.avatar === known.avatar
    ? known
    : merged;
}

export function toReactions(wire: WireMessage['reactions']): Reaction[] {
  if (!Array.isArray(wire)) return [];
  return wire.map((one) => ({
    userId: String(one.user.id),
    username: one.user.full_name || one.user.username || '',
    reaction: one.reaction ?? one.reaction_type ?? '',
  }));
}

function toQuote(wire: WireMessage['reply_to']): QuotedMessage | null {
  if (!wire) return null;
  return {
    id: String(wire.id),
    text: wire.text ?? wire.content ?? '',
    senderId: String(wire.sender?.id ?? ''),
    senderName: wire.sender?.full_name || wire.sender?.username || '',
  };
}

/** `peerId` is needed only where the message does not say who the other person is. */
export function toMessage(wire: WireMessage, meId: string, peerId?: string | null): ChatMessage | null {
  const id = idOf(wire.id);
  const senderId = idOf(wire.sender?.id);
  if (!id || !senderId) return null;
  const own = senderId === meId;
  const peer = own ? (idOf(wire.recipient?.id) ?? peerId) : senderId;
  if (!peer) return null;
  // Only the own client_id names a message: that of another sender may be anything, also one of ours.
  const clientId = own ? (wire.client_id ?? null) : null;
  const deleted = wire.is_deleted === true;
  return {
    key: clientId ?? id,
    id,
    clientId,
    conversationId: idOf(wire.conversation_id ?? wire.conversation),
    peerId: peer,
    senderId,
    own,
    text: deleted ? '' : (wire.text ?? wire.content ?? ''),
    createdAt: wire.created_at ?? wire.timestamp ?? '',
    seq: wire.seq ?? null,
    rev: wire.rev ?? 0,
    status: own && wire.is_read ? 'read' : own && wire.is_delivered ? 'delivered' : 'sent',
    error: null,
    editedAt: wire.edited_at ?? null,
    deleted,
    replyTo: toQuote(wire.reply_to),
    reactions: deleted ? [] : toReactions(wire.reactions),
  };
}

export function toNotification(wire: WireNotification): ChatNotification {
  return {
    id: String(wire.id),
    verb: wire.verb ?? '',
    title: wire.title ?? wire.message ?? '',
    actor: wire.actor ? toUser(wire.actor) : null,
    payload: wire.payload ?? {},
    isRead: wire.is_read === true,
    createdAt: wire.created_at ?? '',
  };
}
