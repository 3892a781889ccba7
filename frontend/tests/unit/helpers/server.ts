/** A chat server in memory, with the manners of three ages, and sockets that break when told to. */
import type { SocketLike } from '../../../src/client';

export type Age = 'resume' | 'no-resume' | 'seed';
type Json = Record<string, unknown>;

interface Stored {
  id: string;
  conversation: string;
  sender: number;
  recipient: number;
  text: string;
  created_at: string;
  seq: number;
  rev: number;
  client_id: string | null;
  edited_at: string | null;
  deleted: boolean;
  reactions: { user: number; reaction: string }[];
  reply_to: string | null;
}

const PEOPLE: Record<number, string> = { 7: 'nadia', 9: 'omar', 11: 'lena' };
export const NADIA = 7;
export const OMAR = 9;
export const LENA = 11;

/** A token as the server's own look like; `n` tells one from the next. */
export function tokenFor(userId: number, n = 0): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'HS256' })}.${part({ user_id: userId, n })}.signature`;
}
const userOf = (token: string): number =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).user_id;

export class FakeSocket implements SocketLike {
  readyState = 0;
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  readonly sent: Json[] = [];
  readonly token: string;
  readonly user: number;
  /** Frames disappear in both directions, and nobody says so. */
  dead = false;
  closedWith: number | undefined;

  constructor(
    readonly server: FakeServer,
    readonly url: string,
  ) {
    this.token = new URL(url).searchParams.get('token') ?? '';
    this.user = userOf(this.token);
    server.sockets.push(this);
    queueMicrotask(() => server.accept(this));
  }
  send(data: string) {
    if (this.readyState !== 1) throw new Error('not open');
    const frame = JSON.parse(data) as Json;
    this.sent.push(frame);
    if (!this.dead) queueMicrotask(() => this.server.receive(this, frame));
  }
  close(code = 1005) {
    this.closedWith = code;
    this.readyState = 3;
    this.server.forget(this);
  }
  /** To the client. */
  deliver(frame: Json) {
    if (this.readyState === 1 && !this.dead) this.onmessage?.({ data: JSON.stringify(frame) } as never);
  }
  raw(data: string) {
    this.onmessage?.({ data } as never);
  }
  /** The server, or the network, ends the connection. */
  drop(code = 1006, reason = '') {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.server.forget(this);
    this.onclose?.({ code, reason } as never);
  }
  of(type: string): Json[] {
    return this.sent.filter((frame) => frame.type === type);
  }
}

export class FakeServer {
  age: Age = 'resume';
  sockets: FakeSocket[] = [];
  messages: Stored[] = [];
  epoch = 'epoch-1';
  /** Handshakes are refused, as an unreachable server would. */
  down = false;
  /** Handshakes and requests with these tokens are refused. */
  revoked = new Set<string>();
  /** How many acknowledgements get lost from now on. */
  loseAcks = 0;
  /** Errors to answer the next sends with. */
  refuse: Json[] = [];
  /** The next marks of reading are refused with these. */
  refuseMarks: Json[] = [];
  /** Conversations that a resume says are no longer the user's. */
  gone: string[] = [];
  syncPage = 300;
  resetAfter = 1000;
  requests: { method: string; path: string; token: string }[] = [];
  /** Answers instead of the usual ones, by `METHOD path-prefix`. */
  answers = new Map<string, () => { status: number; body: unknown; headers?: Record<string, string> }>();
  /** Requests wait here, if set, before they are looked at. */
  before: Promise<void> | null = null;
  /** Answers wait here, if set. */
  hold: Promise<void> | null = null;
  clock = Date.parse('2026-11-24T12:00:00Z');
  read = new Map<string, number>();
  private live = new Set<FakeSocket>();
  private ids = 0;
  private revs = new Map<string, number>();

  readonly WebSocket = ((server: FakeServer) =>
    class extends FakeSocket {
      constructor(url: string) {
        super(server, url);
      }
    })(this);

  get current(): FakeSocket {
    return this.sockets[this.sockets.length - 1] as FakeSocket;
  }
  chat(user: number): FakeSocket[] {
    return [...this.live].filter((socket) => socket.user === user && socket.url.includes('/chat/'));
  }

  accept(socket: FakeSocket) {
    if (socket.readyState === 3) return;
    if (this.down || this.revoked.has(socket.token)) return socket.drop(1006);
    socket.readyState = 1;
    this.live.add(socket);
    if (socket.url.includes('/notifications/')) return socket.deliver({ type: 'unread_count', count: 0 });
    socket.deliver({
      type: 'connection_established',
      user_id: socket.user,
      username: PEOPLE[socket.user],
      message: 'Connected to chat system',
      ...(this.age === 'resume' ? { epoch: this.epoch } : {}),
    });
  }
  forget(socket: FakeSocket) {
    this.live.delete(socket);
  }
  dropAll(code = 1006) {
    for (const socket of [...this.live]) socket.drop(code);
  }

  conversation(a: number, b: number) {
    return `c-${Math.min(a, b)}-${Math.max(a, b)}`;
  }
  rev(conversation: string) {
    return this.revs.get(conversation) ?? 0;
  }
  private takeRev(conversation: string) {
    const rev = this.rev(conversation) + 1;
    this.revs.set(conversation, rev);
    return rev;
  }
  private get seed() {
    return this.age === 'seed';
  }

  wire(message: Stored): Json {
    const person = (id: number) => ({ id, username: PEOPLE[id], full_name: PEOPLE[id] });
    const base = {
      id: message.id,
      conversation_id: message.conversation,
      sender: person(message.sender),
      recipient: person(message.recipient),
      text: message.deleted ? '' : message.text,
      content: message.deleted ? '' : message.text,
      created_at: message.created_at,
      timestamp: message.created_at,
    };
    if (this.seed) return base;
    return {
      ...base,
      seq: message.seq,
      rev: message.rev,
      client_id: message.client_id,
      edited_at: message.edited_at,
      is_deleted: message.deleted,
      reply_to: message.reply_to
        ? { id: message.reply_to, text: 'quoted', sender: person(message.recipient) }
        : null,
      reactions: message.reactions.map((one) => ({ user: person(one.user), reaction: one.reaction })),
    };
  }

  tell(user: number, frame: Json, except?: FakeSocket) {
    for (const socket of this.chat(user)) if (socket !== except) socket.deliver(frame);
  }

  /** Stores a message and tells whoever is connected. */
  store(
    sender: number,
    recipient: number,
    text: string,
    client_id: string | null = null,
    by?: FakeSocket,
  ): Stored {
    const again =
      client_id && this.messages.find((one) => one.sender === sender && one.client_id === client_id);
    if (again && !this.seed) {
      this.acknowledge(again, by, true);
      return again;
    }
    const conversation = this.conversation(sender, recipient);
    const mine = this.messages.filter((one) => one.conversation === conversation);
    this.clock += 1000;
    this.ids += 1;
    const rev = this.takeRev(conversation);
    const message: Stored = {
      id: `m${this.ids}`,
      conversation,
      sender,
      recipient,
      text,
      created_at: new Date(this.clock).toISOString(),
      seq: mine.length + 1,
      rev,
      client_id: this.seed ? null : client_id,
      edited_at: null,
      deleted: false,
      reactions: [],
      reply_to: null,
    };
    this.messages.push(message);
    const change = this.seed ? {} : { conversation_id: conversation, rev, prev_rev: rev - 1 };
    this.tell(recipient, { type: 'new_message', message: this.wire(message), ...change });
    this.acknowledge(message, by, false);
    return message;
  }
  private acknowledge(message: Stored, by: FakeSocket | undefined, duplicate: boolean) {
    if (by && this.loseAcks > 0) {
      this.loseAcks -= 1;
      return;
    }
    const change = this.seed
      ? {}
      : {
          conversation_id: message.conversation,
          rev: this.rev(message.conversation),
          prev_rev: this.rev(message.conversation) - 1,
          client_id: message.client_id,
          duplicate,
        };
    const frame = { type: 'message_sent', message: this.wire(message), ...change };
    if (duplicate || this.seed) by?.deliver(frame);
    else this.tell(message.sender, frame);
  }
  private changed(message: Stored, frame: Json) {
    const rev = this.takeRev(message.conversation);
    message.rev = rev;
    const full = {
      ...frame,
      ...(frame.type === 'message_updated' ? { message: this.wire(message) } : {}),
      message_id: message.id,
      conversation_id: message.conversation,
      rev,
      prev_rev: rev - 1,
    };
    for (const user of [message.sender, message.recipient]) this.tell(user, full);
  }
  edit(message: Stored, text: string) {
    message.text = text;
    this.clock += 1000;
    message.edited_at = new Date(this.clock).toISOString();
    this.changed(message, { type: 'message_updated' });
  }
  remove(message: Stored) {
    message.deleted = true;
    this.changed(message, { type: 'message_deleted' });
  }
  react(message: Stored, user: number, reaction: string) {
    message.reactions = [...message.reactions.filter((one) => one.user !== user), { user, reaction }];
    this.changed(message, { type: 'reaction_update', reactions: this.reactionsOf(message) });
  }
  private reactionsOf(message: Stored) {
    return message.reactions.map((one) => ({
      user: { id: one.user, username: PEOPLE[one.user] },
      reaction: one.reaction,
    }));
  }

  receive(socket: FakeSocket, frame: Json) {
    if (socket.readyState !== 1) return;
    if (socket.url.includes('/notifications/')) return;
    const known = this.seed ? ['message'] : ['message', 'mark_read', 'ping', 'typing_start', 'typing_stop'];
    if (this.age === 'resume') known.push('resume');
    if (!known.includes(String(frame.type))) {
      const code = this.seed ? {} : { code: 'unknown_type' };
      return socket.deliver({ type: 'error', message: `Unknown message type: ${frame.type}`, ...code });
    }
    if (frame.type === 'ping') socket.deliver({ type: 'pong' });
    if (frame.type === 'resume') this.resume(socket, frame);
    if (frame.type === 'mark_read') {
      const refused = this.refuseMarks.shift();
      if (refused) return socket.deliver({ type: 'error', ...refused });
      const message = this.messages.find((one) => one.id === frame.message_id);
      if (message) {
        this.read.set(`${socket.user}:${message.conversation}`, message.seq);
        this.tell(socket.user, {
          type: 'mark_read_success',
          message_id: message.id,
          message_ids: [message.id],
          conversation_id: message.conversation,
          read_seq: message.seq,
        });
        this.tell(message.sender, {
          type: 'message_read',
          message_id: message.id,
          message_ids: [message.id],
          conversation_id: message.conversation,
          read_by_id: socket.user,
          read_seq: message.seq,
        });
      }
    }
    if (frame.type !== 'message') return;
    const error = this.refuse.shift();
    if (error) {
      const echo = this.seed ? {} : { client_id: frame.client_id };
      return socket.deliver({ type: 'error', ...error, ...echo });
    }
    if (!PEOPLE[Number(frame.recipient_id)]) {
      const extra = this.seed ? {} : { code: 'not_found', field: 'recipient_id', client_id: frame.client_id };
      return socket.deliver({ type: 'error', message: 'Recipient not found', ...extra });
    }
    this.store(
      socket.user,
      Number(frame.recipient_id),
      String(frame.text),
      frame.client_id as string,
      socket,
    );
  }

  private of(user: number): string[] {
    const seen = this.messages.filter((one) => one.sender === user || one.recipient === user);
    return [...new Set(seen.map((one) => one.conversation))];
  }
  private resume(socket: FakeSocket, frame: Json) {
    const cursors = frame.cursors as Record<string, number>;
    if (Object.keys(cursors).length && !frame.epoch) {
      return socket.deliver({
        type: 'error',
        message: 'epoch is required with cursors.',
        code: 'required',
        field: 'epoch',
      });
    }
    const sameEpoch = frame.epoch === undefined || frame.epoch === this.epoch;
    let complete = true;
    for (const conversation of this.of(socket.user)) {
      const known = cursors[conversation];
      const rev = this.rev(conversation);
      if (known === rev && sameEpoch) continue;
      const rows = this.messages.filter((one) => one.conversation === conversation);
      const afresh = known === undefined || !sameEpoch || rev - known > this.resetAfter || known > rev;
      const from = afresh ? 0 : known;
      const to = afresh ? rev : Math.min(rev, from + this.syncPage);
      if (to < rev) complete = false;
      const changed = afresh
        ? rows.filter((one) => !one.deleted).slice(-50)
        : rows.filter((one) => one.rev > from && one.rev <= to).sort((a, b) => a.rev - b.rev);
      socket.deliver({
        type: 'sync',
        conversation_id: conversation,
        from_rev: from,
        rev: to,
        messages: changed.map((one) => this.wire(one)),
        cursors: [socket.user, this.otherOf(conversation, socket.user)].map((id) => ({
          user_id: id,
          read_seq: this.read.get(`${id}:${conversation}`) ?? 0,
          delivered_seq: 0,
        })),
        has_more: to < rev,
        reset: afresh,
        hidden: [],
        has_older: afresh && rows.length > 50,
        last_seq: rows.length,
        unread_count: rows.filter(
          (one) =>
            one.recipient === socket.user &&
            !one.deleted &&
            one.seq > (this.read.get(`${socket.user}:${conversation}`) ?? 0),
        ).length,
      });
    }
    socket.deliver({ type: 'resumed', epoch: this.epoch, complete, gone: this.gone, receipts: [] });
  }
  private otherOf(conversation: string, user: number) {
    const [, a, b] = conversation.split('-');
    return Number(a) === user ? Number(b) : Number(a);
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const url = new URL(String(input));
    const method = init?.method ?? 'GET';
    const path = url.pathname.replace('/api/', '');
    const token = String((init?.headers as Record<string, string>)?.Authorization ?? '').replace(
      'Bearer ',
      '',
    );
    this.requests.push({ method, path: path + url.search, token });
    if (this.down) throw new TypeError('fetch failed');
    const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
      new Response(status === 204 ? null : JSON.stringify(body), { status, headers });
    if (!token || this.revoked.has(token))
      return answer(401, { detail: 'Given token not valid for any token type' });
    for (const [prefix, make] of this.answers) {
      if (`${method} ${path}`.startsWith(prefix)) {
        const { status, body, headers } = make();
        return answer(status, body, headers);
      }
    }
    if (this.before) await this.before;
    const user = userOf(token);
    const { status, body } = this.rest(
      method,
      path,
      url.searchParams,
      user,
      init?.body ? JSON.parse(String(init.body)) : {},
    );
    // What was read before the wait is what is answered after it.
    const text = JSON.stringify(body);
    if (this.hold) await this.hold;
    return answer(status, JSON.parse(text));
  };

  private rest(
    method: string,
    path: string,
    query: URLSearchParams,
    user: number,
    body: Json,
  ): { status: number; body: unknown } {
    if (path === 'users/me/')
      return {
        status: 200,
        body: { id: user, username: PEOPLE[user], first_name: PEOPLE[user], last_name: 'K' },
      };
    if (path === 'messaging/conversations/') {
      const list = this.of(user).map((id) => {
        const rows = this.messages.filter((one) => one.conversation === id && !one.deleted);
        const last = rows[rows.length - 1];
        const other = this.otherOf(id, user);
        const read = this.read.get(`${user}:${id}`) ?? 0;
        return {
          id,
          other_participant: { id: other, username: PEOPLE[other] },
          latest_message: last ? this.wire(last) : null,
          unread_count: rows.filter((one) => one.sender === other && one.seq > read).length,
          last_activity: last?.created_at,
          ...(this.seed ? {} : { last_seq: rows.length, rev: this.rev(id), read_seq: read }),
        };
      });
      return { status: 200, body: list };
    }
    if (path === 'messaging/messages/') {
      const other = Number(query.get('user_id'));
      const rows = this.messages.filter(
        (one) => one.conversation === this.conversation(user, other) && !one.deleted,
      );
      if (this.seed) return { status: 200, body: { messages: rows.map((one) => this.wire(one)) } };
      const before = Number(query.get('before') ?? Number.POSITIVE_INFINITY);
      const size = Number(query.get('page_size') ?? 50);
      const older = rows.filter((one) => one.seq < before);
      const page = older.slice(-size);
      return {
        status: 200,
        body: {
          messages: page.map((one) => this.wire(one)),
          has_more: older.length > page.length,
          conversation_id: this.conversation(user, other),
        },
      };
    }
    const message = this.messages.find((one) => path.startsWith(`messaging/messages/${one.id}/`));
    if (message && method === 'PATCH') {
      this.edit(message, String(body.content));
      return { status: 200, body: this.wire(message) };
    }
    if (message && method === 'DELETE' && path.endsWith(`${message.id}/`)) {
      if (message.sender === user) this.remove(message);
      return { status: 200, body: null };
    }
    if (message && method === 'POST') {
      this.react(message, user, String(body.reaction));
      return { status: 200, body: { status: 'success' } };
    }
    if (path.startsWith('notifications/unread_count/')) return { status: 200, body: { unread_count: 1 } };
    if (path === 'notifications/') {
      return {
        status: 200,
        body: [{ id: 1, verb: 'follow', title: 'omar follows you', is_read: false, created_at: 'x' }],
      };
    }
    return { status: 404, body: { detail: 'Not found.' } };
  }
}
