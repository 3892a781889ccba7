/** Pages of history: fetched once however many ask, and put into the window. */

import { statusOf } from './api';
import type { Context } from './context';
import type { Conversations, Page } from './conversations';
import { idOf, wireId } from './ids';
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

export function createHistory(context: Context, conversations: Conversations): History {
  const { api, logger, state } = context;
  const running = new Map<string, Promise<void>>();
  let touchedPeers = new Set<string>();
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

  const load = (peerId: string, kind: 'latest' | 'older', work: () => Promise<() => void>): Promise<void> => {
    const name = `${kind}:${peerId}`;
    const already = running.get(name);
    if (already) return already;
    const core = conversations.core(peerId);
    const mine = session;
    const run = async () => {
      core.loads += 1;
      conversations.setThread(peerId, { loading: kind, loadError: null });
      let put = () => {};
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
      conversations.setThread(peerId, { loading: null, loadError });
      put();
      // Whoever waited for it looks at the store next.
      state.flush();
    };
    const promise = run();
    running.set(name, promise);
    return promise;
  };

  const latest: History['latest'] = (peerId) =>
    load(peerId, 'latest', async () => {
      const { rev, generation } = conversations.core(peerId);
      const started = connection;
      const page = await fetchPage(peerId, PAGE);
      return () => {
        const core = conversations.core(peerId);
        const isSame = core.generation === generation;
        conversations.newestPage(peerId, page, {
          rev: isSame ? rev : null,
          sameConnection: isSame && started === connection,
        });
      };
    });

  const older: History['older'] = async (peerId, size = PAGE) => {
    const { hasOlder, source, messages } = conversations.thread(peerId);
    const core = conversations.core(peerId);
    const oldest = messages.find((row) => row.id !== null);
    if (source === 'none' || !oldest?.id) return latest(peerId);
    if (!hasOlder) return;
    await load(peerId, 'older', async () => {
      const { generation } = core;
      const page = await fetchPage(peerId, size, core.fromSeq ?? (oldest.id as string));
      return () => {
        if (core.generation === generation) conversations.olderPage(peerId, page);
      };
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
          conversations.list(list, touchedPeers);
          state.flush();
        } finally {
          listing = null;
        }
      };
      listing ??= run();
      return listing;
    },
    touched(peerId) {
      touchedPeers.add(peerId);
    },
    connected() {
      connection += 1;
    },
    reset() {
      session += 1;
      running.clear();
      listing = null;
    },
  };
}
