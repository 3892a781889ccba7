/** How far everything is: changes applied, messages read and delivered, unread counts, the list of conversations. */

import type { Context } from './context';
import { type Conversations, type Core, later, withReceipts } from './conversations';
import { idOf } from './ids';
import { mergeRows } from './merge';
import type { ChatMessage, WireConversation } from './types';

export interface Positions {
  /** Notes change `rev`, which follows `prev`. Returns whether something before it is missing. */
  track(peerId: string, prev: unknown, rev: unknown): boolean;
  /** Every change up to `rev` is here. */
  reached(peerId: string, rev: number): void;
  /** Applies the positions that came early, as far as they follow. */
  absorb(one: Core): void;
  hasGap(): boolean;
  receipts(peerId: string, readSeq: number, deliveredSeq: number): void;
  /** The server's count of unread messages when `lastSeq` was the newest. */
  counted(peerId: string, unread: number, lastSeq: number): void;
  list(wire: readonly WireConversation[], touched: ReadonlySet<string>): void;
}

export function createPositions(context: Context, conversations: Conversations): Positions {
  const { state } = context;
  const { core, thread, setThread, set, setRows, keep, find, read, learn, remember } = conversations;

  /** The server counted `unread` when `lastSeq` was the newest message: what that means now. */
  const count = (one: Core, unread: number, lastSeq: number, readSeq: number): number => {
    // An answer that a newer one has overtaken.
    if (lastSeq < one.listSeq) return one.conversation.unread;
    one.listSeq = lastSeq;
    const isLater = (row: ChatMessage) =>
      !row.own && !row.deleted && (row.seq ?? 0) > Math.max(lastSeq, readSeq);
    return (readSeq >= lastSeq ? 0 : unread) + thread(one.peerId).messages.filter(isLater).length;
  };

  const absorb = (one: Core) => {
    for (const [prev, rev] of [...one.early].sort(([a], [b]) => a - b)) {
      if (prev > (one.rev ?? -1)) break;
      one.early.delete(prev);
      one.rev = Math.max(rev, one.rev ?? 0);
    }
    keep(one);
  };
  const reached: Positions['reached'] = (peerId, rev) => {
    const one = core(peerId);
    if (one.rev === null || rev > one.rev) one.rev = rev;
    absorb(one);
  };

  return {
    absorb,
    reached,
    track(peerId, prev, rev) {
      if (typeof rev !== 'number' || typeof prev !== 'number') return false;
      const one = core(peerId);
      // Of a conversation of which nothing is shown, nothing can be missing.
      if (
        one.rev === null &&
        (prev === 0 || !thread(peerId).messages.some((row) => row.seq !== null && row.rev < rev))
      ) {
        one.rev = rev;
      } else if (one.rev !== null && prev <= one.rev) one.rev = Math.max(rev, one.rev);
      else {
        one.early.set(prev, rev);
        return true;
      }
      absorb(one);
      return false;
    },
    hasGap: () => [...conversations.all()].some((one) => one.early.size > 0),
    receipts(peerId, readSeq, deliveredSeq) {
      const before = thread(peerId);
      const peerReadSeq = Math.max(before.peerReadSeq, readSeq);
      const peerDeliveredSeq = Math.max(before.peerDeliveredSeq, deliveredSeq, peerReadSeq);
      if (peerReadSeq === before.peerReadSeq && peerDeliveredSeq === before.peerDeliveredSeq) return;
      setThread(peerId, { peerReadSeq, peerDeliveredSeq });
      const after = thread(peerId);
      const news: ChatMessage[] = [];
      for (let i = after.messages.length - 1; i >= 0; i -= 1) {
        const row = after.messages[i] as ChatMessage;
        // What came before a read message has been read as well.
        if (row.own && row.status === 'read') break;
        const next = withReceipts(row, after);
        if (next !== row) news.push(next);
      }
      if (news.length) setRows(core(peerId), mergeRows(after.messages, news));
    },
    counted(peerId, unread, lastSeq) {
      const one = core(peerId);
      const { readSeq } = one.conversation;
      const left = count(one, unread, lastSeq, readSeq);
      if (left !== one.conversation.unread || lastSeq > one.conversation.lastSeq) {
        set(one, { unread: left, lastSeq: Math.max(lastSeq, one.conversation.lastSeq) });
      }
    },
    list(wire, touched) {
      const present = new Set<string>();
      for (const item of wire) {
        const people = item.participants?.find((user) => String(user.id) !== context.meId);
        const partner = item.other_participant ?? item.partner ?? item.participant ?? people;
        const peerId = idOf(partner?.id);
        if (!peerId || !partner) continue;
        present.add(peerId);
        remember([partner, ...(item.participants ?? [])]);
        learn(peerId, idOf(item.conversation_id ?? item.id));
        const one = core(peerId);
        const now = one.conversation;
        const hasWindow = thread(peerId).messages.some((row) => row.id !== null);
        // What a cached window has missed is found out by resuming, so its own position stays.
        if (one.rev === null && !hasWindow && typeof item.rev === 'number') one.rev = item.rev;
        const latest = item.latest_message ? read(item.latest_message, peerId) : null;
        const lastSeq = Math.max(now.lastSeq, item.last_seq ?? latest?.seq ?? 0);
        const readSeq = Math.max(now.readSeq, item.read_seq ?? 0);
        let unread = item.unread_count ?? 0;
        if (item.last_seq !== undefined) unread = count(one, unread, item.last_seq, readSeq);
        else if (touched.has(peerId)) unread = Math.max(unread, now.unread);
        const kept = now.lastMessage;
        const latestWins = latest && (!kept || (kept.id !== null && (kept.seq ?? 0) <= (latest.seq ?? 0)));
        const window = latest ? find(peerId, latest.id ?? '') : undefined;
        one.listed = true;
        const activity = item.last_activity ?? item.updated_at ?? item.created_at ?? '';
        set(one, {
          lastMessage: latestWins ? (window ?? latest) : kept,
          lastActivity: later(activity, now.lastActivity),
          lastSeq,
          readSeq,
          unread,
        });
      }
      for (const one of conversations.all()) {
        const isPending = one.conversation.lastMessage?.id === null;
        if (one.listed && !present.has(one.peerId) && !touched.has(one.peerId) && !isPending) {
          one.listed = false;
          set(one, {});
        }
      }
      state.set({ conversationsLoaded: true });
    },
  };
}
