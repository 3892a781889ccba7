/** The real server with a database of its own, and what tests ask of it behind the browser's back. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const repository = resolve(import.meta.dirname, '../../..');
export const binary = process.env.CHAT_BINARY ?? join(repository, 'target/debug/vikrahub-messaging');

export interface Person {
  id: number;
  username: string;
  name: string;
  access: string;
  refresh: string;
}

/** Nothing here is limited: tests send a lot from one address. */
const UNLIMITED = [
  'SENDS_PER_SECOND',
  'FRAMES_PER_SECOND',
  'SOCKETS_PER_ADDRESS',
  'CONNECTS_PER_MINUTE',
  'LOGINS_PER_MINUTE',
  'REGISTRATIONS_PER_MINUTE',
].map((limit) => [`VIKRAHUB__LIMITS__${limit}`, '0']);

async function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const server = createServer();
    server.on('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => found(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

export class Server {
  private child: ChildProcess | undefined;
  private readonly folder = mkdtempSync(join(tmpdir(), 'chat-e2e-'));
  private count = 0;
  log = '';

  private constructor(
    private readonly port: number,
    private readonly settings: Record<string, string>,
  ) {}

  static async start(settings: Record<string, string> = {}): Promise<Server> {
    const server = new Server(await freePort(), settings);
    await server.run();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  readonly binary = binary;

  environment(): Record<string, string> {
    return {
      ...Object.fromEntries(UNLIMITED),
      DATABASE_URL: `sqlite://${join(this.folder, 'chat.db')}`,
      JWT_SECRET: 'a shared secret of the browser tests, 48 bytes long',
      VIKRAHUB__SERVER__PORT: String(this.port),
      VIKRAHUB__SERVER__PRESENCE_GRACE_SECONDS: '0',
      ...this.settings,
    };
  }

  /** Starts it, also again after `kill`. */
  async run(): Promise<void> {
    const child = spawn(binary, ['serve'], {
      cwd: this.folder,
      env: this.environment(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.child = child;
    child.stderr?.on('data', (data) => {
      this.log += data;
    });
    const failed = new Promise<never>((_, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${this.log}`)));
    });
    failed.catch(() => {});
    await Promise.race([failed, this.untilReady()]);
  }

  private async untilReady() {
    for (;;) {
      const answer = await fetch(`${this.url}/health/ready`).catch(() => null);
      if (answer?.ok) return;
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async ask<T = unknown>(method: string, path: string, body?: unknown, person?: Person): Promise<T> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        'Content-Type': 'application/json',
        ...(person && { Authorization: `Bearer ${person.access}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text ? JSON.parse(text) : null) as T;
  }

  /** A new account with a name of its own. */
  async person(name: string, names?: { first_name: string; last_name: string }): Promise<Person> {
    this.count += 1;
    const username = `${name.toLowerCase()}_${process.pid}_${this.count}`;
    const given = names ?? { first_name: name, last_name: `No${this.count}` };
    const password = 'correct horse';
    const { id } = await this.ask<{ id: number }>('POST', '/api/users/', { username, password, ...given });
    const tokens = await this.ask<{ access: string; refresh: string }>('POST', '/api/auth/token/', {
      username,
      password,
    });
    return { id, username, name: `${given.first_name} ${given.last_name}`.trim(), ...tokens };
  }

  async conversation(a: Person, b: Person): Promise<string> {
    const body = { target_user_id: b.id };
    const { id } = await this.ask<{ id: string }>('POST', '/api/messaging/conversations/', body, a);
    return id;
  }

  /** Stores messages from one to the other, in order. */
  async write(from: Person, to: Person, texts: string[]): Promise<void> {
    const path = `/api/messaging/conversations/${await this.conversation(from, to)}/messages/`;
    for (const content of texts) await this.ask('POST', path, { content }, from);
  }

  /** The texts of a whole conversation, oldest first. */
  async texts(a: Person, b: Person): Promise<string[]> {
    let before: string | undefined;
    const texts: string[] = [];
    for (;;) {
      const page = await this.ask<{ messages: { id: string; text: string }[]; has_more: boolean }>(
        'GET',
        `/api/messaging/messages/?user_id=${b.id}&limit=100${before ? `&before=${before}` : ''}`,
        undefined,
        a,
      );
      texts.unshift(...page.messages.map((message) => message.text));
      before = page.messages[0]?.id;
      if (!page.has_more || !before) return texts;
    }
  }
}
