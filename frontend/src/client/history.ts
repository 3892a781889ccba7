/** Pages of history: fetched once however many ask, and put into the window. */

import { statusOf } from './api';
import { backoff } from './backoff';
import type { Context } from './context';
import type { Conversations } from './conversations';
import { idOf, wireId } from './ids';
import type { Page, Pages } from './pages';
import type { Positions } from './positions';
import type { WireConversation, WireHistory, WireMessage } from './types';

const PAGE = 50;
const BIG_PAGE = 100;
const AROUND_PAGES = 50;

export interface History {
  latest(peerId: string): Promise<void>;
  older(peerId: string, size?: number): Promise<void>;
  around(peerId: string, messageId: string): Promise<boolean>;
  list(): Promise<void>;
  /** Names conversations that something happened in. */
  touched(peerId: string): void;
  /** Counts connections, so that an answer can tell whether it spans two. */
  connected(): void;
  /** Ends what is under way: its answers are ignored. */
  reset(): void;
}

export function createHistory(
  context: Context,
  conversations: Conversations,
  pages: Pages,
  positions: Positions,
): History {
  const { api, logger, state } = context;
  const running = new Map<string, Promise<void>>();
  let touchedPeers = new Set<string>();
  const failures = new Map<string, number>();
  let connection = 0;
  let session = 0;
  let listing: Promise<void> | null = null;

  const fetchPage = async (peerId: string, size: number, before?: string | number): Promise<Page> => {
    const answer = await api.get<WireHistory | WireMessage[]>('messaging/messages/', {
      user_id: wireId(peerId),
      page_size: size,
      ...(before === undefined ? {} : { before }),
    });
    // Older servers answer with a bare array, and always with everything.
    if (Array.isArray(answer)) return { messages: answer, hasOlder: false, conversationId: null };
    return {
      messages: answer?.messages ?? answer?.results ?? [],
      hasOlder: answer?.has_more ?? Boolean(answer?.next),
      conversationId: idOf(answer?.conversation_id),
    };
  };

  /** `work` fetches, and gives what puts the answer into the window, or `null` if it has become worthless. */
  const load = (
    peerId: string,
    kind: 'latest' | 'older',
    work: () => Promise<(() => void) | null>,
  ): Promise<void> => {
    // A page asked for over an earlier connection may lack what happened between the two.
    const name = `${kind}:${connection}:${peerId}`;
    const already = running.get(name);
    if (already) return already;
    const core = conversations.core(peerId);
    const { generation } = core;
    const mine = session;
    const started = connection;
    const run = async () => {
      core.loads += 1;
      conversations.setThread(peerId, { loading: kind, loadError: null });
      let put: (() => void) | null = null;
      let loadError: string | null = null;
      try {
        put = await work();
      } catch (error) {
        loadError = error instanceof Error ? error.message : String(error);
        logger.warn('history could not be loaded', { status: statusOf(error) });
      }
      running.delete(name);
      core.loads -= 1;
      if (core.loads === 0 && loadError) core.replay = [];
      if (mine !== session) return;
      if (started !== connection || generation !== core.generation) {
        if (core.loads === 0) conversations.setThread(peerId, { loading: null });
        return kind === 'latest' ? latest(peerId) : undefined;
      }
      conversations.setThread(peerId, { loading: null, loadError });
      put?.();
      // Whoever waited for it looks at the store next.
      state.flush();
      if (kind === 'older') return;
      if (!loadError) failures.delete(peerId);
      else if (core.opened > 0) retryLater(peerId);
    };
    const promise = run();
    running.set(name, promise);
    return promise;
  };

  /** Somebody looks at it, so it is tried again without being asked. */
  const retryLater = (peerId: string) => {
    const count = (failures.get(peerId) ?? 0) + 1;
    failures.set(peerId, count);
    const mine = session;
    setTimeout(() => {
      const wanted = conversations.core(peerId).opened > 0 && conversations.thread(peerId).loadError !== null;
      if (mine === session && wanted && context.isOnline()) void latest(peerId);
    }, 1000 + backoff(count, context.random));
  };

  const latest: History['latest'] = (peerId) =>
    load(peerId, 'latest', async () => {
      const page = await fetchPage(peerId, PAGE);
      return () => pages.newest(peerId, page);
    });

  const older: History['older'] = async (peerId, size = PAGE) => {
    const { hasOlder, source, messages } = conversations.thread(peerId);
    const oldest = messages.find((row) => row.id !== null);
    if (source === 'none' || !oldest?.id) return latest(peerId);
    if (!hasOlder) return;
    await load(peerId, 'older', async () => {
      const before = conversations.core(peerId).fromSeq ?? (oldest.id as string);
      const page = await fetchPage(peerId, size, before);
      return () => pages.older(peerId, page);
    });
  };

  return {
    latest,
    older,
    async around(peerId, messageId) {
      if (conversations.thread(peerId).source !== 'ready') await latest(peerId);
      for (let page = 0; page < AROUND_PAGES; page += 1) {
        if (conversations.find(peerId, messageId)) return true;
        const { hasOlder, loadError } = conversations.thread(peerId);
        if (!hasOlder || loadError) return false;
        await older(peerId, BIG_PAGE);
      }
      return conversations.find(peerId, messageId) !== undefined;
    },
    list() {
      const mine = session;
      const run = async () => {
        touchedPeers = new Set();
        try {
          const list = await api.get<WireConversation[]>('messaging/conversations/');
          if (mine !== session || !Array.isArray(list)) return;
          positions.list(list, touchedPeers);
          state.flush();
        } finally {
          if (listing === promise) listing = null;
        }
      };
      if (listing) return listing;
      const promise: Promise<void> = run();
      listing = promise;
      return promise;
    },
    touched(peerId) {
      touchedPeers.add(peerId);
    },
    connected() {
      connection += 1;
      listing = null;
    },
    reset() {
      session += 1;
      running.clear();
      failures.clear();
      listing = null;
    },
  };
}
