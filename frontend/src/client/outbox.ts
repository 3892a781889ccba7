/**
 * Messages on their way. One pump is the only one to put them on the wire: in order within a conversation,
 * one at a time, each under its `client_id` until the server has said that it is stored.
 */

import type { Context } from './context';
import type { Conversations } from './conversations';
import { uuid, wireId } from './ids';
import type { ChatMessage, OutboxItem, QuotedMessage, SendFailure, WireFrame, WireMessage } from './types';

const ACK_MS = 15_000;
const KEEP_MS = 24 * 60 * 60 * 1000;
/** How often a fault of the server itself is met with another try. */
const INTERNAL_TRIES = 5;
const LATER = new Set(['rate_limited', 'overloaded', 'unavailable', 'restarting', 'storage_full']);
/** Texts by which servers without codes refuse a message. */
const REFUSALS = /^(recipient|cannot send|reply message|failed to send)/i;

type Timer = ReturnType<typeof setTimeout>;

export interface Outbox {
  send(peerId: string, text: string, replyTo: QuotedMessage | null): ChatMessage;
  retry(clientId: string): void;
  discard(clientId: string): void;
  /** The connection is up. */
  start(): void;
  /** The connection is gone; `1009` means that what was under way is too large. */
  stop(code: number): void;
  /** `message_sent` arrived. Returns the stored row. */
  acknowledged(frame: WireFrame): ChatMessage | null;
  /** An `error` frame arrived. Returns whether it was about a message. */
  refused(frame: WireFrame): boolean;
  /** The message is stored as `row`. */
  settled(clientId: string, row: ChatMessage): void;
  /** Another tab's message is stored, or was discarded (`null`). */
  settledElsewhere(clientId: string, row: ChatMessage | null): void;
  /** With servers that do not echo `client_id`: finds unacknowledged messages in the history by their text. */
  claim(peerId: string): void;
  /** Another tab's message changed. */
  heard(item: OutboxItem): void;
  restore(items: readonly OutboxItem[]): Promise<void>;
  /** Takes over what tabs that are gone have left. */
  adopt(guess: boolean): Promise<void>;
  pump(): void;
  reset(): void;
}

export function createOutbox(
  context: Context,
  conversations: Conversations,
  hooks: {
    /** Whether the server recognises a repeated `client_id`. */
    isIdempotent(): boolean;
    /** Loads the newest page, to see whether a message of which nothing is known was stored. */
    look(peerId: string): Promise<void>;
  },
): Outbox {
  const items = new Map<string, OutboxItem>();
  const inFlight = new Map<string, Timer>();
  const notBefore = new Map<string, number>();
  /** Conversations whose history has been looked at on this connection, or is being looked at. */
  const looked = new Map<string, boolean>();
  let faults = new Map<string, number>();
  let pausedUntil = 0;
  let timer: Timer | null = null;

  const me = context.tabId;
  const publish = () =>
    context.state.set({ outbox: [...items.values()].sort((a, b) => a.createdAt - b.createdAt) });

  const rowOf = (item: OutboxItem): ChatMessage => ({
    key: item.clientId,
    id: null,
    clientId: item.clientId,
    conversationId: conversations.core(item.peerId).conversation.conversationId,
    peerId: item.peerId,
    senderId: context.meId,
    own: true,
    text: item.text,
    createdAt: new Date(item.createdAt).toISOString(),
    seq: null,
    rev: 0,
    status: item.state,
    error: item.error,
    editedAt: null,
    deleted: false,
    replyTo: item.replyTo,
    reactions: [],
  });

  const save = (item: OutboxItem, tell = true) => {
    items.set(item.clientId, item);
    void context.cache.putOutbox(item);
    if (tell) context.tabs?.tell({ type: 'outbox', item });
  };
  const put = (item: OutboxItem, tell = true) => {
    const isNew = !items.has(item.clientId);
    save(item, tell);
    if (!isNew && find(item)?.createdAt !== rowOf(item).createdAt) {
      conversations.remove(item.peerId, item.clientId, false);
    }
    conversations.apply(item.peerId, [rowOf(item)], 'local');
    publish();
  };
  const find = (item: OutboxItem) => conversations.find(item.peerId, item.clientId);

  const land = (clientId: string) => {
    clearTimeout(inFlight.get(clientId));
    inFlight.delete(clientId);
  };
  const forget = (clientId: string, row: ChatMessage | null, tell: boolean) => {
    land(clientId);
    faults.delete(clientId);
    if (!items.delete(clientId)) return;
    void context.cache.removeOutbox(clientId);
    if (tell) context.tabs?.tell({ type: 'settled', clientId, row });
    publish();
  };
  const fail = (item: OutboxItem, error: SendFailure) => {
    land(item.clientId);
    put({ ...item, state: 'failed', error });
    const message = find(item);
    if (message) context.emit('failed', { message });
  };

  const pumpAt = (at: number) => {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(
      () => {
        timer = null;
        pump();
      },
      Math.max(0, at - context.now()),
    );
  };

  const launch = (item: OutboxItem) => {
    const quoted = item.replyTo && (conversations.find(item.peerId, item.replyTo.id)?.id ?? null);
    // A quoted message outside the window is named by its id; one that was discarded cannot be named.
    const replyTo = quoted ?? (item.replyTo && !items.has(item.replyTo.id) ? item.replyTo.id : null);
    // Noted before it is sent, so that no answer can come too early.
    save({ ...item, attempts: item.attempts + 1 }, false);
    inFlight.set(
      item.clientId,
      setTimeout(() => {
        inFlight.delete(item.clientId);
        context.logger.warn('a message was not acknowledged in time', { clientId: item.clientId });
        pump();
      }, ACK_MS),
    );
    const isSent = context.send({
      type: 'message',
      // A server that names people otherwise is given the name as it is.
      recipient_id: wireId(item.peerId) as number,
      text: item.text,
      reply_to_id: replyTo,
      client_id: item.clientId,
    });
    if (isSent) return;
    land(item.clientId);
    save(item, false);
  };

  const pump = () => {
    if (!context.isOnline()) return;
    const now = context.now();
    if (pausedUntil > now) return pumpAt(pausedUntil);
    const busy = new Set<string>();
    let wake = Number.POSITIVE_INFINITY;
    for (const item of [...items.values()].sort((a, b) => a.createdAt - b.createdAt)) {
      if (item.state !== 'pending' || item.owner !== me || busy.has(item.peerId)) continue;
      busy.add(item.peerId);
      if (inFlight.has(item.clientId)) continue;
      if (now - item.createdAt > KEEP_MS) {
        busy.delete(item.peerId);
        fail(item, { code: 'expired', message: 'Not sent within a day' });
        continue;
      }
      const at = notBefore.get(item.peerId) ?? 0;
      if (at > now) {
        wake = Math.min(wake, at);
        continue;
      }
      if (item.attempts > 0 && !hooks.isIdempotent() && looked.get(item.peerId) !== true) {
        if (looked.has(item.peerId)) continue;
        looked.set(item.peerId, false);
        hooks.look(item.peerId).then(() => {
          looked.set(item.peerId, true);
          pump();
        });
        continue;
      }
      launch(item);
    }
    if (wake < Number.POSITIVE_INFINITY) pumpAt(wake);
  };

  const claim = (peerId: string) => {
    if (hooks.isIdempotent()) return;
    for (const item of [...items.values()]) {
      if (item.peerId !== peerId || item.attempts === 0 || inFlight.has(item.clientId)) continue;
      const stored = conversations.thread(peerId).messages.find(
        (row) =>
          row.own &&
          row.id !== null &&
          row.clientId === null &&
          row.text === item.text &&
          // Clocks differ; a minute early is still the same message.
          Date.parse(row.createdAt) > item.createdAt - 60_000,
      );
      if (stored) conversations.apply(peerId, [{ ...stored, clientId: item.clientId }], 'local');
    }
  };

  const waitFor = (item: OutboxItem, seconds: number, everybody: boolean) => {
    land(item.clientId);
    const until = context.now() + seconds * 1000;
    if (everybody) pausedUntil = Math.max(pausedUntil, until);
    else notBefore.set(item.peerId, until);
    pump();
    pumpAt(until);
  };

  return {
    send(peerId, text, replyTo) {
      const newest = [...items.values()].reduce((top, item) => Math.max(top, item.createdAt), 0);
      const item: OutboxItem = {
        clientId: uuid(context.random),
        peerId,
        text,
        replyTo,
        // Never two at the same moment: the order of pending rows is the order of sending.
        createdAt: Math.max(context.now(), newest + 1),
        attempts: 0,
        state: 'pending',
        error: null,
        owner: me,
      };
      put(item);
      context.state.flush();
      pump();
      return find(item) ?? rowOf(item);
    },
    retry(clientId) {
      const item = items.get(clientId);
      if (item?.state !== 'failed') return;
      faults.delete(clientId);
      put({ ...item, state: 'pending', error: null, owner: me, createdAt: context.now() });
      context.state.flush();
      pump();
    },
    discard(clientId) {
      const item = items.get(clientId);
      if (!item) return;
      forget(clientId, null, true);
      conversations.remove(item.peerId, clientId, false);
      context.state.flush();
      pump();
    },
    start() {
      looked.clear();
      pausedUntil = 0;
      notBefore.clear();
      void this.adopt(false);
      pump();
    },
    stop(code) {
      for (const clientId of [...inFlight.keys()]) {
        land(clientId);
        const item = items.get(clientId);
        if (code === 1009 && item) fail(item, { code: 'too_long', message: 'The message is too long' });
      }
    },
    acknowledged(frame) {
      const wire = frame.message as WireMessage | undefined;
      const row = wire && conversations.read(wire);
      if (!row) return null;
      let clientId = row.clientId ?? (typeof frame.client_id === 'string' ? frame.client_id : null);
      if (!clientId && row.seq === null) {
        // A server that does not echo client_id answers in the order of the sends.
        const match = [...inFlight.keys()].find((id) => {
          const item = items.get(id);
          return item?.text === row.text && item.peerId === row.peerId;
        });
        clientId = match ?? null;
      }
      const stored = { ...row, clientId, key: clientId ?? row.key };
      conversations.apply(row.peerId, [stored], 'live');
      pump();
      return stored;
    },
    refused(frame) {
      const code = typeof frame.code === 'string' ? frame.code : null;
      const text = typeof frame.message === 'string' ? frame.message : '';
      const seconds = Number(frame.retry_after) || 0;
      let clientId = typeof frame.client_id === 'string' ? frame.client_id : null;
      if (!clientId && !code && REFUSALS.test(text)) clientId = inFlight.keys().next().value ?? null;
      const item = clientId ? items.get(clientId) : undefined;
      if (!item) {
        if (code === 'rate_limited' && seconds)
          pausedUntil = Math.max(pausedUntil, context.now() + seconds * 1000);
        return false;
      }
      if (code && LATER.has(code)) {
        waitFor(item, seconds || 1, code !== 'storage_full');
      } else if (code === 'not_authenticated' || seconds) {
        waitFor(item, seconds || 1, false);
      } else if (code === 'internal') {
        const tries = (faults.get(item.clientId) ?? 0) + 1;
        faults.set(item.clientId, tries);
        if (tries < INTERNAL_TRIES) waitFor(item, 2 ** tries, false);
        else fail(item, { code, message: text });
      } else {
        fail(item, { code: code ?? 'unknown', message: text });
        pump();
      }
      return true;
    },
    settled: (clientId, row) => forget(clientId, row, items.get(clientId)?.owner === me),
    settledElsewhere(clientId, row) {
      const item = items.get(clientId);
      if (!item) return;
      forget(clientId, null, false);
      if (row) conversations.apply(item.peerId, [row], 'local');
      else conversations.remove(item.peerId, clientId, false);
    },
    claim,
    heard(item) {
      const known = items.get(item.clientId);
      if (known?.owner === me && item.owner === me) return;
      land(item.clientId);
      items.set(item.clientId, item);
      if (known && find(item)?.createdAt !== rowOf(item).createdAt) {
        conversations.remove(item.peerId, item.clientId, false);
      }
      conversations.apply(item.peerId, [rowOf(item)], 'local');
      publish();
    },
    async restore(stored) {
      // What was sent before the device was ready to remember it.
      for (const item of items.values()) save(item);
      for (const item of stored) {
        if (items.has(item.clientId)) continue;
        items.set(item.clientId, item);
        conversations.apply(item.peerId, [rowOf(item)], 'local');
      }
      publish();
      await this.adopt(true);
    },
    async adopt(guess) {
      const owners = new Set([...items.values()].map((item) => item.owner));
      owners.delete(me);
      for (const owner of owners) {
        if (context.tabs && !(await context.tabs.isGone(owner, guess))) continue;
        for (const item of items.values()) if (item.owner === owner) put({ ...item, owner: me });
      }
      pump();
    },
    pump,
    reset() {
      for (const clientId of inFlight.keys()) land(clientId);
      if (timer !== null) clearTimeout(timer);
      timer = null;
      items.clear();
      notBefore.clear();
      looked.clear();
      faults = new Map();
      pausedUntil = 0;
    },
  };
}
