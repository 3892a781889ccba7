/**
 * Loaded only when something is to be remembered. What the device remembers of one user: `chat:<host>:<userId>` in IndexedDB, or nothing where that is
 * missing. Whatever fails here is reported and otherwise ignored: the server is the truth, except for the
 * outbox, which then lives as long as the page.
 */

import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { type CachedConversation, type CachedDraft, type ChatCache, memoryCache, nothing } from './remember';
import type { Logger } from './surface';
import type { ChatMessage, ChatUser, OutboxItem } from './types';

interface Schema extends DBSchema {
  conversations: { key: string; value: CachedConversation };
  messages: { key: [string, string]; value: ChatMessage };
  users: { key: string; value: ChatUser };
  outbox: { key: string; value: OutboxItem };
  drafts: { key: string; value: CachedDraft };
  meta: { key: string; value: string };
}

const STORES = ['conversations', 'messages', 'users', 'outbox', 'drafts', 'meta'] as const;
const OPEN_MS = 3_000;
export const MESSAGES_MAX = 5_000;

const open = (name: string): Promise<IDBPDatabase<Schema>> =>
  openDB<Schema>(name, 1, {
    upgrade(db) {
      db.createObjectStore('conversations', { keyPath: 'peerId' });
      db.createObjectStore('messages', { keyPath: ['peerId', 'key'] });
      db.createObjectStore('users', { keyPath: 'id' });
      db.createObjectStore('outbox', { keyPath: 'clientId' });
      db.createObjectStore('drafts', { keyPath: 'peerId' });
      db.createObjectStore('meta');
    },
    blocking(_current, _blocked, event) {
      // Somebody deletes or upgrades the database: do not stand in the way.
      (event.target as IDBDatabase).close();
    },
  });

const late = (ms: number) =>
  new Promise<never>((_, reject) => setTimeout(() => reject(new Error('IndexedDB does not answer')), ms));

export async function openCache(name: string, logger: Logger): Promise<ChatCache> {
  const factory = globalThis.indexedDB as IDBFactory | undefined;
  if (!factory) return memoryCache();
  let db: IDBPDatabase<Schema>;
  try {
    db = await Promise.race([open(name), late(OPEN_MS)]);
  } catch (error) {
    logger.warn('nothing is remembered on this device', { error: String(error) });
    return memoryCache();
  }
  const attempt = async <T>(work: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      logger.warn('remembering failed', { error: String(error) });
      return otherwise;
    }
  };
  const range = (peerId: string) => IDBKeyRange.bound([peerId, ''], [peerId, '\uffff']);

  /** Forgets the messages of the conversations used least, until few enough are left. */
  const evict = () =>
    attempt(async () => {
      if ((await db.count('messages')) <= MESSAGES_MAX) return;
      const tx = db.transaction(['conversations', 'messages'], 'readwrite');
      const messages = tx.objectStore('messages');
      const conversations = await tx.objectStore('conversations').getAll();
      conversations.sort((a, b) => a.usedAt - b.usedAt);
      let left = await messages.count();
      for (const one of conversations) {
        if (left <= MESSAGES_MAX * 0.9) break;
        left -= await messages.count(range(one.peerId));
        await messages.delete(range(one.peerId));
      }
      await tx.done;
    }, undefined);

  return {
    load: () =>
      attempt(async () => {
        const tx = db.transaction(STORES);
        const all = <Name extends 'conversations' | 'messages' | 'users' | 'outbox' | 'drafts'>(
          store: Name,
        ) => tx.objectStore(store).getAll();
        const [conversations, messages, users, outbox, drafts, epoch] = await Promise.all([
          all('conversations'),
          all('messages'),
          all('users'),
          all('outbox'),
          all('drafts'),
          tx.objectStore('meta').get('epoch'),
        ]);
        return { conversations, messages, users, outbox, drafts, epoch: epoch ?? null };
      }, nothing()),
    save: (batch) =>
      attempt(async () => {
        const tx = db.transaction(['conversations', 'messages', 'users', 'meta'], 'readwrite');
        const messages = tx.objectStore('messages');
        const jobs: Promise<unknown>[] = batch.cleared.map((peerId) => messages.delete(range(peerId)));
        for (const key of batch.dropped) jobs.push(messages.delete(key));
        for (const row of batch.messages) {
          // Another tab may have kept a newer state of it.
          const kept = await messages.get([row.peerId, row.key]);
          if (!kept || kept.rev <= row.rev) jobs.push(messages.put(row));
        }
        for (const one of batch.conversations) jobs.push(tx.objectStore('conversations').put(one));
        for (const user of batch.users) jobs.push(tx.objectStore('users').put(user));
        if (batch.epoch !== null) jobs.push(tx.objectStore('meta').put(batch.epoch, 'epoch'));
        await Promise.all([...jobs, tx.done]);
        if (batch.messages.length) await evict();
      }, undefined),
    putOutbox: (item) => attempt(async () => void (await db.put('outbox', item)), undefined),
    removeOutbox: (clientId) => attempt(() => db.delete('outbox', clientId), undefined),
    outbox: () => attempt(() => db.getAll('outbox'), []),
    putDraft: (draft) =>
      attempt(async () => {
        if (draft.text) await db.put('drafts', draft);
        else await db.delete('drafts', draft.peerId);
      }, undefined),
    wipe: () =>
      attempt(async () => {
        // Emptied before it is deleted: deleting waits for other tabs, emptying does not.
        const tx = db.transaction(STORES, 'readwrite');
        await Promise.all([...STORES.map((store) => tx.objectStore(store).clear()), tx.done]);
        db.close();
        factory.deleteDatabase(name);
      }, undefined),
    close: () => db.close(),
  };
}

/** Deletes what other users left on this device, as far as `isFree` says that no open page uses it. */
export async function wipeOthers(
  prefix: string,
  own: string,
  isFree: (name: string) => Promise<boolean>,
): Promise<void> {
  const factory = globalThis.indexedDB as IDBFactory | undefined;
  try {
    for (const { name } of (await factory?.databases?.()) ?? []) {
      if (name?.startsWith(prefix) && name !== own && (await isFree(name))) factory?.deleteDatabase(name);
    }
  } catch {
    // A browser that cannot list them.
  }
}
