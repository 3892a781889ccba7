/** Puts the parts of the client together. */

import { createApi } from './api';
import { createTokens } from './auth';
import type { Context } from './context';
import { type Conversations, createConversations } from './conversations';
import type { Device } from './device';
import { createDrafts } from './drafts';
import { createHandles } from './handle';
import { idOf, userIdOfToken, uuid } from './ids';
import { part, remote } from './later';
import { createOutbox } from './outbox';
import { createReading } from './reading';
import { memoryCache, nothing } from './remember';
import { createState } from './state';
import type { ChatClient, ChatClientOptions, ChatEvents, Logger, SocketLike } from './surface';
import type { TabNews } from './tabs';
import { createTransport, type TransportOptions } from './transport';
import type { Id, WireFrame } from './types';

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
    epoch: null,
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
  let device: Device | null = null;
  /** Raised when the user changes, so that what belongs to an earlier one is ignored. */
  let session = 0;

  const conversations: Conversations = createConversations(context, {
    stored: (row) => outbox.settled(row.clientId ?? '', row),
    changed: () => device?.keeper.changed(),
    touched: (peerId) => live.here?.history.touched(peerId),
  });
  const drafts = createDrafts(context);
  const reading = createReading(context, conversations);
  const outbox = createOutbox(context, conversations, {
    isIdempotent: () => isNumbered,
    look: async (peerId) => (await live.load()).history.latest(peerId),
  });

  // What a page does not need before it is connected, or never, is fetched when it does.
  const live = part(
    async () =>
      (await import('./live')).createLive(context, {
        conversations,
        outbox,
        reading,
        numbered() {
          isNumbered = true;
        },
      }),
    random,
  );
  const notifications = part(
    async () =>
      (await import('./notifications')).createNotifications(context, conversations, {
        ...common,
        url: (token) => `${sockets()}/notifications/?token=${token}`,
        isWanted: () => holders > 0 && !destroyed,
      }),
    random,
  );
  const people = part(
    async () => (await import('./people')).createPeople(context, api, conversations),
    random,
  );
  const messaging = part(async () => (await import('./messaging-api')).createMessagingApi(api), random);

  const forgetUser = () => {
    session += 1;
    outbox.reset();
    live.here?.reset();
    reading.reset();
    conversations.reset();
    device?.keeper.stop();
    device?.tabs.close();
    device = null;
    context.tabs = null;
    context.cache = memoryCache();
    context.meId = '';
    context.epoch = null;
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

  /** Reads what the device remembers of a user, and fetches what a connection needs. */
  const open = async (userId: string) => {
    const mine = ++session;
    const isCurrent = () => mine === session;
    context.meId = userId;
    const needed = live.insist(isCurrent);
    if (options.cache !== 'memory') {
      try {
        const { openDevice } = await import('./device');
        const opened = await openDevice(
          context,
          conversations,
          options,
          `chat:${hostOf(base)}:`,
          userId,
          (news) => isCurrent() && onNews(news),
        );
        if (!isCurrent()) return opened.close();
        device = opened;
        context.cache = opened.cache;
        context.tabs = opened.tabs;
        opened.keeper.restore(opened.snapshot);
      } catch (error) {
        // That part of the program could not be fetched: chat without a memory is better than none.
        logger.warn('nothing is remembered on this device', { error: String(error) });
      }
    }
    if (!isCurrent()) return;
    const { drafts: unsent, outbox: pending } = device?.snapshot ?? nothing();
    drafts.restore(unsent);
    const me = state.get().users[userId];
    state.set({ me: me ?? { id: userId, username: '', name: '', avatar: null } });
    await outbox.restore(pending);
    state.flush();
    if (!(await needed)) return;
    ready = true;
    const waiting = early;
    early = [];
    for (const frame of waiting) onFrame(frame);
    device?.wipeOthers();
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
    } else if (ready) live.here?.connected(frame);
    else early.push(frame);
  };

  const onFrame = (frame: WireFrame) => {
    if (frame.type === 'connection_established') void established(frame);
    else if (ready) live.here?.frame(frame);
    else early.push(frame);
  };

  const common = {
    tokens,
    isRefused: api.isRefused,
    socket: () => options.WebSocket ?? (globalThis.WebSocket as unknown as new (url: string) => SocketLike),
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
      live.here?.disconnected();
      outbox.stop(code);
    },
  });

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
    notifications.here?.update();
  };
  const leaving = () => {
    drafts.flush();
    device?.keeper.flush();
  };
  const end = () => {
    linger = null;
    notifications.here?.update();
    transport.stop();
    leaving();
  };

  const destroy = () => {
    if (destroyed) return;
    destroyed = true;
    if (linger !== null) clearTimeout(linger);
    globalThis.removeEventListener?.('pagehide', leaving);
    end();
    session += 1;
    outbox.reset();
    live.here?.reset();
    // Transactions that were begun are finished before the database closes.
    device?.close();
    device = null;
    context.tabs = null;
    context.cache = memoryCache();
    listeners.clear();
  };

  const handles = createHandles({ context, conversations, live, outbox, drafts, markRead: reading.mark });

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
      transport.stop();
      forgetUser();
      await cache.wipe();
      destroy();
    },
    conversation(user) {
      const id = String(typeof user === 'object' ? user.id : user);
      if (typeof user === 'object') conversations.remember([user]);
      return handles(id);
    },
    loadConversations: async () => (await live.load()).history.list(),
    async hideConversation(user) {
      const peerId = String(user);
      const { conversationId } = conversations.core(peerId).conversation;
      if (conversationId) await api.request('DELETE', `messaging/conversations/${conversationId}/`);
      conversations.hide(peerId);
      state.flush();
    },
    people: remote(people, [
      'search',
      'byUsername',
      'suggestions',
      'follow',
      'unfollow',
      'isFollowing',
      'following',
      'followers',
    ]),
    notifications: {
      ...remote(notifications, ['load', 'markRead', 'markAllRead']),
      watch() {
        let isOver = false;
        let stop = () => {};
        void notifications
          .insist(() => !isOver)
          .then((fetched) => {
            if (fetched) stop = fetched.watch();
          });
        return () => {
          isOver = true;
          stop();
        };
      },
    },
    messagingAPI: remote(messaging, [
      'getConversations',
      'createConversation',
      'getConversation',
      'getMessages',
      'sendMessage',
      'addReaction',
      'removeReaction',
      'getUserStatus',
      'markMessagesRead',
      'markConversationRead',
      'startTyping',
      'stopTyping',
      'getUnreadCount',
      'getMessage',
      'getMessagesWithUser',
      'getUnreadMessagesCount',
    ]),
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
