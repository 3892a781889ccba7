/**
 * The conversations and their windows of messages: what each report means for the list, the unread counts,
 * the receipts, and for the question whether anything was missed.
 */

import type { Context } from './context';
import { idOf } from './ids';
import { compareRows, mergeRows } from './merge';
import { mergeUser, toMessage } from './normalize';
import type { ChatMessage, Conversation, Id, Thread, UserLike, WireMessage } from './types';

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
  /** Changes the conversation's row in the list. */
  set(one: Core, patch: Partial<Conversation>): void;
  /** Gives the window new rows and draws the conclusions. */
  setRows(one: Core, messages: readonly ChatMessage[], patch?: Partial<Thread>): void;
  /** Notes that something worth keeping changed. */
  keep(one: Core): void;
  ownRead(peerId: string, readSeq: number, unread?: number): void;
  touch(peerId: string): void;
  /** Takes the conversation out of the list until something new happens in it. */
  hide(peerId: string): void;
  reset(): void;
}

/** The later of two ISO times, which compare as texts. */
export const later = (a: string, b: string) => (a > b ? a : b);

/** What receipts say about a row that came without them. */
export const withReceipts = (row: ChatMessage, { peerReadSeq, peerDeliveredSeq }: Thread): ChatMessage => {
  if (!row.own || row.seq === null || row.status === 'read') return row;
  if (row.seq <= peerReadSeq) return { ...row, status: 'read' };
  return row.status === 'sent' && row.seq <= peerDeliveredSeq ? { ...row, status: 'delivered' } : row;
};

export function createConversations(
  context: Context,
  hooks: {
    /** An own message turned out to be stored. */
    stored(row: ChatMessage): void;
    /** Something worth keeping changed. */
    changed(): void;
    touched(peerId: string): void;
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
  const keep: Conversations['keep'] = (one) => {
    one.changed = true;
    hooks.changed();
  };
  const set: Conversations['set'] = (one, patch) => {
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
    set(core(peerId), { conversationId });
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

  /** Gives the window new rows and draws the conclusions. */
  const setRows: Conversations['setRows'] = (one, messages, patch = {}) => {
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
      set(one, {
        lastMessage: last,
        lastActivity: later(last.createdAt, lastActivity),
      });
    } else if (!last && isGone) set(one, { lastMessage: null });
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
        set(one, {
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
      set(one, { unread, lastSeq });
    }
    // `stored` may have changed the window, so it is read again.
    const { messages } = thread(peerId);
    const next = mergeRows(messages, seen);
    if (next !== messages) setRows(one, next);
    else if (fresh.length && one.fromSeq === null) {
      const newest = fresh[fresh.length - 1] as ChatMessage;
      one.listed = true;
      set(one, { lastMessage: newest, lastActivity: newest.createdAt });
    }
    if (origin === 'live' || origin === 'sync') {
      hooks.touched(peerId);
      if (one.loads > 0) one.replay.push(() => apply(peerId, rows, origin, fromRev));
    }
    return fresh;
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
      set(one, { lastMessage: changed.deleted ? null : changed });
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
    else if (one.conversation.lastMessage?.id === id) set(one, { lastMessage: null });
    // A message that was never stored leaves no conversation behind.
    if (!one.conversation.conversationId && !thread(peerId).messages.length) {
      one.listed = false;
      set(one, {});
    }
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
    set,
    setRows,
    keep,
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
      set(one, { readSeq: furthest, unread: left });
    },
    hide(peerId) {
      core(peerId).listed = false;
      set(core(peerId), { unread: 0 });
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
