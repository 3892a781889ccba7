/** Sending: once, in order, whatever breaks in between. */
import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
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
import { FakeServer, LENA, NADIA, OMAR } from './helpers/server';

let server: FakeServer;
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
const stored = () => server.messages.map((one) => one.text);

describe('sending', () => {
  it('shows the message at once and keeps its key when it is stored', async () => {
    const client = await online(server, NADIA);
    const omar = client.conversation(OMAR);
    const message = omar.send('  lunch?  ');
    expect(rows(client, OMAR)).toMatchObject([{ text: 'lunch?', status: 'pending', own: true }]);
    expect(state(client).conversations[0]).toMatchObject({ peerId: '9', lastMessage: { text: 'lunch?' } });
    await settle();
    expect(rows(client, OMAR)).toMatchObject([{ key: message?.key, id: 'm1', status: 'sent', seq: 1 }]);
    expect(state(client).outbox).toEqual([]);
    expect(omar.send('   ')).toBeNull();
  });

  it('stores once when the acknowledgement is lost: same client_id, after 15 s', async () => {
    const client = await online(server, NADIA);
    client.conversation(OMAR).send('first');
    await settle();
    server.loseAcks = 2;
    client.conversation(OMAR).send('hello');
    await pass(14_000);
    expect(server.current.of('message')).toHaveLength(2);
    await pass(20_000);
    const sent = server.current.of('message').slice(1);
    expect(sent).toHaveLength(3);
    expect(new Set(sent.map((frame) => frame.client_id)).size).toBe(1);
    expect(stored()).toEqual(['first', 'hello']);
    expect(rows(client, OMAR)[1]).toMatchObject({ status: 'sent', text: 'hello' });
    expect(state(client).outbox).toEqual([]);
  });

  it('stores once when the connection breaks before the acknowledgement', async () => {
    const client = await online(server, NADIA);
    server.loseAcks = 1;
    client.conversation(OMAR).send('hello');
    await settle();
    server.dropAll();
    await pass(1_000);
    expect(stored()).toEqual(['hello']);
    expect(texts(client, OMAR)).toEqual(['hello']);
    expect(rows(client, OMAR)[0]?.status).toBe('sent');
  });

  it('keeps the order within a conversation, also over a breakdown', async () => {
    const client = await online(server, NADIA);
    const omar = client.conversation(OMAR);
    for (let i = 0; i < 5; i += 1) omar.send(`a${i}`);
    server.dropAll();
    for (let i = 5; i < 10; i += 1) omar.send(`a${i}`);
    await pass(2_000);
    expect(stored()).toEqual(Array.from({ length: 10 }, (_, i) => `a${i}`));
    expect(texts(client, OMAR)).toEqual(stored());
  });

  it('does not let one conversation wait for another', async () => {
    const client = await online(server, NADIA);
    server.refuse = [{ message: 'no room', code: 'storage_full', retry_after: 30 }];
    client.conversation(OMAR).send('waits');
    await settle();
    client.conversation(LENA).send('goes');
    await settle();
    expect(stored()).toEqual(['goes']);
    await pass(31_000);
    expect(stored()).toEqual(['goes', 'waits']);
  });

  it('waits as long as told, then sends the same again', async () => {
    const client = await online(server, NADIA);
    server.refuse = [{ message: 'slow down', code: 'rate_limited', retry_after: 3 }];
    const omar = client.conversation(OMAR);
    omar.send('one');
    omar.send('two');
    await pass(2_900);
    expect(server.current.of('message')).toHaveLength(1);
    expect(rows(client, OMAR)[0]?.status).toBe('pending');
    await pass(200);
    expect(stored()).toEqual(['one', 'two']);
  });

  it('fails for good with the reason, lets the next one pass, and can be retried or discarded', async () => {
    const client = await online(server, NADIA);
    const failed: string[] = [];
    client.on('failed', ({ message }) => failed.push(message.text));
    server.refuse = [{ message: 'Message is too long', code: 'too_long', field: 'text' }];
    const omar = client.conversation(OMAR);
    const first = omar.send('much too long');
    omar.send('short');
    await settle();
    expect(stored()).toEqual(['short']);
    expect(failed).toEqual(['much too long']);
    expect(rows(client, OMAR)).toMatchObject([
      { text: 'short', status: 'sent' },
      {
        text: 'much too long',
        status: 'failed',
        error: { code: 'too_long', message: 'Message is too long' },
      },
    ]);
    omar.retry(first?.key ?? '');
    await settle();
    expect(stored()).toEqual(['short', 'much too long']);
    expect(rows(client, OMAR)[1]).toMatchObject({ status: 'sent', error: null, key: first?.key });

    server.refuse = [{ message: 'no', code: 'invalid' }];
    const second = omar.send('never');
    await settle();
    omar.discard(second?.key ?? '');
    expect(texts(client, OMAR)).toEqual(['short', 'much too long']);
    expect(state(client).outbox).toEqual([]);
  });

  it('gives a fault of the server five tries', async () => {
    const client = await online(server, NADIA);
    server.refuse = Array.from({ length: 9 }, () => ({ message: 'oops', code: 'internal' }));
    client.conversation(OMAR).send('x');
    await pass(120_000);
    expect(server.current.of('message')).toHaveLength(5);
    expect(rows(client, OMAR)[0]).toMatchObject({ status: 'failed', error: { code: 'internal' } });
  });

  it('fails with an unknown recipient, and leaves no conversation behind when discarded', async () => {
    const client = await online(server, NADIA);
    const nobody = client.conversation(404404);
    const message = nobody.send('anybody?');
    await settle();
    expect(rows(client, 404404)[0]).toMatchObject({
      status: 'failed',
      error: { code: 'not_found', message: 'Recipient not found' },
    });
    nobody.discard(message?.key ?? '');
    expect(state(client).conversations).toEqual([]);
  });

  it('quotes a message that is itself still on its way', async () => {
    const client = await online(server, NADIA);
    server.down = true;
    server.dropAll();
    await settle();
    const omar = client.conversation(OMAR);
    const first = omar.send('question');
    omar.send('answer', { replyTo: first?.key ?? '' });
    expect(rows(client, OMAR)[1]?.replyTo).toMatchObject({ text: 'question' });
    server.down = false;
    await pass(5_000);
    expect(server.current.of('message').map((frame) => frame.reply_to_id)).toEqual([null, 'm1']);
  });

  it('splits off a message that breaks the connection because of its size', async () => {
    const client = await online(server, NADIA);
    server.receive = (socket, frame) => {
      if (frame.type === 'message') socket.drop(1009);
    };
    client.conversation(OMAR).send('huge');
    await pass(5_000);
    expect(rows(client, OMAR)[0]).toMatchObject({ status: 'failed', error: { code: 'too_long' } });
    expect(client.status).toBe('online');
  });
});

describe('the durable outbox', () => {
  const kept = { cache: 'indexeddb' as const };

  it('sends after a restart what was not sent before it', async () => {
    server.down = true;
    const before = await online(server, NADIA, kept);
    before.conversation(OMAR).send('one');
    before.conversation(OMAR).send('two');
    await settle();
    kill(before);
    server.down = false;
    const after = await online(server, NADIA, kept);
    await pass(1_000);
    expect(stored()).toEqual(['one', 'two']);
    expect(texts(after, OMAR)).toEqual(['one', 'two']);
    kill(after);
    await settle();
    const third = await online(server, NADIA, kept);
    expect(state(third).outbox).toEqual([]);
  });

  it('stores once although the first life was cut off before the acknowledgement', async () => {
    const before = await online(server, NADIA, kept);
    server.loseAcks = 1;
    before.conversation(OMAR).send('once');
    await settle();
    kill(before);
    const after = await online(server, NADIA, kept);
    await pass(2_000);
    expect(stored()).toEqual(['once']);
    expect(texts(after, OMAR)).toEqual(['once']);
    expect(rows(after, OMAR)[0]?.status).toBe('sent');
  });

  it('keeps what was sent and typed before the device was ready to remember', async () => {
    server.down = true;
    const before = makeClient(server, NADIA, kept);
    before.connect();
    before.conversation(OMAR).send('early');
    before.conversation(OMAR).setDraft('early too');
    await settle();
    kill(before);
    await settle();
    server.down = false;
    const after = await online(server, NADIA, kept);
    await pass(1_000);
    expect(stored()).toEqual(['early']);
    expect(state(after).drafts).toEqual({ '9': 'early too' });
  });

  it('keeps a failed message with its reason', async () => {
    const before = await online(server, NADIA, kept);
    server.refuse = [{ message: 'no', code: 'invalid' }];
    before.conversation(OMAR).send('bad');
    await settle();
    kill(before);
    const after = await online(server, NADIA, kept);
    expect(rows(after, OMAR)).toMatchObject([{ text: 'bad', status: 'failed', error: { code: 'invalid' } }]);
    await pass(30_000);
    expect(stored()).toEqual([]);
  });

  it('never sends by itself what is older than a day', async () => {
    server.down = true;
    const before = await online(server, NADIA, kept);
    const message = before.conversation(OMAR).send('old news');
    await settle();
    kill(before);
    await pass(25 * 60 * 60 * 1000);
    server.down = false;
    const after = await online(server, NADIA, kept);
    await pass(1_000);
    expect(stored()).toEqual([]);
    expect(rows(after, OMAR)).toMatchObject([{ status: 'failed', error: { code: 'expired' } }]);
    after.conversation(OMAR).retry(message?.key ?? '');
    await settle();
    expect(stored()).toEqual(['old news']);
  });

  it('lets two tabs send each their own, once, and shows both in both', async () => {
    const tabs = { ...kept, locks: fakeLocks(), BroadcastChannel: fakeChannels() };
    const a = await online(server, NADIA, tabs);
    const b = await online(server, NADIA, tabs);
    server.down = true;
    server.dropAll();
    a.conversation(OMAR).send('from a');
    b.conversation(OMAR).send('from b');
    await settle();
    expect(texts(a, OMAR).sort()).toEqual(['from a', 'from b']);
    expect(texts(b, OMAR).sort()).toEqual(['from a', 'from b']);
    server.down = false;
    await pass(5_000);
    expect(stored().sort()).toEqual(['from a', 'from b']);
    expect(server.sockets.flatMap((socket) => socket.of('message'))).toHaveLength(2);
    for (const client of [a, b]) {
      expect(texts(client, OMAR)).toEqual(stored());
      expect(rows(client, OMAR).every((row) => row.status === 'sent')).toBe(true);
      expect(state(client).outbox).toEqual([]);
    }
  });

  it('takes over what a closed tab has left, and nothing from a living one', async () => {
    const tabs = { ...kept, locks: fakeLocks(), BroadcastChannel: fakeChannels() };
    server.down = true;
    const a = await online(server, NADIA, tabs);
    a.conversation(OMAR).send('orphan');
    await settle();
    kill(a);
    const living = makeClient(server, NADIA, {
      ...tabs,
      getToken: async () => Promise.reject(new Error('no network')),
      userId: NADIA,
    });
    living.connect();
    await settle();
    living.conversation(OMAR).send('not yours');
    await settle();
    server.down = false;
    const b = await online(server, NADIA, tabs);
    await pass(1_000);
    // "living" was first to find the orphan, so it is its own now; b must not touch either.
    expect(server.sockets.flatMap((socket) => socket.of('message'))).toHaveLength(0);
    kill(living);
    server.dropAll();
    await pass(1_000);
    expect(stored().sort()).toEqual(['not yours', 'orphan']);
    expect(texts(b, OMAR).sort()).toEqual(['not yours', 'orphan']);
  });

  it('is stored once even where tabs cannot know of each other', async () => {
    server.down = true;
    const a = await online(server, NADIA, kept);
    a.conversation(OMAR).send('twice?');
    await settle();
    // Without locks, the second tab believes the first one gone.
    const b = await online(server, NADIA, kept);
    server.down = false;
    await pass(10_000);
    expect(server.sockets.flatMap((socket) => socket.of('message')).length).toBeGreaterThanOrEqual(2);
    expect(stored()).toEqual(['twice?']);
    expect(texts(a, OMAR)).toEqual(['twice?']);
    expect(texts(b, OMAR)).toEqual(['twice?']);
  });

  it('works without IndexedDB', async () => {
    vi.stubGlobal('indexedDB', {
      open() {
        throw new Error('SecurityError');
      },
    });
    const client = await online(server, NADIA, kept);
    client.conversation(OMAR).send('fine');
    await settle();
    expect(stored()).toEqual(['fine']);
    vi.unstubAllGlobals();
  });
});
