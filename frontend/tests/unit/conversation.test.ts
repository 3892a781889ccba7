/** What happens in a conversation: reading, typing, reacting, drafts; and people and notifications around it. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { destroyAll, online, pass, rows, settle, state, texts, useFakeTime } from './helpers/client';
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

describe('the list', () => {
  it('is ordered by newest activity and shows the newest message', async () => {
    server.store(OMAR, NADIA, 'o1');
    server.store(LENA, NADIA, 'l1');
    const client = await online(server, NADIA);
    expect(state(client).conversationsLoaded).toBe(true);
    expect(state(client).conversations.map((one) => one.lastMessage?.text)).toEqual(['l1', 'o1']);
    server.store(OMAR, NADIA, 'o2');
    await settle();
    expect(state(client).conversations.map((one) => one.lastMessage?.text)).toEqual(['o2', 'l1']);
    server.edit(server.messages[2] as never, 'o2 edited');
    server.remove(server.messages[1] as never);
    await settle();
    expect(state(client).conversations.map((one) => one.lastMessage?.text)).toEqual(['o2 edited', undefined]);
  });

  it('publishes a burst of frames as one update', async () => {
    const client = await online(server, NADIA);
    let updates = 0;
    client.store.subscribe(() => {
      updates += 1;
    });
    const heard: number[] = [];
    client.on('message', () => heard.push(texts(client, OMAR).length));
    for (let i = 0; i < 200; i += 1) server.store(OMAR, NADIA, `t${i}`);
    await settle();
    expect(texts(client, OMAR)).toHaveLength(200);
    expect(updates).toBeLessThanOrEqual(2);
    // Listeners find in the store what they are told of.
    expect(heard).toEqual(Array(200).fill(200));
  });

  it('ignores frames that make no sense', async () => {
    const client = await online(server, NADIA);
    for (const data of [
      '',
      'null',
      '5',
      '[]',
      '{',
      '{"type":5}',
      '{"type":"new_message"}',
      '{"type":"new_message","message":{"id":1}}',
      '{"type":"sync"}',
      '{"type":"message_read"}',
      '{"type":"nonsense","x":1}',
      '{"type":"toString"}',
      '{"type":"error"}',
      '{"type":"__proto__"}',
    ]) {
      server.current.raw(data);
    }
    server.store(OMAR, NADIA, 'fine');
    await settle();
    expect(client.status).toBe('online');
    expect(texts(client, OMAR)).toEqual(['fine']);
  });

  it('does not mix up conversations', async () => {
    const client = await online(server, NADIA);
    server.store(OMAR, NADIA, 'o');
    server.store(LENA, NADIA, 'l');
    client.conversation(LENA).send('to lena');
    await settle();
    expect(texts(client, OMAR)).toEqual(['o']);
    expect(texts(client, LENA)).toEqual(['l', 'to lena']);
  });

  it('does not let a stranger pass for an own message by its client_id', async () => {
    const client = await online(server, NADIA);
    client.conversation(OMAR).open();
    server.down = true;
    server.dropAll();
    await settle();
    const mine = client.conversation(OMAR).send('mine');
    server.store(OMAR, NADIA, 'forged', mine?.key);
    server.down = false;
    await pass(3_000);
    expect(texts(client, OMAR).sort()).toEqual(['forged', 'mine']);
    expect(rows(client, OMAR).find((row) => row.text === 'mine')).toMatchObject({
      key: mine?.key,
      own: true,
      status: 'sent',
    });
  });
});

describe('reading', () => {
  it('counts unread messages, clears them everywhere, and tells the author', async () => {
    server.store(OMAR, NADIA, 'one');
    const nadia = await online(server, NADIA);
    const tablet = await online(server, NADIA);
    const omar = await online(server, OMAR);
    omar.conversation(NADIA).open();
    server.store(OMAR, NADIA, 'two');
    await settle();
    expect(state(nadia).unread).toEqual({ total: 2, byUser: { '9': 2 } });
    nadia.conversation(OMAR).markRead();
    expect(state(nadia).unread.total).toBe(0);
    await settle();
    expect(state(tablet).unread.total).toBe(0);
    expect(rows(omar, NADIA).map((row) => row.status)).toEqual(['read', 'read']);
    nadia.conversation(OMAR).markRead();
    await settle();
    expect(server.sockets[0]?.of('mark_read')).toHaveLength(1);
  });

  it('tells again what the server had no time to note', async () => {
    server.store(OMAR, NADIA, 'one');
    const nadia = await online(server, NADIA);
    const omar = await online(server, OMAR);
    omar.conversation(NADIA).open();
    const busy = { message: 'busy', code: 'overloaded', retry_after: 2 };
    server.refuseMarks = [busy, busy];
    nadia.conversation(OMAR).markRead();
    await settle();
    expect(rows(omar, NADIA).map((row) => row.status)).not.toContain('read');
    await pass(2100);
    await pass(2100);
    expect(rows(omar, NADIA).map((row) => row.status)).toEqual(['read']);
    await pass(10_000);
    expect(server.sockets[0]?.of('mark_read')).toHaveLength(3);
  });

  it('remembers while offline what was read', async () => {
    server.store(OMAR, NADIA, 'one');
    const nadia = await online(server, NADIA);
    server.down = true;
    server.dropAll();
    await settle();
    nadia.conversation(OMAR).markRead();
    expect(state(nadia).unread.total).toBe(0);
    server.down = false;
    await pass(2_000);
    expect(server.read.get(`${NADIA}:c-7-9`)).toBe(1);
    expect(state(nadia).unread.total).toBe(0);
  });

  it('marks up to a message', async () => {
    for (let i = 1; i <= 5; i += 1) server.store(OMAR, NADIA, `t${i}`);
    const nadia = await online(server, NADIA);
    nadia.conversation(OMAR).open();
    await settle();
    nadia.conversation(OMAR).markRead('m3');
    await settle();
    expect(state(nadia).unread.total).toBe(2);
    expect(server.read.get(`${NADIA}:c-7-9`)).toBe(3);
  });

  it('takes delivery from the event', async () => {
    const nadia = await online(server, NADIA);
    nadia.conversation(OMAR).send('x');
    await settle();
    server.current.deliver({
      type: 'message_delivered',
      message_id: 'm1',
      conversation_id: 'c-7-9',
      delivered_to_id: 9,
    });
    await settle();
    expect(rows(nadia, OMAR)[0]?.status).toBe('delivered');
  });
});

describe('typing', () => {
  beforeEach(() => server.store(OMAR, NADIA, 'x'));

  it('is told at most every 4 s and ends after 6 s of silence', async () => {
    const nadia = await online(server, NADIA);
    const omar = nadia.conversation(OMAR);
    for (let i = 0; i < 90; i += 1) {
      omar.startTyping();
      await pass(100);
    }
    expect(server.current.of('typing_start')).toHaveLength(3);
    expect(server.current.of('typing_stop')).toHaveLength(0);
    await pass(7_000);
    expect(server.current.of('typing_stop')).toHaveLength(1);
    omar.startTyping();
    omar.stopTyping();
    omar.stopTyping();
    await settle();
    expect(server.current.of('typing_stop')).toHaveLength(2);
  });

  it('ends when the message is sent', async () => {
    const nadia = await online(server, NADIA);
    nadia.conversation(OMAR).startTyping();
    nadia.conversation(OMAR).send('done');
    await settle();
    expect(
      server.current.sent.map((frame) => frame.type).filter((type) => /typing|^message$/.test(String(type))),
    ).toEqual(['typing_start', 'typing_stop', 'message']);
  });

  it('of the other is shown, and forgotten when he falls silent or sends', async () => {
    const nadia = await online(server, NADIA);
    const typing = (is_typing: boolean) =>
      server.current.deliver({ type: 'user_typing', conversation_id: 'c-7-9', user: { id: 9 }, is_typing });
    typing(true);
    await settle();
    expect(state(nadia).typing).toEqual({ '9': true });
    await pass(14_000);
    expect(state(nadia).typing).toEqual({ '9': true });
    await pass(2_000);
    expect(state(nadia).typing).toEqual({});
    typing(true);
    server.store(OMAR, NADIA, 'sent');
    await settle();
    expect(state(nadia).typing).toEqual({});
  });
});

describe('presence', () => {
  it('believes what came with a message of somebody whom the server did not name after connecting', async () => {
    const nadia = await online(server, NADIA);
    await pass(500);
    const { id } = server.store(OMAR, NADIA, 'hello');
    const wire = server.wire(server.messages.find((one) => one.id === id) as never) as {
      sender: Record<string, unknown>;
    };
    server.current.deliver({
      type: 'new_message',
      message: { ...wire, id: 'other', sender: { ...wire.sender, id: 77, is_online: true } },
    });
    await pass(3_000);
    expect(state(nadia).presence['77']).toEqual({ online: true, lastActive: null });
  });

  it('follows the events, and forgets after a reconnect whoever is not named', async () => {
    const nadia = await online(server, NADIA);
    server.current.deliver({
      type: 'user_status',
      user_id: 9,
      is_online: true,
      last_active: '2026-11-24T12:00:00Z',
    });
    await settle();
    expect(state(nadia).presence['9']).toEqual({ online: true, lastActive: '2026-11-24T12:00:00Z' });
    server.dropAll();
    await pass(600);
    expect(state(nadia).presence['9']?.online).toBe(true);
    await pass(2_500);
    expect(state(nadia).presence['9']?.online).toBe(false);
  });
});

describe('changing messages', () => {
  it('edits and deletes', async () => {
    const nadia = await online(server, NADIA);
    const omar = await online(server, OMAR);
    const handle = nadia.conversation(OMAR);
    const message = handle.send('frist');
    await expect(handle.edit(message?.key ?? '', 'first')).rejects.toThrow('not been sent');
    await settle();
    expect(await handle.edit(message?.key ?? '', 'first')).toMatchObject({
      text: 'first',
      key: message?.key,
    });
    await settle();
    expect(texts(omar, NADIA)).toEqual(['first']);
    expect(rows(omar, NADIA)[0]?.editedAt).not.toBeNull();
    await handle.delete(message?.key ?? '');
    await settle();
    expect(rows(omar, NADIA)).toMatchObject([{ deleted: true, text: '' }]);
    expect(rows(nadia, OMAR)).toMatchObject([{ deleted: true, text: '' }]);
  });

  it('deletes a message of the other for oneself, and it does not come back with a page', async () => {
    server.store(OMAR, NADIA, 'unwanted');
    const nadia = await online(server, NADIA);
    const handle = nadia.conversation(OMAR);
    handle.open();
    await settle();
    await handle.delete('m1');
    expect(rows(nadia, OMAR)).toEqual([]);
    await handle.loadLatest();
    await settle();
    expect(rows(nadia, OMAR)).toEqual([]);
  });

  it('hides a message when another device deleted it for the user', async () => {
    server.store(OMAR, NADIA, 'unwanted');
    const nadia = await online(server, NADIA);
    nadia.conversation(OMAR).open();
    await settle();
    server.current.deliver({
      type: 'message_deleted',
      message_id: 'm1',
      conversation_id: 'c-7-9',
      rev: null,
      prev_rev: null,
    });
    await settle();
    expect(rows(nadia, OMAR)).toEqual([]);
  });

  it('shows a reaction at once, and takes it back when refused', async () => {
    server.store(OMAR, NADIA, 'joke');
    const nadia = await online(server, NADIA);
    const handle = nadia.conversation(OMAR);
    handle.open();
    await settle();
    const done = handle.react('m1', '😂');
    expect(rows(nadia, OMAR)[0]?.reactions).toMatchObject([{ userId: '7', reaction: '😂' }]);
    await done;
    await settle();
    expect(rows(nadia, OMAR)[0]?.reactions).toMatchObject([{ userId: '7', reaction: '😂' }]);
    server.answers.set('POST messaging/messages/m1/reactions/', () => ({
      status: 400,
      body: { error: 'reaction_type is required' },
    }));
    await expect(handle.react('m1', '🙈')).rejects.toMatchObject({
      response: { status: 400 },
      message: 'reaction_type is required',
    });
    expect(rows(nadia, OMAR)[0]?.reactions).toMatchObject([{ reaction: '😂' }]);
  });
});

describe('drafts', () => {
  it('are kept per conversation', async () => {
    const nadia = await online(server, NADIA);
    nadia.conversation(OMAR).setDraft('for omar');
    nadia.conversation(LENA).setDraft('for lena');
    expect(nadia.conversation(OMAR).getDraft()).toBe('for omar');
    expect(state(nadia).drafts).toEqual({ '9': 'for omar', '11': 'for lena' });
    nadia.conversation(OMAR).setDraft('   ');
    expect(state(nadia).drafts).toEqual({ '11': 'for lena' });
  });
});

describe('people and notifications', () => {
  it('searches, follows, and shows at once whom one follows', async () => {
    const nadia = await online(server, NADIA);
    server.answers.set('GET follow/search/', () => ({
      status: 200,
      body: [{ id: 9, username: 'omar', first_name: 'Omar', last_name: 'S' }],
    }));
    expect(await nadia.people.search('o')).toEqual([]);
    expect(await nadia.people.search('om')).toMatchObject([{ id: '9', name: 'Omar S' }]);
    server.answers.set('PUT follow/toggle/9/', () => ({
      status: 200,
      body: { status: 'success', is_following: true },
    }));
    const done = nadia.people.follow(9);
    expect(state(nadia).following).toEqual({ '9': true });
    await done;
    server.answers.set('DELETE follow/toggle/9/', () => ({ status: 404, body: { error: 'User not found' } }));
    await expect(nadia.people.unfollow(9)).rejects.toMatchObject({ response: { status: 404 } });
    expect(state(nadia).following).toEqual({ '9': true });
    expect(await nadia.people.byUsername('nobody')).toBeNull();
  });

  it('opens a second connection for notifications only while somebody watches', async () => {
    const nadia = await online(server, NADIA);
    const heard: string[] = [];
    nadia.on('notification', ({ notification }) => heard.push(notification.title));
    expect(server.sockets).toHaveLength(1);
    const stop = nadia.notifications.watch();
    const stopToo = nadia.notifications.watch();
    await settle();
    expect(server.sockets.map((socket) => new URL(socket.url).pathname)).toEqual([
      '/ws/chat/',
      '/ws/notifications/',
    ]);
    expect(state(nadia).notifications).toMatchObject({
      unread: 1,
      loaded: true,
      items: [{ id: '1', verb: 'follow' }],
    });
    const note = {
      id: 2,
      verb: 'message',
      title: 'omar sent you a message',
      is_read: false,
      created_at: 'y',
    };
    server.current.deliver({ type: 'new_notification', notification: note });
    server.current.deliver({ type: 'unread_count_update', notification_count: 2, message_count: 0 });
    await settle();
    expect(heard).toEqual(['omar sent you a message']);
    expect(state(nadia).notifications).toMatchObject({ unread: 2, items: [{ id: '2' }, { id: '1' }] });
    server.answers.set('POST notifications/2/mark_read/', () => ({ status: 200, body: {} }));
    await nadia.notifications.markRead('2');
    expect(state(nadia).notifications).toMatchObject({
      unread: 1,
      items: [{ isRead: true }, { isRead: false }],
    });
    stop();
    await settle();
    expect(server.current.readyState).toBe(1);
    stopToo();
    await settle();
    expect(server.current.readyState).toBe(3);
    expect(nadia.status).toBe('online');
  });
});

describe('messagingAPI', () => {
  it('resolves to data and status and rejects like axios', async () => {
    server.store(OMAR, NADIA, 'x');
    const { messagingAPI } = await online(server, NADIA);
    const { data, status } = await messagingAPI.getMessagesWithUser(OMAR);
    expect(status).toBe(200);
    expect(data.messages).toHaveLength(1);
    await expect(messagingAPI.getMessage('nope')).rejects.toMatchObject({
      response: { status: 404, data: { detail: 'Not found.' } },
    });
  });

  it('asks for what the original asked for', async () => {
    const { messagingAPI } = await online(server, NADIA);
    const uuid = '01a20d7b-b975-73fe-b0bf-4962af7b18a6';
    const bodies: unknown[] = [];
    const { fetch } = server;
    Object.assign(server, { fetch });
    const calls: (() => Promise<unknown>)[] = [
      () => messagingAPI.createConversation('omar'),
      () => messagingAPI.getConversation('c1'),
      () => messagingAPI.getMessages('c1'),
      () => messagingAPI.sendMessage('c1', 'hi'),
      () => messagingAPI.sendMessage('c1', 'hi', 'text'),
      () => messagingAPI.sendMessage('c1', 'hi', uuid, 'text'),
      () => messagingAPI.addReaction('m1', '👍'),
      () => messagingAPI.removeReaction('m1'),
      () => messagingAPI.getUserStatus(9),
      () => messagingAPI.markMessagesRead('c1', ['m1']),
      () => messagingAPI.markConversationRead('c1'),
      () => messagingAPI.startTyping('c1'),
      () => messagingAPI.stopTyping('c1'),
      () => messagingAPI.getUnreadCount(),
      () => messagingAPI.getUnreadMessagesCount(),
      () => messagingAPI.getUnreadMessagesCount(9),
      () => messagingAPI.getMessagesWithUser(9, { before: 5 }),
    ];
    const before = server.requests.length;
    for (const call of calls) await call().catch((error) => bodies.push(error.response.status));
    expect(server.requests.slice(before).map((one) => `${one.method} ${one.path}`)).toEqual([
      'POST messaging/conversations/',
      'GET messaging/conversations/c1/',
      'GET messaging/conversations/c1/messages/',
      'POST messaging/conversations/c1/messages/',
      'POST messaging/conversations/c1/messages/',
      'POST messaging/conversations/c1/messages/',
      'POST messaging/messages/m1/reactions/',
      'DELETE messaging/messages/m1/reactions/remove/',
      'GET messaging/users/9/status/',
      'POST messaging/conversations/c1/mark-messages-read/',
      'POST messaging/conversations/c1/mark-read/',
      'POST messaging/conversations/c1/typing/start/',
      'POST messaging/conversations/c1/typing/stop/',
      'GET messaging/unread-count/',
      'GET messaging/unread-count/',
      'GET messaging/messages/user/9/unread/',
      'GET messaging/messages/?user_id=9&before=5',
    ]);
  });
});
