/** What the device remembers: painted first, brought up to date, and gone when it must be. */
import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { openDB } from 'idb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  destroyAll,
  fakeChannels,
  fakeLocks,
  kill,
  makeClient,
  online,
  pass,
  rows,
  settle,
  state,
  texts,
  useFakeTime,
} from './helpers/client';
import { FakeServer, LENA, NADIA, OMAR, tokenFor } from './helpers/server';

let server: FakeServer;
const kept = { cache: 'indexeddb' as const };
beforeEach(() => {
  useFakeTime();
  globalThis.indexedDB = new IDBFactory();
  server = new FakeServer();
});
afterEach(async () => {
  destroyAll();
  await settle();
  vi.useRealTimers();
});
const databases = async () => (await indexedDB.databases()).map((one) => one.name).sort();

/** A first visit that leaves something behind. */
async function visit(count = 5) {
  for (let i = 1; i <= count; i += 1) server.store(OMAR, NADIA, `t${i}`);
  const client = await online(server, NADIA, kept);
  client.conversation(OMAR).open();
  await pass(1_000);
  kill(client);
  await settle();
}

describe('the cache', () => {
  it('paints before the network answers', async () => {
    await visit();
    server.down = true;
    const client = await online(server, NADIA, kept);
    expect(client.status).not.toBe('online');
    expect(texts(client, OMAR)).toEqual(['t1', 't2', 't3', 't4', 't5']);
    expect(state(client)).toMatchObject({ me: { name: 'nadia K' }, unread: { total: 5 } });
    expect(state(client).conversations.map((one) => one.lastMessage?.text)).toEqual(['t5']);
    expect(client.conversation(OMAR).getThread().source).toBe('cache');
  });

  it('is brought up to date by resuming from where it ended', async () => {
    await visit();
    server.edit(server.messages[0] as never, 'edited');
    server.remove(server.messages[1] as never);
    server.store(OMAR, NADIA, 't6');
    const client = await online(server, NADIA, kept);
    expect(server.current.of('resume')[0]).toMatchObject({ cursors: { 'c-7-9': 5 }, epoch: 'epoch-1' });
    expect(texts(client, OMAR)).toEqual(['edited', 't3', 't4', 't5', 't6']);
    await pass(1_000);
    kill(client);
    await settle();
    server.down = true;
    const later = await online(server, NADIA, kept);
    expect(texts(later, OMAR)).toEqual(['edited', 't3', 't4', 't5', 't6']);
  });

  it('is thrown away when the server has become another one', async () => {
    await visit();
    server.epoch = 'epoch-2';
    server.messages = server.messages.slice(0, 2);
    const client = await online(server, NADIA, kept);
    expect(texts(client, OMAR)).toEqual([]);
    client.conversation(OMAR).open();
    await settle();
    expect(texts(client, OMAR)).toEqual(['t1', 't2']);
  });

  it('is not trusted when the server cannot resume', async () => {
    await visit(60);
    server.age = 'no-resume';
    for (let i = 61; i <= 130; i += 1) server.store(OMAR, NADIA, `t${i}`);
    const client = await online(server, NADIA, kept);
    client.conversation(OMAR).open();
    await settle();
    // The page does not reach back to what was remembered: what lies between is unknown, so it goes.
    expect(texts(client, OMAR)[0]).toBe('t81');
    await client.conversation(OMAR).loadOlder();
    expect(texts(client, OMAR)).toHaveLength(100);
    expect(texts(client, OMAR)[0]).toBe('t31');
  });

  it('keeps the newest 200 messages of a conversation and pages on from there', async () => {
    for (let i = 1; i <= 260; i += 1) server.store(OMAR, NADIA, `t${i}`);
    const first = await online(server, NADIA, kept);
    const omar = first.conversation(OMAR);
    omar.open();
    await settle();
    for (let i = 0; i < 5; i += 1) await omar.loadOlder();
    expect(texts(first, OMAR)).toHaveLength(260);
    await pass(1_000);
    kill(first);
    await settle();
    const again = await online(server, NADIA, kept);
    // The database of the test needs a turn for every row.
    await settle(400);
    expect(texts(again, OMAR)).toHaveLength(200);
    await again.conversation(OMAR).loadOlder();
    await again.conversation(OMAR).loadOlder();
    expect(texts(again, OMAR)).toEqual(Array.from({ length: 260 }, (_, i) => `t${i + 1}`));
  });

  it('lets the conversation used least recently go first when it grows too large', async () => {
    const { openCache, MESSAGES_MAX } = await import('../../src/client/cache');
    const cache = await openCache('chat:test:1', { debug() {}, warn() {} });
    const row = (peerId: string, i: number) => ({ peerId, key: `${peerId}-${i}`, rev: 1 }) as never;
    const conversation = (peerId: string, usedAt: number) => ({ peerId, usedAt }) as never;
    const batch = { dropped: [], cleared: [], users: [], epoch: null };
    await cache.save({
      ...batch,
      conversations: [conversation('old', 1)],
      messages: Array.from({ length: 600 }, (_, i) => row('old', i)),
    });
    await cache.save({
      ...batch,
      conversations: [conversation('new', 2)],
      messages: Array.from({ length: MESSAGES_MAX - 500 }, (_, i) => row('new', i)),
    });
    const { messages, conversations } = await cache.load();
    expect(new Set(messages.map((one) => one.peerId))).toEqual(new Set(['new']));
    expect(conversations).toHaveLength(2);
    cache.close();
  });

  it('does not let a slow tab write an old state over a newer one', async () => {
    const { openCache } = await import('../../src/client/cache');
    const cache = await openCache('chat:test:2', { debug() {}, warn() {} });
    const batch = { conversations: [], dropped: [], cleared: [], users: [], epoch: null };
    await cache.save({ ...batch, messages: [{ peerId: '9', key: 'a', rev: 5, text: 'new' } as never] });
    await cache.save({ ...batch, messages: [{ peerId: '9', key: 'a', rev: 3, text: 'old' } as never] });
    expect((await cache.load()).messages).toMatchObject([{ text: 'new' }]);
    cache.close();
  });

  it('holds no token', async () => {
    await visit();
    const db = await openDB('chat:chat.test:7');
    let dump = '';
    for (const store of db.objectStoreNames) dump += JSON.stringify(await db.getAll(store));
    db.close();
    expect(dump).toContain('t5');
    expect(dump).not.toContain(tokenFor(NADIA));
  });
});

describe('leaving', () => {
  it('wipes everything on logout, also in other tabs', async () => {
    const tabs = { ...kept, locks: fakeLocks(), BroadcastChannel: fakeChannels() };
    server.store(OMAR, NADIA, 'secret');
    const a = await online(server, NADIA, tabs);
    const b = await online(server, NADIA, tabs);
    a.conversation(OMAR).open();
    a.conversation(OMAR).setDraft('half a thought');
    await pass(1_000);
    expect(await databases()).toEqual(['chat:chat.test:7']);
    await a.logout();
    await pass(1_000);
    expect(state(b)).toMatchObject({
      status: 'unauthorized',
      conversations: [],
      threads: {},
      me: null,
      drafts: {},
    });
    expect(state(a)).toMatchObject({ conversations: [], threads: {}, users: {}, me: null, drafts: {} });
    const db = await openDB('chat:chat.test:7');
    for (const store of db.objectStoreNames) expect(await db.count(store), store).toBe(0);
    db.close();
  });

  it('shows nothing of one user to the next, and wipes what he left', async () => {
    let user = NADIA;
    server.store(OMAR, NADIA, 'for nadia');
    server.store(OMAR, LENA, 'for lena');
    const client = makeClient(server, NADIA, { ...kept, getToken: () => tokenFor(user) });
    client.connect();
    await settle();
    client.conversation(OMAR).open();
    await pass(1_000);
    expect(texts(client, OMAR)).toEqual(['for nadia']);
    user = LENA;
    server.dropAll();
    await pass(2_000);
    expect(state(client).me?.id).toBe('11');
    expect(JSON.stringify(state(client))).not.toContain('for nadia');
    client.conversation(OMAR).open();
    await settle();
    expect(texts(client, OMAR)).toEqual(['for lena']);
    await pass(1_000);
    expect(await databases()).toEqual(['chat:chat.test:11']);
  });

  it('deletes what another user left here, unless he is still in another tab', async () => {
    const locks = fakeLocks();
    await visit();
    const other = { debug() {}, warn() {} };
    const lena = await online(server, LENA, { ...kept, locks, logger: other });
    await settle();
    expect(await databases()).toEqual(['chat:chat.test:11']);
    const nadia = await online(server, NADIA, { ...kept, locks });
    await settle();
    expect(await databases()).toEqual(['chat:chat.test:11', 'chat:chat.test:7']);
    kill(lena);
    kill(nadia);
  });
});

describe('drafts', () => {
  it('survive a restart, for 30 days', async () => {
    const first = await online(server, NADIA, kept);
    first.conversation(OMAR).setDraft('half a thought');
    first.conversation(LENA).setDraft('gone');
    first.conversation(LENA).setDraft('');
    await pass(400);
    kill(first);
    await settle();
    const second = await online(server, NADIA, kept);
    expect(state(second).drafts).toEqual({ '9': 'half a thought' });
    kill(second);
    await settle();
    vi.setSystemTime(Date.now() + 31 * 24 * 60 * 60 * 1000);
    const third = await online(server, NADIA, kept);
    expect(state(third).drafts).toEqual({});
  });

  it('and read positions appear in other tabs', async () => {
    const tabs = { ...kept, locks: fakeLocks(), BroadcastChannel: fakeChannels() };
    server.store(OMAR, NADIA, 'x');
    const a = await online(server, NADIA, tabs);
    const b = await online(server, NADIA, tabs);
    server.down = true;
    server.dropAll();
    a.conversation(OMAR).setDraft('so far');
    a.conversation(OMAR).markRead();
    await pass(500);
    expect(state(b).drafts).toEqual({ '9': 'so far' });
    expect(state(b).unread.total).toBe(0);
  });

  it('are written when the page goes away', async () => {
    const events = new EventTarget();
    vi.stubGlobal('addEventListener', events.addEventListener.bind(events));
    vi.stubGlobal('removeEventListener', events.removeEventListener.bind(events));
    const first = await online(server, NADIA, kept);
    first.conversation(OMAR).setDraft('just typed');
    events.dispatchEvent(new Event('pagehide'));
    await settle();
    vi.unstubAllGlobals();
    const second = await online(server, NADIA, kept);
    expect(state(second).drafts).toEqual({ '9': 'just typed' });
    expect(rows(second, OMAR)).toEqual([]);
  });
});
