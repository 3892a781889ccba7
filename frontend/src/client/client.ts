/** Puts the parts of the client together. */

import { createApi } from './api';
import { createTokens } from './auth';
import type { Context } from './context';
import { type Conversations, createConversations } from './conversations';
import { createDrafts } from './drafts';
import { createFrames } from './frames';
import { createHandles } from './handle';
import { createHistory } from './history';
import { idOf, userIdOfToken, uuid } from './ids';
import { createKeeper } from './keeper';
import { createMessagingApi } from './messaging-api';
import { createNotifications } from './notifications';
import { createOutbox } from './outbox';
import { createPeople } from './people';
import { createPresence } from './presence';
import { type ChatCache, memoryCache } from './remember';
import { createState } from './state';
import type { ChatClient, ChatClientOptions, ChatEvents, Logger, SocketLike } from './surface';
import { createSync } from './sync';
import { createTabs, type TabNews } from './tabs';
import { createTransport, type TransportOptions } from './transport';
import type { Id, WireFrame, WireUser } from './types';
import { createTyping } from './typing';

const LINGER_MS = 30_000;
const silent: Logger = { debug() {}, warn() {} };

/** `https://host`, without slash and without the `/api` that the original's settings carry. */
const originOf = (url: string) => url.replace(/\/+$/, '').replace(/\/api$/, '');

/** `wss://host/ws`, also from the address of one endpoint. */
const socketsOf = (url: string) => url.replace(/\/+$/, '').replace(/\/(chat|messaging|notifications)$/, '');

/**
 * Makes a chat client. It does nothing until `connect()`.
 *
 * ```ts
 * const client = createChatClient({ baseUrl: 'https://chat.example.org', getToken: () => token });
 * client.connect();
 * const omar = client.conversation(9);
 * const leave = omar.open();
 * client.store.subscribe((state) => render(state.threads[omar.peerId]?.messages ?? []));
 * omar.send('lunch?');
 * ```
 *
 * One client is one user and at most one connection for chat, however many buttons and windows use it.
 * It touches no global of the browser before `connect()`, so it can be made while rendering on a server.
 */
export function createChatClient(options: ChatClientOptions): ChatClient {
  const logger = options.logger ?? silent;
  const random = options.random ?? Math.random;
  const now = options.now ?? Date.now;
  const base = originOf(options.baseUrl);
  const listeners = new Map<keyof ChatEvents, Set<(event: never) => void>>();
  const state = createState();
  const tokens = createTokens(options.getToken);
  const api = createApi(base, tokens, () => options.fetch ?? globalThis.fetch.bind(globalThis));

  let events: [keyof ChatEvents, unknown][] = [];
  // Listeners are called when the store shows what they are told of, so a burst stays one update.
  const emit: Context['emit'] = (name, event) => {
    events.push([name, event]);
    state.set({});
  };
  state.published(() => {
    const due = events;
    events = [];
    for (const [name, event] of due) {
      for (const listener of [...(listeners.get(name) ?? [])]) {
        try {
          listener(event as never);
        } catch (error) {
          logger.warn('a listener failed', { event: name, error: String(error) });
        }
      }
    }
  });

  const context: Context = {
    state,
    api,
    logger,
    cache: memoryCache(),
    tabs: null,
    tabId: uuid(random),
    meId: '',
    random,
    now,
    send: (frame) => transport.send(frame),
    isOnline: () => transport.isOnline() && ready,
    emit,
  };

  let holders = 0;
  let destroyed = false;
  /** Whether what the device remembers has been read; until then, frames wait. */
  let ready = false;
  let early: WireFrame[] = [];
  let linger: ReturnType<typeof setTimeout> | null = null;
  let isNumbered = false;
  /** Raised when the user changes, so that what belongs to an earlier one is ignored. */
  let session = 0;
  let canMark = true;
  const unmarked = new Map<string, string | null>();

  const conversations: Conversations = createConversations(context, {
    stored: (row) => outbox.settled(row.clientId ?? '', row),
    changed: () => keeper.changed(),
    touched: (peerId) => history.touched(peerId),
    paged: (peerId) => outbox.claim(peerId),
  });
  const history = createHistory(context, conversations);
  const sync = createSync(context, conversations, history);
  const keeper = createKeeper(context, () => conversations, sync.epoch);
  const typing = createTyping(context);
  const drafts = createDrafts(context);
  const presence = createPresence(context);
  const outbox = createOutbox(context, conversations, {
    isIdempotent: () => isNumbered,
    look: history.latest,
  });
  const people = createPeople(context, api, conversations);

  const mark = (peerId: string, messageId: string | null) => {
    const conversationId = conversations.core(peerId).conversation.conversationId;
    if (!canMark) return;
    const isSent = context.send({
      type: 'mark_read',
      ...(messageId && { message_id: messageId }),
      ...(conversationId && { conversation_id: conversationId }),
    });
    if (isSent) unmarked.delete(peerId);
    else unmarked.set(peerId, messageId);
  };

  const frames = createFrames(context, {
    conversations,
    outbox,
    sync,
    typing,
    numbered() {
      isNumbered = true;
    },
    presence: presence.heard,
    listChanged() {
      history.list().catch(() => {});
    },
    cannotMark() {
      canMark = false;
    },
  });

  const setMe = (user: WireUser) => {
    conversations.remember([user]);
    const me = state.get().users[context.meId];
    if (me && me !== state.get().me) state.set({ me });
  };

  const forgetUser = () => {
    session += 1;
    outbox.reset();
    typing.reset();
    history.reset();
    presence.reset();
    keeper.reset();
    conversations.reset();
    sync.stop();
    sync.setEpoch(null);
    unmarked.clear();
    context.tabs?.close();
    context.tabs = null;
    context.cache = memoryCache();
    context.meId = '';
    ready = false;
    early = [];
    state.reset();
  };

  const onNews = (news: TabNews) => {
    if (news.type === 'outbox') outbox.heard(news.item);
    else if (news.type === 'settled') outbox.settledElsewhere(news.clientId, news.row);
    else if (news.type === 'draft') drafts.heard(news.peerId, news.text);
    else if (news.type === 'read') conversations.ownRead(news.peerId, news.readSeq);
    else if (news.type === 'logout') {
      forgetUser();
      transport.stop();
      state.set({ status: 'unauthorized' });
      state.flush();
    }
  };

  /** Reads what the device remembers of a user. */
  const open = async (userId: string) => {
    const mine = ++session;
    context.meId = userId;
    const prefix = `chat:${hostOf(base)}:`;
    const name = prefix + userId;
    const isKept = options.cache !== 'memory';
    const navigator = globalThis.navigator as Navigator | undefined;
    const locks = options.locks === undefined ? (navigator?.locks as never) : options.locks;
    const Channel =
      options.BroadcastChannel === undefined ? globalThis.BroadcastChannel : options.BroadcastChannel;
    // Without a shared store there is nothing to share with other tabs either.
    if (isKept)
      context.tabs = createTabs(
        context.tabId,
        name,
        locks,
        Channel as never,
        (news) => mine === session && onNews(news),
      );
    let cache: ChatCache = memoryCache();
    let wipeOthers: typeof import('./cache').wipeOthers | null = null;
    if (isKept) {
      try {
        const device = await import('./cache');
        cache = await device.openCache(name, logger);
        wipeOthers = device.wipeOthers;
      } catch (error) {
        // That part of the program could not be fetched: chat without a memory is better than none.
        logger.warn('nothing is remembered on this device', { error: String(error) });
      }
    }
    const snapshot = await cache.load();
    if (mine !== session) return cache.close();
    context.cache = cache;
    sync.setEpoch(snapshot.epoch);
    conversations.restore(snapshot);
    drafts.restore(snapshot.drafts);
    keeper.restored(state.get().users);
    const me = state.get().users[userId];
    state.set({ me: me ?? { id: userId, username: '', name: '', avatar: null } });
    await outbox.restore(snapshot.outbox);
    if (mine !== session) return;
    ready = true;
    state.flush();
    const waiting = early;
    early = [];
    for (const frame of waiting) onFrame(frame);
    const { tabs } = context;
    if (tabs) void wipeOthers?.(prefix, name, tabs.isFree);
  };

  const established = async (frame: WireFrame) => {
    const id = idOf(frame.user_id as Id);
    if (id && context.meId && id !== context.meId) {
      // The application signed in somebody else: nothing of the one before may stay.
      const { cache } = context;
      forgetUser();
      await cache.wipe();
    }
    if (id && !ready && context.meId !== id) {
      early.unshift(frame);
      await open(id);
      return;
    }
    if (!ready) {
      early.push(frame);
      return;
    }
    if (id && typeof frame.username === 'string') setMe({ id, username: frame.username });
    const mine = session;
    canMark = true;
    presence.connected();
    typing.reset();
    for (const [peerId, messageId] of unmarked) mark(peerId, messageId);
    void sync.start(typeof frame.epoch === 'string' ? frame.epoch : null);
    outbox.start();
    api.get<WireUser>('users/me/').then(
      (user) => mine === session && String(user?.id) === context.meId && setMe(user),
      () => {},
    );
  };

  const onFrame = (frame: WireFrame) => {
    if (frame.type === 'connection_established') void established(frame);
    else if (!ready) early.push(frame);
    else frames(frame);
  };

  const socket = () =>
    options.WebSocket ?? (globalThis.WebSocket as unknown as new (url: string) => SocketLike);
  const common = {
    tokens,
    isRefused: api.isRefused,
    socket,
    random,
    now,
    logger,
  } satisfies Partial<TransportOptions>;
  const sockets = () =>
    socketsOf(options.wsUrl ?? `${base || globalThis.location.origin}/ws`.replace(/^http/, 'ws'));

  const transport = createTransport({
    ...common,
    url: (token) => `${sockets()}/chat/?v=2&token=${token}`,
    firstFrame: 'connection_established',
    onFrame,
    onStatus(status, closed) {
      const previous = state.get().status;
      state.set({ status, closed });
      emit('status', { status, previous });
      state.flush();
    },
    onDown(code) {
      early = [];
      sync.stop();
      outbox.stop(code);
      presence.disconnected();
    },
  });
  const notificationTransport = createTransport({
    ...common,
    url: (token) => `${sockets()}/notifications/?token=${token}`,
    firstFrame: 'unread_count',
    onFrame(frame) {
      if (frame.type === 'unread_count' && !notificationsFresh) {
        notificationsFresh = true;
        notifications.load().catch(() => {});
      }
      notifications.onFrame(frame);
    },
    onStatus() {},
    onDown() {
      notificationsFresh = false;
    },
  });
  /** Whether the list was loaded on this connection. */
  let notificationsFresh = false;
  const notifications = createNotifications(context, api, conversations, notificationTransport);

  const begin = async () => {
    const mine = session;
    if (!ready && !context.meId) {
      let userId = idOf(options.userId);
      if (!userId) {
        try {
          userId = userIdOfToken((await tokens.get()) ?? '');
        } catch {
          // The connection asks again, and reports.
        }
      }
      if (destroyed || holders === 0 || mine !== session) return;
      if (userId) void open(userId);
    }
    transport.start();
    notifications.setActive(true);
  };
  const end = () => {
    linger = null;
    notifications.setActive(false);
    transport.stop();
    drafts.flush();
    keeper.flush();
  };
  const leaving = () => {
    drafts.flush();
    keeper.flush();
  };

  const destroy = () => {
    if (destroyed) return;
    destroyed = true;
    if (linger !== null) clearTimeout(linger);
    globalThis.removeEventListener?.('pagehide', leaving);
    end();
    const { cache, tabs } = context;
    session += 1;
    outbox.reset();
    typing.reset();
    presence.reset();
    keeper.reset();
    history.reset();
    tabs?.close();
    context.tabs = null;
    context.cache = memoryCache();
    // Transactions that were begun are finished before the database closes.
    cache.close();
    listeners.clear();
  };

  const handles = createHandles({
    context,
    conversations,
    history,
    outbox,
    typing,
    drafts,
    markRead(peerId, row) {
      const core = conversations.core(peerId);
      const { unread, readSeq, lastSeq, lastMessage } = core.conversation;
      const seq = row ? (row.seq ?? 0) : Math.max(lastSeq, lastMessage?.seq ?? 0);
      if (unread === 0 && (seq <= readSeq || seq === 0)) return;
      conversations.ownRead(peerId, seq, row ? undefined : 0);
      state.flush();
      if (seq) context.tabs?.tell({ type: 'read', peerId, readSeq: seq });
      const last =
        row ?? [...conversations.thread(peerId).messages].reverse().find((one) => !one.own && one.id);
      mark(peerId, last?.id ?? (lastMessage?.own === false ? lastMessage.id : null));
    },
  });

  return {
    store: state.store,
    get status() {
      return state.get().status;
    },
    connect() {
      if (destroyed) return;
      holders += 1;
      if (linger !== null) {
        clearTimeout(linger);
        linger = null;
      } else if (holders === 1) {
        globalThis.addEventListener?.('pagehide', leaving);
        void begin();
      }
    },
    disconnect() {
      if (destroyed || holders === 0) return;
      holders -= 1;
      if (holders === 0) linger = setTimeout(end, options.lingerMs ?? LINGER_MS);
    },
    reconnect() {
      if (destroyed || holders === 0) return;
      if (transport.isOnline()) return;
      // Another tab signed the user out, which stopped the connection for good.
      if (state.get().status === 'unauthorized' && !context.meId) void begin();
      transport.retry();
    },
    destroy,
    async logout() {
      const { cache, tabs } = context;
      tabs?.tell({ type: 'logout' });
      notifications.setActive(false);
      transport.stop();
      forgetUser();
      context.tabs = null;
      await cache.wipe();
      destroy();
    },
    conversation(user) {
      const id = String(typeof user === 'object' ? user.id : user);
      if (typeof user === 'object') conversations.remember([user]);
      return handles(id);
    },
    loadConversations: () => history.list(),
    async hideConversation(user) {
      const peerId = String(user);
      const { conversationId } = conversations.core(peerId).conversation;
      if (conversationId) await api.request('DELETE', `messaging/conversations/${conversationId}/`);
      conversations.hide(peerId);
      state.flush();
    },
    people,
    notifications,
    messagingAPI: createMessagingApi(api),
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set);
      set.add(listener as never);
      return () => set.delete(listener as never);
    },
  };
}

const hostOf = (base: string) => {
  try {
    return new URL(base || globalThis.location.href).host;
  } catch {
    return base;
  }
};
