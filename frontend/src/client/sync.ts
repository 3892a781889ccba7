/**
 * Missing nothing: after every connect, and whenever a change arrives without the one before it, the server
 * is asked for what changed since the known positions. Servers that cannot say are asked for the newest pages.
 */

import type { Context } from './context';
import type { Conversations } from './conversations';
import type { History } from './history';
import { idOf } from './ids';
import type { Pages } from './pages';
import type { Positions } from './positions';
import type { ChatMessage, Id, WireCursor, WireFrame, WireMessage } from './types';

/** How long a change may wait for the one before it. */
const GAP_MS = 400;
const ANSWER_MS = 10_000;
/** What fits into a frame; the newest conversations go first. */
const CURSORS_MAX = 1_000;
const ROUNDS_MAX = 1_000;

type Timer = ReturnType<typeof setTimeout>;

export interface Sync {
  /** The connection is up: catch up. The server names its database, if it can resume. */
  start(epoch: string | null): Promise<void>;
  stop(): void;
  /** A change came without the one before it. */
  gap(): void;
  onSync(frame: WireFrame): void;
  onResumed(frame: WireFrame): void;
  /** The server does not know the frame `resume`. */
  unsupported(): void;
  /** An `error` frame refused a `resume`; tried again after `seconds`. */
  later(seconds: number): void;
  isWaiting(): boolean;
}

export function createSync(
  context: Context,
  conversations: Conversations,
  history: History,
  pages: Pages,
  positions: Positions,
): Sync {
  let supported: boolean | null = null;
  let waiting: Timer | null = null;
  let gapTimer: Timer | null = null;
  let again = false;
  let more = false;
  let progressed = false;
  let rounds = 0;
  let connection = 0;

  const stopWaiting = () => {
    if (waiting !== null) clearTimeout(waiting);
    waiting = null;
  };

  const receipts = (peerId: string, cursors: readonly WireCursor[], unread?: number) => {
    for (const one of cursors) {
      if (String(one.user_id) === context.meId) conversations.ownRead(peerId, one.read_seq ?? 0, unread);
      else positions.receipts(peerId, one.read_seq ?? 0, one.delivered_seq ?? 0);
    }
  };

  /** Without knowing what changed, nothing that is shown can be trusted. */
  const reload = async () => {
    const mine = connection;
    const opened: Promise<void>[] = [];
    for (const core of conversations.all()) {
      core.early.clear();
      const { peerId } = core;
      if (!conversations.thread(peerId).messages.some((row) => row.id)) continue;
      if (core.opened > 0) {
        core.stale = true;
        opened.push(history.latest(peerId));
      } else pages.clear(peerId, null);
    }
    for (const core of conversations.all()) {
      const { source } = conversations.thread(core.peerId);
      if (core.opened > 0 && source !== 'ready') opened.push(history.latest(core.peerId));
    }
    await Promise.all(opened);
    if (mine === connection) context.emit('synced', { complete: false });
  };

  const resume = () => {
    if (supported === false) return void reload();
    if (waiting !== null) {
      again = true;
      return;
    }
    const known = [...conversations.all()].filter(
      (core) => core.rev !== null && core.conversation.conversationId,
    );
    known.sort((a, b) => (a.conversation.lastActivity < b.conversation.lastActivity ? 1 : -1));
    const cursors: Record<string, number> = {};
    for (const core of known.slice(0, CURSORS_MAX))
      cursors[core.conversation.conversationId as string] = core.rev as number;
    more = again = progressed = false;
    if (!context.send({ type: 'resume', cursors, ...(context.epoch ? { epoch: context.epoch } : {}) }))
      return;
    waiting = setTimeout(() => {
      waiting = null;
      context.logger.warn('the server did not answer to resume');
      void reload();
    }, ANSWER_MS);
  };

  return {
    async start(named) {
      const mine = ++connection;
      rounds = 0;
      if (named) {
        // Numbers of another database say nothing about this one.
        if (context.epoch && context.epoch !== named)
          for (const core of conversations.all()) pages.clear(core.peerId, null);
        context.epoch = named;
      }
      history.connected();
      const hasCursors = [...conversations.all()].some((core) => core.rev !== null);
      const listed = history.list().catch((error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        context.emit('error', { code: 'conversations', message });
      });
      // Without any position the list gives them; asking before would fetch the whole past.
      if (!hasCursors) await listed;
      if (mine !== connection) return;
      for (const core of conversations.all()) {
        const { source } = conversations.thread(core.peerId);
        if (core.opened > 0 && source !== 'ready') void history.latest(core.peerId);
      }
      resume();
      await listed;
    },
    stop() {
      connection += 1;
      stopWaiting();
      if (gapTimer !== null) clearTimeout(gapTimer);
      gapTimer = null;
      again = false;
      // Another server may answer next time.
      if (supported === false) supported = null;
    },
    gap() {
      gapTimer ??= setTimeout(() => {
        gapTimer = null;
        if (positions.hasGap()) resume();
      }, GAP_MS);
    },
    onSync(frame) {
      const conversationId = idOf(frame.conversation_id as Id);
      const cursors = (Array.isArray(frame.cursors) ? frame.cursors : []) as WireCursor[];
      const wires = (Array.isArray(frame.messages) ? frame.messages : []) as WireMessage[];
      const other = cursors.find((one) => String(one.user_id) !== context.meId);
      const fromMessage = wires[0] && conversations.read(wires[0], idOf(other?.user_id));
      const peerId = conversations.peerOf(conversationId) ?? idOf(other?.user_id) ?? fromMessage?.peerId;
      if (!peerId) return;
      conversations.learn(peerId, conversationId);
      const core = conversations.core(peerId);
      const rev = Number(frame.rev) || 0;
      if (waiting !== null) {
        stopWaiting();
        waiting = setTimeout(() => {
          waiting = null;
          void reload();
        }, ANSWER_MS);
      }
      progressed = true;
      if (frame.reset === true) {
        pages.clear(peerId, rev || null);
        // What comes with it is the newest page. Otherwise that is fetched, if anybody looks.
        if (wires.length) {
          pages.newest(peerId, {
            messages: wires,
            hasOlder:
              typeof frame.has_older === 'boolean' ? frame.has_older : !wires.some((wire) => wire.seq === 1),
            conversationId,
          });
        } else if (core.opened > 0) void history.latest(peerId);
      }
      receipts(peerId, cursors);
      const counted = () => {
        if (typeof frame.unread_count !== 'number' || typeof frame.last_seq !== 'number') return;
        positions.counted(peerId, frame.unread_count, frame.last_seq);
      };
      if (frame.reset === true) return counted();
      const rows = wires
        .map((wire) => conversations.read(wire, peerId))
        .filter((row): row is ChatMessage => row !== null);
      const from = Number(frame.from_rev) || 0;
      conversations.apply(peerId, rows, 'sync', from);
      // Deleted by the user for himself, on another device.
      for (const id of Array.isArray(frame.hidden) ? frame.hidden : [])
        conversations.remove(peerId, String(id), true);
      if (frame.has_more !== true) counted();
      if (core.rev === null ? from === 0 : from <= core.rev) positions.reached(peerId, rev);
      if (frame.has_more === true) more = true;
    },
    onResumed(frame) {
      stopWaiting();
      supported = true;
      const next = idOf(frame.epoch as Id);
      if (next) context.epoch = next;
      rounds += 1;
      // An answer without progress would be followed by another one for ever.
      const isPartial = (more || frame.complete === false) && progressed;
      if ((isPartial || again) && rounds < ROUNDS_MAX) return resume();
      rounds = 0;
      for (const one of (Array.isArray(frame.receipts) ? frame.receipts : []) as WireFrame[]) {
        const peerId = conversations.peerOf(one.conversation_id as Id);
        const unread = typeof one.unread_count === 'number' ? one.unread_count : undefined;
        if (peerId) receipts(peerId, (one.cursors ?? []) as WireCursor[], unread);
      }
      for (const id of Array.isArray(frame.gone) ? frame.gone : []) {
        const peerId = conversations.peerOf(id as Id);
        if (peerId) conversations.hide(peerId);
      }
      // What is still early now will not be filled by waiting.
      for (const core of [...conversations.all()].filter((one) => one.early.size > 0)) {
        core.early.clear();
        core.stale = true;
        if (core.opened > 0) void history.latest(core.peerId);
        else pages.clear(core.peerId, null);
      }
      context.emit('synced', { complete: true });
    },
    unsupported() {
      if (waiting === null) return;
      stopWaiting();
      supported = false;
      void reload();
    },
    later(seconds) {
      if (waiting === null) return;
      stopWaiting();
      gapTimer ??= setTimeout(() => {
        gapTimer = null;
        resume();
      }, seconds * 1000);
    },
    isWaiting: () => waiting !== null,
  };
}
