/** Makes clients of the server in memory, and waits for what they do by themselves. */
import { vi } from 'vitest';
import {
  type ChatClient,
  type ChatClientOptions,
  type ChatState,
  createChatClient,
} from '../../../src/client';
// Loaded on demand by the client, which takes real time the first time.
import '../../../src/client/device';
import '../../../src/client/live';
import '../../../src/client/messaging-api';
import '../../../src/client/notifications';
import '../../../src/client/people';
import { type FakeServer, tokenFor } from './server';

/** Timers are the test's; IndexedDB keeps the real `setImmediate`. */
export const useFakeTime = () =>
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
    now: Date.parse('2026-11-24T12:00:00Z'),
  });

/** Lets everything happen that needs no time to pass. */
export async function settle(rounds = 40): Promise<void> {
  for (let i = 0; i < rounds; i += 1) {
    await new Promise((done) => setImmediate(done));
    await vi.advanceTimersByTimeAsync(0);
  }
}
export async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  await settle();
}

const made: ChatClient[] = [];

export function makeClient(
  server: FakeServer,
  userId: number,
  options: Partial<ChatClientOptions> = {},
): ChatClient {
  const client = createChatClient({
    baseUrl: 'http://chat.test/api/',
    getToken: () => tokenFor(userId),
    cache: 'memory',
    lingerMs: 0,
    WebSocket: server.WebSocket,
    fetch: server.fetch,
    BroadcastChannel: null,
    locks: null,
    random: () => 0.5,
    ...options,
  });
  made.push(client);
  return client;
}

export async function online(server: FakeServer, userId: number, options: Partial<ChatClientOptions> = {}) {
  const client = makeClient(server, userId, options);
  client.connect();
  await settle();
  return client;
}

/** The tab is killed: nothing of it runs any more, and nothing was said. */
export function kill(client: ChatClient): void {
  client.destroy();
}

export function destroyAll(): void {
  for (const client of made.splice(0)) client.destroy();
}

export const state = (client: ChatClient): ChatState => client.store.getState();
export const texts = (client: ChatClient, userId: number): string[] =>
  (state(client).threads[userId]?.messages ?? []).filter((row) => !row.deleted).map((row) => row.text);
export const rows = (client: ChatClient, userId: number) => state(client).threads[userId]?.messages ?? [];

/** `navigator.locks` for several tabs in one process. */
export function fakeLocks() {
  const held = new Map<string, { mode: string; count: number }>();
  return {
    async request<T>(
      name: string,
      options: { mode?: 'exclusive' | 'shared'; ifAvailable?: boolean },
      callback: (lock: unknown) => Promise<T> | T,
    ): Promise<T> {
      const mode = options.mode ?? 'exclusive';
      const now = held.get(name);
      const free = !now || (now.mode === 'shared' && mode === 'shared');
      if (!free) {
        if (options.ifAvailable) return callback(null);
        throw new Error('not needed here');
      }
      held.set(name, { mode, count: (now?.count ?? 0) + 1 });
      try {
        return await callback({ name });
      } finally {
        const after = held.get(name);
        if (after && after.count > 1) after.count -= 1;
        else held.delete(name);
      }
    },
  };
}

/** `BroadcastChannel` for several tabs in one process. */
export function fakeChannels() {
  const open = new Set<{ name: string; onmessage: ((event: MessageEvent) => void) | null }>();
  return class {
    onmessage: ((event: MessageEvent) => void) | null = null;
    constructor(readonly name: string) {
      open.add(this);
    }
    postMessage(message: unknown) {
      const data = structuredClone(message);
      for (const other of open) {
        if (other !== this && other.name === this.name)
          queueMicrotask(() => other.onmessage?.({ data } as MessageEvent));
      }
    }
    close() {
      open.delete(this);
    }
  };
}
