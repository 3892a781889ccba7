/** Missing nothing: gaps, catching up, starting over, and servers that cannot help with it. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  destroyAll,
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
  server = new FakeServer();
});
afterEach(async () => {
  destroyAll();
  await settle();
  vi.useRealTimers();
});
const fill = (count: number, from = OMAR, to = NADIA) => {
  for (let i = 1; i <= count; i += 1) server.store(from, to, `t${i}`);
};
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `t${from + i}`);

describe('history', () => {
  it('shows the newest page, then older ones until there are none', async () => {
    fill(120);
    const client = await online(server, NADIA);
    const omar = client.conversation(OMAR);
    omar.open();
    await settle();
    expect(texts(client, OMAR)).toEqual(numbers(71, 120));
    expect(omar.getThread()).toMatchObject({ hasOlder: true, source: 'ready', loading: null });
    await Promise.all([omar.loadOlder(), omar.loadOlder()]);
    expect(texts(client, OMAR)).toEqual(numbers(21, 120));
    await omar.loadOlder();
    await settle();
    expect(texts(client, OMAR)).toEqual(numbers(1, 120));
    expect(omar.getThread().hasOlder).toBe(false);
    const asked = server.requests.length;
    await omar.loadOlder();
    expect(server.requests.length).toBe(asked);
  });

  it('loads as far as a message that is asked for', async () => {
    fill(230);
    const client = await online(server, NADIA);
    const omar = client.conversation(OMAR);
    expect(await omar.loadAround('m20')).toBe(true);
    expect(texts(client, OMAR)).toContain('t20');
    expect(await omar.loadAround('nowhere')).toBe(false);
  });

  it('says why loading failed, and loads when asked again', async () => {
    fill(3);
    const client = await online(server, NADIA);
    server.answers.set('GET messaging/messages/', () => ({
      status: 500,
      body: { detail: 'An unexpected error occurred' },
    }));
    const omar = client.conversation(OMAR);
    omar.open();
    await settle();
    expect(omar.getThread()).toMatchObject({ loadError: 'An unexpected error occurred', loading: null });
    server.answers.clear();
    await omar.loadLatest();
    await settle();
    expect(omar.getThread().loadError).toBeNull();
    expect(texts(client, OMAR)).toEqual(numbers(1, 3));
  });

  it('waits as long as a busy server asks', async () => {
    fill(3);
    const client = await online(server, NADIA);
    let busy = 1;
    server.answers.set('GET messaging/messages/', () => ({
      status: 429,
      body: { detail: 'throttled' },
      headers: { 'Retry-After': '3' },
    }));
    const omar = client.conversation(OMAR);
    omar.open();
    await pass(2_900);
    expect(texts(client, OMAR)).toEqual([]);
    server.answers.clear();
    await pass(200);
    busy -= 1;
    expect(busy).toBe(0);
    expect(texts(client, OMAR)).toEqual(numbers(1, 3));
  });

  it('applies what happens while a page is on its way, also to messages the page brings', async () => {
    fill(60);
    const client = await online(server, NADIA);
    let release = () => {};
    server.hold = new Promise((done) => {
      release = done;
    });
    client.conversation(OMAR).open();
    await settle();
    const [edited, gone, liked] = [server.messages[55], server.messages[56], server.messages[57]];
    if (!edited || !gone || !liked) throw new Error('not enough messages');
    server.edit(edited, 'edited');
    server.remove(gone);
    server.react(liked, OMAR, '👍');
    server.store(OMAR, NADIA, 't61');
    await settle();
    server.hold = null;
    release();
    await settle();
    expect(texts(client, OMAR)).toEqual([...numbers(11, 55), 'edited', 't58', 't59', 't60', 't61']);
    expect(rows(client, OMAR).find((row) => row.id === liked.id)?.reactions).toHaveLength(1);
  });
});

describe('gaps', () => {
  it('asks for what is missing when a change comes without the one before it', async () => {
    fill(3);
    const client = await online(server, NADIA);
    client.conversation(OMAR).open();
    await settle();
    const { current } = server;
    current.dead = true;
    server.store(OMAR, NADIA, 't4');
    server.edit(server.messages[0] as never, 'edited');
    current.dead = false;
    server.store(OMAR, NADIA, 't5');
    await settle();
    const before = current.of('resume').length;
    await pass(500);
    expect(current.of('resume').length).toBe(before + 1);
    expect(current.of('resume').pop()?.cursors).toEqual({ 'c-7-9': 3 });
    expect(texts(client, OMAR)).toEqual(['edited', 't2', 't3', 't4', 't5']);
    await pass(5_000);
    expect(current.of('resume').length).toBe(before + 1);
  });

  it('asks nothing when the changes only came in another order', async () => {
    const client = await online(server, NADIA);
    server.store(OMAR, NADIA, 't1');
    await settle();
    const held: string[] = [];
    const deliver = server.current.deliver.bind(server.current);
    server.current.deliver = (frame) => void held.push(JSON.stringify(frame));
    server.store(OMAR, NADIA, 't2');
    server.store(OMAR, NADIA, 't3');
    server.store(OMAR, NADIA, 't4');
    const before = server.current.of('resume').length;
    for (const frame of held.reverse()) deliver(JSON.parse(frame));
    await pass(2_000);
    expect(server.current.of('resume').length).toBe(before);
    expect(texts(client, OMAR)).toEqual(numbers(1, 4));
    expect(state(client).unread.total).toBe(4);
  });

  it('counts and announces a repeated event once', async () => {
    const client = await online(server, NADIA);
    const heard: string[] = [];
    client.on('message', ({ message }) => heard.push(message.text));
    const deliver = server.current.deliver.bind(server.current);
    server.current.deliver = (frame) => {
      deliver(frame);
      deliver(frame);
    };
    server.store(OMAR, NADIA, 't1');
    await settle();
    expect(heard).toEqual(['t1']);
    expect(texts(client, OMAR)).toEqual(['t1']);
    expect(state(client).unread.total).toBe(1);
  });
});

describe('coming back', () => {
  it('learns of messages, edits, deletions, reactions and receipts', async () => {
    fill(5);
    const client = await online(server, NADIA);
    const synced: boolean[] = [];
    client.on('synced', ({ complete }) => synced.push(complete));
    const omar = client.conversation(OMAR);
    omar.open();
    omar.send('mine');
    await settle();
    server.down = true;
    server.dropAll();
    server.edit(server.messages[1] as never, 'edited');
    server.remove(server.messages[2] as never);
    server.react(server.messages[3] as never, OMAR, '👍');
    server.store(OMAR, NADIA, 'missed');
    server.store(LENA, NADIA, 'hello from lena');
    server.read.set(`${OMAR}:c-7-9`, 6);
    server.down = false;
    await pass(2_000);
    expect(texts(client, OMAR)).toEqual(['t1', 'edited', 't4', 't5', 'mine', 'missed']);
    expect(rows(client, OMAR).find((row) => row.text === 't4')?.reactions).toMatchObject([
      { reaction: '👍' },
    ]);
    expect(rows(client, OMAR).find((row) => row.text === 'mine')?.status).toBe('read');
    expect(state(client).conversations.map((one) => one.peerId)).toEqual(['11', '9']);
    expect(state(client).unread.byUser).toMatchObject({ '11': 1 });
    expect(synced.pop()).toBe(true);
    // The page was not needed.
    expect(
      server.requests.filter((one) => one.path.startsWith('messaging/messages/?user_id=9')),
    ).toHaveLength(1);
  });

  it('follows answers that come in parts', async () => {
    fill(2);
    server.syncPage = 3;
    const client = await online(server, NADIA);
    client.conversation(OMAR).open();
    await settle();
    server.down = true;
    server.dropAll();
    for (let i = 3; i <= 12; i += 1) server.store(OMAR, NADIA, `t${i}`);
    server.down = false;
    await pass(2_000);
    expect(texts(client, OMAR)).toEqual(numbers(1, 12));
    expect(
      server.current.of('resume').map((frame) => (frame.cursors as Record<string, number>)['c-7-9']),
    ).toEqual([2, 5, 8, 11]);
  });

  it('does not ask for ever a server that makes no progress', async () => {
    const client = await online(server, NADIA);
    server.receive = (socket, frame) => {
      if (frame.type === 'resume') socket.deliver({ type: 'resumed', epoch: 'e', complete: false });
    };
    server.dropAll();
    await pass(2_000);
    expect(client.status).toBe('online');
    expect(server.current.of('resume').length).toBeLessThanOrEqual(2);
  });

  it.each(['too far behind', 'another database'])('starts the conversation afresh: %s', async (why) => {
    fill(60);
    const client = await online(server, NADIA);
    client.conversation(OMAR).open();
    await settle();
    await client.conversation(OMAR).loadOlder();
    expect(texts(client, OMAR)).toHaveLength(60);
    server.down = true;
    server.dropAll();
    if (why === 'too far behind') server.resetAfter = 10;
    else server.epoch = 'epoch-2';
    for (let i = 61; i <= 90; i += 1) server.store(OMAR, NADIA, `t${i}`);
    const pending = client.conversation(OMAR).send('unsent');
    server.down = false;
    await pass(2_000);
    // The page may have been read after the unsent one was stored.
    const first = texts(client, OMAR).length === 51 ? 41 : 42;
    expect(texts(client, OMAR)).toEqual([...numbers(first, 90), 'unsent']);
    expect(rows(client, OMAR).at(-1)).toMatchObject({ key: pending?.key, status: 'sent' });
    expect(client.conversation(OMAR).getThread().hasOlder).toBe(true);
    await client.conversation(OMAR).loadOlder();
    expect(texts(client, OMAR)).toEqual([...numbers(1, 90), 'unsent']);
  });

  it('loads the newest page if starting afresh brings no messages', async () => {
    fill(5);
    const client = await online(server, NADIA);
    client.conversation(OMAR).open();
    await settle();
    server.current.deliver({
      type: 'sync',
      conversation_id: 'c-7-9',
      from_rev: 0,
      rev: 5,
      messages: [],
      cursors: [],
      has_more: false,
      reset: true,
    });
    await settle();
    expect(texts(client, OMAR)).toEqual(numbers(1, 5));
    expect(
      server.requests.filter((one) => one.path.startsWith('messaging/messages/?user_id=9')),
    ).toHaveLength(2);
  });

  it('takes out of the list what is gone, hides what was hidden elsewhere, and takes receipts', async () => {
    fill(3);
    server.store(LENA, NADIA, 'x');
    const client = await online(server, NADIA);
    client.conversation(OMAR).open();
    client.conversation(OMAR).send('mine');
    await settle();
    const sync = {
      type: 'sync',
      conversation_id: 'c-7-9',
      from_rev: 4,
      rev: 5,
      messages: [],
      hidden: ['m2'],
      has_more: false,
      reset: false,
    };
    server.current.deliver({ ...sync, cursors: [], last_seq: 4, unread_count: 1 });
    const cursors = [
      { user_id: 7, read_seq: 1, delivered_seq: 1 },
      { user_id: 9, read_seq: 4, delivered_seq: 4 },
    ];
    const receipts = [{ conversation_id: 'c-7-9', cursors, unread_count: 1 }];
    server.current.deliver({ type: 'resumed', epoch: 'epoch-1', complete: true, gone: ['c-7-11'], receipts });
    await settle();
    expect(texts(client, OMAR)).toEqual(['t1', 't3', 'mine']);
    expect(rows(client, OMAR).at(-1)?.status).toBe('read');
    expect(state(client).conversations.map((one) => one.peerId)).toEqual(['9']);
    expect(state(client).unread.byUser['9']).toBe(1);
  });

  it('counts a message once whether the list, a page or the event brings it first', async () => {
    fill(3);
    const client = await online(server, NADIA);
    let release = () => {};
    server.hold = new Promise((done) => {
      release = done;
    });
    client.conversation(OMAR).open();
    const listing = client.loadConversations();
    await settle();
    server.store(OMAR, NADIA, 't4');
    await settle();
    server.hold = null;
    release();
    await listing;
    await settle();
    expect(state(client).unread.total).toBe(4);
    await client.loadConversations();
    expect(state(client).unread.total).toBe(4);
  });

  it('takes numbers that do not concern the user', async () => {
    fill(2);
    const client = await online(server, NADIA);
    client.conversation(OMAR).open();
    await settle();
    const before = server.current.of('resume').length;
    server.current.deliver({ type: 'conversation_rev', conversation_id: 'c-7-9', rev: 3, prev_rev: 2 });
    server.current.deliver({
      type: 'reaction_update',
      message_id: 'm1',
      conversation_id: 'c-7-9',
      rev: 4,
      prev_rev: 3,
      reactions: [],
    });
    await pass(2_000);
    expect(server.current.of('resume').length).toBe(before);
  });

  it('takes one number that came early and spans several, once what precedes it is here', async () => {
    fill(2);
    const client = await online(server, NADIA);
    client.conversation(OMAR).open();
    await settle();
    const before = server.current.of('resume').length;
    const number = (prev_rev: number, rev: number) =>
      server.current.deliver({ type: 'conversation_rev', conversation_id: 'c-7-9', rev, prev_rev });
    number(3, 6);
    number(2, 5);
    await pass(2_000);
    number(6, 7);
    await pass(2_000);
    expect(server.current.of('resume').length).toBe(before);
  });
});

describe('a server that cannot resume', () => {
  it('is asked for the newest page of what is open, and for the rest when it is opened', async () => {
    server.age = 'no-resume';
    fill(60);
    for (let i = 1; i <= 3; i += 1) server.store(LENA, NADIA, `l${i}`);
    const client = await online(server, NADIA);
    const synced: boolean[] = [];
    client.on('synced', ({ complete }) => synced.push(complete));
    client.conversation(OMAR).open();
    const leave = client.conversation(LENA).open();
    await settle();
    leave();
    server.down = true;
    server.dropAll();
    server.store(OMAR, NADIA, 't61');
    server.remove(server.messages[58] as never);
    server.store(LENA, NADIA, 'l4');
    server.down = false;
    await pass(2_000);
    expect(texts(client, OMAR)).toEqual([...numbers(11, 58), 't60', 't61']);
    expect(synced).toEqual([false]);
    client.conversation(LENA).open();
    await settle();
    expect(texts(client, LENA)).toEqual(['l1', 'l2', 'l3', 'l4']);
    // Later changes find their place.
    server.store(OMAR, NADIA, 't62');
    await pass(1_000);
    expect(texts(client, OMAR).slice(-2)).toEqual(['t61', 't62']);
  });

  it('does not take live messages for a bridge over what was missed', async () => {
    server.age = 'no-resume';
    fill(10);
    const client = await online(server, NADIA);
    client.conversation(OMAR).open();
    await settle();
    let release = () => {};
    server.dropAll();
    for (let i = 11; i <= 40; i += 1) server.store(OMAR, NADIA, `t${i}`);
    const wait = new Promise<void>((done) => {
      release = done;
    });
    // More messages than a page holds arrive before the server gets to answer.
    server.before = wait;
    await pass(300);
    for (let i = 41; i <= 140; i += 1) server.store(OMAR, NADIA, `t${i}`);
    await settle();
    release();
    await pass(2_000);
    const seqs = rows(client, OMAR).map((row) => row.seq ?? 0);
    for (let i = 1; i < seqs.length; i += 1) expect(seqs[i]).toBe((seqs[i - 1] ?? 0) + 1);
    expect(texts(client, OMAR).at(-1)).toBe('t140');
    while (client.conversation(OMAR).getThread().hasOlder) await client.conversation(OMAR).loadOlder();
    expect(texts(client, OMAR)).toEqual(numbers(1, 140));
  });

  it('gets the page again when a change is missing', async () => {
    server.age = 'no-resume';
    fill(3);
    const client = await online(server, NADIA);
    client.conversation(OMAR).open();
    await settle();
    server.current.dead = true;
    server.store(OMAR, NADIA, 't4');
    server.current.dead = false;
    server.store(OMAR, NADIA, 't5');
    await pass(1_000);
    expect(texts(client, OMAR)).toEqual(numbers(1, 5));
  });

  it('is not waited for when it keeps silent', async () => {
    fill(3);
    const receive = server.receive.bind(server);
    server.receive = (socket, frame) => frame.type !== 'resume' && receive(socket, frame);
    const client = await online(server, NADIA);
    client.conversation(OMAR).open();
    await pass(11_000);
    expect(texts(client, OMAR)).toEqual(numbers(1, 3));
  });
});

describe('a server of the first age', () => {
  beforeEach(() => {
    server.age = 'seed';
  });

  it('exchanges messages', async () => {
    const nadia = await online(server, NADIA);
    const omar = await online(server, OMAR);
    nadia.conversation(OMAR).send('hi');
    nadia.conversation(OMAR).send('hi');
    nadia.conversation(OMAR).send('there');
    await pass(100);
    expect(server.messages.map((one) => one.text)).toEqual(['hi', 'hi', 'there']);
    expect(rows(nadia, OMAR).map((row) => [row.text, row.status, row.id])).toEqual([
      ['hi', 'sent', 'm1'],
      ['hi', 'sent', 'm2'],
      ['there', 'sent', 'm3'],
    ]);
    expect(texts(omar, NADIA)).toEqual(['hi', 'hi', 'there']);
    expect(state(omar).unread.total).toBe(3);
    omar.conversation(NADIA).send('hello');
    await settle();
    expect(texts(nadia, OMAR)).toEqual(['hi', 'hi', 'there', 'hello']);
    omar.conversation(NADIA).open();
    await settle();
    expect(texts(omar, NADIA)).toEqual(['hi', 'hi', 'there', 'hello']);
    expect(omar.conversation(NADIA).getThread().hasOlder).toBe(false);
  });

  it('finds in the history what was stored without an answer, and does not send it twice', async () => {
    const nadia = await online(server, NADIA);
    nadia.conversation(OMAR).open();
    server.loseAcks = 1;
    nadia.conversation(OMAR).send('once');
    await settle();
    server.dropAll();
    await pass(20_000);
    expect(server.messages.map((one) => one.text)).toEqual(['once']);
    expect(rows(nadia, OMAR)).toMatchObject([{ text: 'once', status: 'sent' }]);
    expect(state(nadia).outbox).toEqual([]);
  });

  it('fails a message it refuses, and nothing when it does not know typing', async () => {
    const nadia = await online(server, NADIA);
    server.store(OMAR, NADIA, 'x');
    await settle();
    nadia.conversation(OMAR).startTyping();
    nadia.conversation(404).send('nobody');
    await settle();
    expect(rows(nadia, 404)).toMatchObject([{ status: 'failed', error: { message: 'Recipient not found' } }]);
    expect(server.current.of('typing_start')).toHaveLength(1);
    await pass(10_000);
    nadia.conversation(OMAR).startTyping();
    expect(server.current.of('typing_start')).toHaveLength(1);
  });

  it('is asked for history after every reconnect', async () => {
    server.store(OMAR, NADIA, 't1');
    const nadia = await online(server, NADIA);
    nadia.conversation(OMAR).open();
    await settle();
    server.dropAll();
    server.store(OMAR, NADIA, 't2');
    await pass(2_000);
    expect(texts(nadia, OMAR)).toEqual(['t1', 't2']);
  });

  it('clears the badge on this side, as it knows no marks', async () => {
    const nadia = makeClient(server, NADIA);
    nadia.connect();
    await settle();
    server.store(OMAR, NADIA, 'x');
    await settle();
    expect(state(nadia).unread.total).toBe(1);
    nadia.conversation(OMAR).markRead();
    await settle();
    expect(state(nadia).unread.total).toBe(0);
  });
});
