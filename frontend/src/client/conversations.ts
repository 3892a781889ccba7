/**
 * The conversations and their windows of messages: what each report means for the list, the unread counts,
 * the receipts, and for the question whether anything was missed.
 */

import type { Context } from './context';
import { idOf } from './ids';
import { compareRows, mergeRows } from './merge';
import { mergeUser, toMessage } from './normalize';
import type { CachedConversation, Snapshot } from './remember';
import type { ChatMessage, Conversation, Id, Thread, UserLike, WireConversation, WireMessage } from './types';

export const EMPTY_THREAD: Thread = {
  messages: [],
  hasOlder: true,
  source: 'none',
  loading: null,
  loadError: null,
  peerReadSeq: 0,
  peerDeliveredSeq: 0,
};

/** What is known of a conversation beside what interfaces see. */
export interface Core {
  readonly peerId: string;
  conversation: Conversation;
  /** Whether the list shows it. */
  listed: boolean;
  /** Every change up to this one has been applied; `null` while that is not known. */
  rev: number | null;
  /** Changes that came before those they follow: previous number → number. */
  early: Map<number, number>;
  /** The window is complete from this message on; `null` without a window. */
  fromSeq: number | null;
  /** The newest message that the unread count of the list spoke of. */
  listSeq: number;
  /** The window may lack changes: to be loaded again before it is trusted. */
  stale: boolean;
  /** Messages the user deleted for himself, so that a late answer does not bring them back. */
  hidden: Set<string>;
  /** How many look at it. */
  opened: number;
  /** While pages are being fetched: what happened meanwhile, to be applied once more on top of them. */
  loads: number;
  replay: (() => void)[];
  /** Raised when the window is thrown away. */
  generation: number;
  usedAt: number;
  changed: boolean;
  cleared: boolean;
  kept: Map<string, ChatMessage>;
}

export type Origin = 'live' | 'sync' | 'page' | 'local';

export interface Page {
  messages: WireMessage[];
  hasOlder: boolean;
  conversationId: string | null;
}

export interface Conversations {
  core(peerId: string): Core;
  all(): Iterable<Core>;
  thread(peerId: string): Thread;
  setThread(peerId: string, patch: Partial<Thread>): void;
  peerOf(conversationId: Id | null | undefined): string | null;
  learn(peerId: string, conversationId: string | null): void;
  remember(users: readonly (UserLike | null | undefined)[]): void;
  /** A stored message from the wire, with its people remembered. */
  read(wire: WireMessage, peerId?: string | null): ChatMessage | null;
  /** By key or id. */
  find(peerId: string, reference: string): ChatMessage | undefined;
  /** Adds or updates rows. Returns those that were not known before. */
  apply(peerId: string, rows: readonly ChatMessage[], origin: Origin, fromRev?: number): ChatMessage[];
  /** Changes a row that is there. */
  patch(peerId: string, id: string, change: (row: ChatMessage) => Partial<ChatMessage>): void;
  /** Takes a row out without a trace; `forGood` also keeps it out. */
  remove(peerId: string, reference: string, forGood: boolean): void;
  newestPage(peerId: string, page: Page): void;
  olderPage(peerId: string, page: Page): void;
  /** Throws the window away, pending messages excepted. */
  clear(peerId: string, rev: number | null): void;
  /** Notes change `rev`, which follows `prev`. Returns whether something before it is missing. */
  track(peerId: string, prev: unknown, rev: unknown): boolean;
  /** Every change up to `rev` is here. */
  reached(peerId: string, rev: number): void;
  hasGap(): boolean;
  receipts(peerId: string, readSeq: number, deliveredSeq: number): void;
  ownRead(peerId: string, readSeq: number, unread?: number): void;
  /** The server's count of unread messages when `lastSeq` was the newest. */
  counted(peerId: string, unread: number, lastSeq: number): void;
  list(wire: readonly WireConversation[], touched: ReadonlySet<string>): void;
  restore(snapshot: Snapshot): void;
  cached(core: Core): CachedConversation;
  touch(peerId: string): void;
  /** Takes the conversation out of the list until something new happens in it. */
  hide(peerId: string): void;
  reset(): void;
}

const max = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.max(a, b));
/** ISO times compare as texts. */
const later = (a: string, b: string) => {
  if (a > b) return a;
  return b;
};
const lowest = (rows: readonly ChatMessage[]) =>
  rows.reduce<number | null>(
    (low, { seq }) => (seq === null ? low : low === null ? seq : Math.min(low, seq)),
    null,
  );

export function createConversations(
  context: Context,
  hooks: {
    /** An own message turned out to be stored. */
    stored(row: ChatMessage): void;
    /** Something worth keeping changed. */
    changed(): void;
    touched(peerId: string): void;
    /** The newest page is in the window. */
    paged(peerId: string): void;
  },
): Conversations {
  const { state } = context;
  const cores = new Map<string, Core>();
  const peers = new Map<string, string>();
  let listChanged = false;

  const core = (peerId: string): Core => {
    let found = cores.get(peerId);
    if (!found) {
      found = {
        peerId,
        conversation: {
          peerId,
          conversationId: null,
          lastMessage: null,
          lastActivity: '',
          unread: 0,
          readSeq: 0,
          lastSeq: 0,
        },
        listed: false,
        rev: null,
        early: new Map(),
        fromSeq: null,
        listSeq: 0,
        stale: false,
        hidden: new Set(),
        opened: 0,
        loads: 0,
        replay: [],
        generation: 0,
        usedAt: 0,
        changed: false,
        cleared: false,
        kept: new Map(),
      };
      cores.set(peerId, found);
    }
    return found;
  };
  const thread = (peerId: string) => state.get().threads[peerId] ?? EMPTY_THREAD;
  const setThread: Conversations['setThread'] = (peerId, patch) => {
    const { threads } = state.get();
    state.set({ threads: { ...threads, [peerId]: { ...thread(peerId), ...patch } } });
  };
  const keep = (one: Core) => {
    one.changed = true;
    hooks.changed();
  };
  const setConversation = (one: Core, patch: Partial<Conversation>) => {
    one.conversation = { ...one.conversation, ...patch };
    listChanged = true;
    keep(one);
    state.set({});
  };

  state.derive(() => {
    if (!listChanged) return;
    listChanged = false;
    const conversations = [...cores.values()].filter((one) => one.listed).map((one) => one.conversation);
    conversations.sort((a, b) =>
      a.lastActivity < b.lastActivity ? 1 : a.lastActivity > b.lastActivity ? -1 : 0,
    );
    const byUser: Record<string, number> = {};
    let total = 0;
    for (const { conversation } of cores.values()) {
      if (!conversation.unread) continue;
      byUser[conversation.peerId] = conversation.unread;
      total += conversation.unread;
    }
    state.set({ conversations, unread: { total, byUser } });
  });

  const learn: Conversations['learn'] = (peerId, conversationId) => {
    if (!conversationId || peers.get(conversationId) === peerId) return;
    peers.set(conversationId, peerId);
    setConversation(core(peerId), { conversationId });
  };

  const remember: Conversations['remember'] = (seen) => {
    const { users, presence } = state.get();
    let next = users;
    let online = presence;
    for (const user of seen) {
      const id = idOf(user?.id);
      if (!user || !id) continue;
      const merged = mergeUser(next[id], user);
      if (merged !== next[id]) next = { ...next, [id]: merged };
      const isOnline = (user as { is_online?: unknown }).is_online;
      if (typeof isOnline === 'boolean' && id !== context.meId && !online[id]) {
        const lastActive = (user as { last_active?: string | null }).last_active ?? null;
        online = { ...online, [id]: { online: isOnline, lastActive } };
      }
    }
    if (next !== users) state.set({ users: next });
    if (online !== presence) state.set({ presence: online });
  };

  const read: Conversations['read'] = (wire, peerId) => {
    if (!wire || typeof wire !== 'object') return null;
    const conversationId = idOf(wire.conversation_id ?? wire.conversation);
    const row = toMessage(wire, context.meId, peerId ?? peers.get(conversationId ?? ''));
    if (!row) return null;
    remember([wire.sender, wire.recipient]);
    learn(row.peerId, row.conversationId);
    return row;
  };

  const find: Conversations['find'] = (peerId, reference) => {
    const { messages } = thread(peerId);
    for (let i = messages.length - 1; i >= 0; i -= 1) {
      const row = messages[i] as ChatMessage;
      if (row.key === reference || row.id === reference) return row;
    }
    return undefined;
  };

  /** What receipts say about a row that came without them. */
  const withReceipts = (row: ChatMessage, { peerReadSeq, peerDeliveredSeq }: Thread): ChatMessage => {
    if (!row.own || row.seq === null || row.status === 'read') return row;
    if (row.seq <= peerReadSeq) return { ...row, status: 'read' };
    return row.status === 'sent' && row.seq <= peerDeliveredSeq ? { ...row, status: 'delivered' } : row;
  };

  /** Gives the window new rows and draws the conclusions. */
  const setRows = (one: Core, messages: readonly ChatMessage[], patch: Partial<Thread> = {}) => {
    setThread(one.peerId, { ...patch, messages });
    let last: ChatMessage | null = null;
    for (let i = messages.length - 1; i >= 0 && !last; i -= 1) {
      const row = messages[i] as ChatMessage;
      if (!row.deleted) last = row;
    }
    const known = one.conversation.lastMessage;
    const shown = known && find(one.peerId, known.key);
    const isGone = known && (one.hidden.has(known.id ?? '') || (shown ? shown.deleted : known.id === null));
    if (
      last &&
      last !== known &&
      (!known || isGone || known.key === last.key || compareRows(known, last) <= 0)
    ) {
      const { lastActivity } = one.conversation;
      one.listed = true;
      setConversation(one, {
        lastMessage: last,
        lastActivity: later(last.createdAt, lastActivity),
      });
    } else if (!last && isGone) setConversation(one, { lastMessage: null });
    else keep(one);
  };

  /** Whether a row belongs into the window as it is now. */
  const admits = (one: Core, row: ChatMessage, origin: Origin, fromRev?: number): boolean => {
    if (one.hidden.has(row.id ?? '')) return false;
    if (row.seq === null) return true;
    if (one.fromSeq !== null) return row.seq >= one.fromSeq;
    // No window yet. It may begin with what is new, because that has no hole behind it.
    const whole = origin === 'sync' && fromRev === 0;
    if (!whole && row.seq <= one.conversation.lastSeq) return false;
    one.fromSeq = whole ? 1 : row.seq;
    return true;
  };

  const apply: Conversations['apply'] = (peerId, rows, origin, fromRev) => {
    const one = core(peerId);
    const before = thread(peerId);
    const seen: ChatMessage[] = [];
    const fresh: ChatMessage[] = [];
    let { unread, lastSeq } = one.conversation;
    for (const raw of origin === 'sync' ? [...rows].sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0)) : rows) {
      const known = find(peerId, raw.key) ?? (raw.id ? find(peerId, raw.id) : undefined);
      const isNew = !known && !raw.deleted && !one.hidden.has(raw.id ?? '');
      // A row that is there is brought up to date wherever it stands.
      if (known || (!raw.deleted && admits(one, raw, origin, fromRev))) seen.push(withReceipts(raw, before));
      else if (
        raw.id !== null &&
        one.conversation.lastMessage?.id === raw.id &&
        raw.rev >= one.conversation.lastMessage.rev
      ) {
        setConversation(one, {
          lastMessage: raw.deleted ? null : { ...raw, key: one.conversation.lastMessage.key },
        });
      }
      // Also a message that was overtaken by a later one is new, as long as no count has included it.
      const isLate = one.fromSeq !== null && (raw.seq ?? 0) >= one.fromSeq && (raw.seq ?? 0) > one.listSeq;
      const isNewest = raw.seq === null ? origin === 'live' : raw.seq > lastSeq || isLate;
      if (raw.id !== null && raw.seq !== null && raw.seq > lastSeq) lastSeq = raw.seq;
      if (isNew && raw.id !== null && isNewest) {
        fresh.push(raw);
        const isCounted = origin !== 'page' || (one.listSeq > 0 && (raw.seq ?? 0) > one.listSeq);
        if (isCounted && !raw.own && (raw.seq === null || raw.seq > one.conversation.readSeq)) unread += 1;
      }
      if (raw.own && raw.id !== null && raw.clientId !== null) hooks.stored(raw);
    }
    if (unread !== one.conversation.unread || lastSeq !== one.conversation.lastSeq) {
      setConversation(one, { unread, lastSeq });
    }
    // `stored` may have changed the window, so it is read again.
    const { messages } = thread(peerId);
    const next = mergeRows(messages, seen);
    if (next !== messages) setRows(one, next);
    else if (fresh.length && one.fromSeq === null) {
      const newest = fresh[fresh.length - 1] as ChatMessage;
      one.listed = true;
      setConversation(one, { lastMessage: newest, lastActivity: newest.createdAt });
    }
    if (origin === 'live' || origin === 'sync') {
      hooks.touched(peerId);
      if (one.loads > 0) one.replay.push(() => apply(peerId, rows, origin, fromRev));
    }
    return fresh;
  };

  /** The server counted `unread` when `lastSeq` was the newest message: what that means now. */
  const count = (one: Core, unread: number, lastSeq: number, readSeq: number): number => {
    // An answer that a newer one has overtaken.
    if (lastSeq < one.listSeq) return one.conversation.unread;
    one.listSeq = lastSeq;
    const isLater = (row: ChatMessage) =>
      !row.own && !row.deleted && (row.seq ?? 0) > Math.max(lastSeq, readSeq);
    return (readSeq >= lastSeq ? 0 : unread) + thread(one.peerId).messages.filter(isLater).length;
  };

  const patch: Conversations['patch'] = (peerId, id, change) => {
    const one = core(peerId);
    if (one.loads > 0) one.replay.push(() => patchNow(one, id, change));
    patchNow(one, id, change);
  };
  const patchNow = (one: Core, id: string, change: (row: ChatMessage) => Partial<ChatMessage>) => {
    const row = find(one.peerId, id);
    const { lastMessage } = one.conversation;
    if (row) {
      const { messages } = thread(one.peerId);
      setRows(one, mergeRows(messages, [{ ...row, ...change(row) }]));
    } else if (lastMessage?.id === id) {
      const changed = { ...lastMessage, ...change(lastMessage) };
      setConversation(one, { lastMessage: changed.deleted ? null : changed });
    }
  };

  const remove: Conversations['remove'] = (peerId, reference, forGood) => {
    const one = core(peerId);
    const row = find(peerId, reference);
    const id = row?.id ?? reference;
    if (forGood) one.hidden.add(id);
    if (row)
      setRows(
        one,
        thread(peerId).messages.filter((other) => other !== row),
      );
    else if (one.conversation.lastMessage?.id === id) setConversation(one, { lastMessage: null });
    // A message that was never stored leaves no conversation behind.
    if (!one.conversation.conversationId && !thread(peerId).messages.length) {
      one.listed = false;
      setConversation(one, {});
    }
  };

  const absorb = (one: Core) => {
    for (let next = one.early.get(one.rev ?? -1); next !== undefined; next = one.early.get(one.rev ?? -1)) {
      one.early.delete(one.rev as number);
      one.rev = next;
    }
    for (const [prev, rev] of one.early) if (rev <= (one.rev ?? 0)) one.early.delete(prev);
    keep(one);
  };
  const reached: Conversations['reached'] = (peerId, rev) => {
    const one = core(peerId);
    if (one.rev === null || rev > one.rev) one.rev = rev;
    absorb(one);
  };

  const endLoad = (one: Core) => {
    if (one.loads > 0) return;
    const again = one.replay;
    one.replay = [];
    for (const step of again) step();
  };
  const rowsOf = (page: Page, peerId: string) => {
    learn(peerId, page.conversationId);
    return page.messages
      .map((wire) => read(wire, peerId))
      .filter((row): row is ChatMessage => row?.peerId === peerId);
  };

  return {
    core,
    all: () => cores.values(),
    thread,
    setThread,
    peerOf: (conversationId) => peers.get(idOf(conversationId) ?? '') ?? null,
    learn,
    remember,
    read,
    find,
    apply,
    patch,
    remove,
    newestPage(peerId, page) {
      const one = core(peerId);
      const rows = rowsOf(page, peerId);
      const low = lowest(rows);
      const { messages, hasOlder } = thread(peerId);
      const isNumbered = low !== null || rows.length === 0;
      const trusted = !one.stale && one.fromSeq !== null;
      const pending = messages.filter((row) => row.id === null);
      let kept: readonly ChatMessage[] = messages;
      if (isNumbered && !trusted) {
        // Older rows stay if the page reaches back to those that are complete; of its own stretch the page
        // is the whole truth. Rows that came after something was missed do not count: a hole lies before them.
        const { rev } = one;
        const isComplete = (row: ChatMessage) => rev !== null && row.id !== null && row.rev <= rev;
        const joins = low !== null && messages.some((row) => isComplete(row) && (row.seq ?? 0) >= low - 1);
        kept = joins
          ? messages.filter((row) => row.id === null || (row.seq !== null && row.seq < low))
          : pending;
        const oldest = lowest(kept);
        one.fromSeq = page.hasOlder ? (oldest ?? low) : 1;
        const known = rows.reduce((top, row) => Math.max(top, row.rev), 0) || null;
        // What the page shows is at least as new as its newest change.
        if (one.rev === null || one.stale) one.rev = max(one.rev, known);
        if (!joins) one.generation += 1;
      } else if (isNumbered && low !== null && one.fromSeq !== null) {
        one.fromSeq = Math.min(one.fromSeq, page.hasOlder ? low : 1);
      }
      one.stale = false;
      const stillOlder =
        one.fromSeq === null ? page.hasOlder : one.fromSeq > 1 && (page.hasOlder || hasOlder);
      setThread(peerId, { messages: kept, hasOlder: stillOlder, source: 'ready', loadError: null });
      apply(peerId, rows, 'page');
      setRows(one, thread(peerId).messages);
      absorb(one);
      endLoad(one);
      hooks.paged(peerId);
    },
    olderPage(peerId, page) {
      const one = core(peerId);
      const rows = rowsOf(page, peerId);
      const low = lowest(rows);
      if (!page.hasOlder) one.fromSeq = one.fromSeq === null && low === null ? null : 1;
      else if (low !== null) one.fromSeq = one.fromSeq === null ? low : Math.min(one.fromSeq, low);
      apply(peerId, rows, 'page');
      // A page that brings nothing new would be asked for again for ever.
      setThread(peerId, { hasOlder: page.hasOlder && rows.length > 0, loadError: null });
      endLoad(one);
    },
    clear(peerId, rev) {
      const one = core(peerId);
      one.generation += 1;
      one.fromSeq = null;
      one.rev = rev;
      one.stale = false;
      one.cleared = true;
      one.early.clear();
      one.replay = [];
      setRows(
        one,
        thread(peerId).messages.filter((row) => row.id === null),
        { hasOlder: true, source: 'none' },
      );
      absorb(one);
    },
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
    reached,
    hasGap: () => [...cores.values()].some((one) => one.early.size > 0),
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
    ownRead(peerId, readSeq, unread) {
      const one = core(peerId);
      // What is known already says nothing new, least of all of messages that are not loaded.
      if (unread === undefined && readSeq <= one.conversation.readSeq) return;
      const furthest = Math.max(one.conversation.readSeq, readSeq);
      const left =
        unread ??
        (furthest >= one.conversation.lastSeq
          ? 0
          : Math.min(
              one.conversation.unread,
              thread(peerId).messages.filter((row) => !row.own && !row.deleted && (row.seq ?? 0) > furthest)
                .length,
            ));
      if (furthest === one.conversation.readSeq && left === one.conversation.unread) return;
      setConversation(one, { readSeq: furthest, unread: left });
    },
    counted(peerId, unread, lastSeq) {
      const one = core(peerId);
      const { readSeq } = one.conversation;
      const left = count(one, unread, lastSeq, readSeq);
      if (left !== one.conversation.unread || lastSeq > one.conversation.lastSeq) {
        setConversation(one, { unread: left, lastSeq: Math.max(lastSeq, one.conversation.lastSeq) });
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
        setConversation(one, {
          lastMessage: latestWins ? (window ?? latest) : kept,
          lastActivity: later(activity, now.lastActivity),
          lastSeq,
          readSeq,
          unread,
        });
      }
      for (const one of cores.values()) {
        const isPending = one.conversation.lastMessage?.id === null;
        if (one.listed && !present.has(one.peerId) && !touched.has(one.peerId) && !isPending) {
          one.listed = false;
          setConversation(one, {});
        }
      }
      state.set({ conversationsLoaded: true });
    },
    restore(snapshot) {
      remember(snapshot.users.map((user) => ({ ...user })));
      const rows = new Map<string, ChatMessage[]>();
      for (const row of snapshot.messages) {
        const list = rows.get(row.peerId);
        if (list) list.push(row);
        else rows.set(row.peerId, [row]);
      }
      for (const cached of snapshot.conversations) {
        const { peerId } = cached;
        const one = core(peerId);
        learn(peerId, cached.conversationId);
        const { conversationId, lastMessage, lastActivity, unread, readSeq, lastSeq } = cached;
        one.listed = lastMessage !== null;
        one.rev = cached.rev;
        one.usedAt = cached.usedAt;
        one.listSeq = cached.lastSeq;
        const mine = rows.get(peerId) ?? [];
        one.fromSeq = lowest(mine);
        one.stale = cached.rev === null && mine.length > 0;
        one.kept = new Map(mine.map((row) => [row.key, row]));
        const pending = one.conversation.lastMessage;
        setConversation(one, {
          conversationId,
          lastMessage: pending ?? lastMessage,
          lastActivity: pending ? pending.createdAt : lastActivity,
          unread,
          readSeq,
          lastSeq,
        });
        setThread(peerId, {
          messages: mergeRows(mergeRows([], mine), thread(peerId).messages),
          source: mine.length ? 'cache' : 'none',
          hasOlder: one.fromSeq === null || one.fromSeq > 1,
          peerReadSeq: cached.peerReadSeq,
          peerDeliveredSeq: cached.peerDeliveredSeq,
        });
        one.changed = false;
      }
    },
    cached: (one) => {
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
    },
    hide(peerId) {
      core(peerId).listed = false;
      setConversation(core(peerId), { unread: 0 });
    },
    touch(peerId) {
      const one = core(peerId);
      one.usedAt = context.now();
      keep(one);
    },
    reset() {
      cores.clear();
      peers.clear();
      listChanged = true;
    },
  };
}
