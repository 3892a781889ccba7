/** The connection: who may use it, when it is tried again, and when not. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { afterClose, backoff } from '../../src/client/backoff';
import { destroyAll, makeClient, online, pass, settle, state, useFakeTime } from './helpers/client';
import { FakeServer, NADIA, OMAR, tokenFor } from './helpers/server';

let server: FakeServer;
beforeEach(() => {
  useFakeTime();
  server = new FakeServer();
});
afterEach(() => {
  destroyAll();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('backoff', () => {
  it('stays within half a second doubled with each failure, at most 30 s', () => {
    for (let failures = 0; failures < 40; failures += 1) {
      const top = Math.min(30_000, 500 * 2 ** failures);
      expect(backoff(failures, () => 0)).toBe(0);
      expect(backoff(failures, () => 0.999999)).toBeLessThan(top);
      expect(backoff(failures, () => 0.999999)).toBeGreaterThan(top * 0.99 - 1);
    }
  });

  it('knows which close codes mean stop', () => {
    expect([4001].map(afterClose)).toEqual(['refresh']);
    expect([1002, 1007, 4003, 4009, 4010].map(afterClose)).toEqual(Array(5).fill('stop'));
    expect([1000, 1001, 1006, 1009, 1011, 1012, 1013, 4008, 4029, 4999].map(afterClose)).toEqual(
      Array(10).fill('retry'),
    );
  });
});

describe('connecting', () => {
  it('is online when the first frame came, not when the socket opened', async () => {
    const accept = server.accept.bind(server);
    server.accept = (socket) => {
      socket.readyState = 1;
    };
    const client = await online(server, NADIA);
    expect(client.status).toBe('connecting');
    accept(server.current);
    expect(client.status).toBe('online');
    await settle();
    expect(state(client).me).toMatchObject({ id: '7', username: 'nadia', name: 'nadia K' });
  });

  it('puts the token into the address and asks for the second version', async () => {
    await online(server, NADIA);
    expect(server.current.url).toBe(`ws://chat.test/ws/chat/?v=2&token=${tokenFor(NADIA)}`);
  });

  it('uses one socket for any number of holders, also when React mounts twice', async () => {
    const client = makeClient(server, NADIA, { lingerMs: 30_000 });
    client.connect();
    client.disconnect();
    client.connect();
    client.connect();
    await settle();
    client.disconnect();
    await pass(60_000);
    expect(server.sockets).toHaveLength(1);
    expect(client.status).toBe('online');
    client.disconnect();
    await pass(29_000);
    expect(client.status).toBe('online');
    await pass(2_000);
    expect(client.status).toBe('idle');
    expect(server.chat(NADIA)).toHaveLength(0);
    client.connect();
    await settle();
    expect(client.status).toBe('online');
  });

  it('does nothing more after destroy', async () => {
    const client = await online(server, NADIA);
    client.destroy();
    client.destroy();
    client.connect();
    client.reconnect();
    await pass(60_000);
    expect(server.sockets).toHaveLength(1);
    expect(server.chat(NADIA)).toHaveLength(0);
  });

  it('writes neither tokens nor texts to the log', async () => {
    const lines: string[] = [];
    const log = (...args: unknown[]) => lines.push(JSON.stringify(args));
    const client = await online(server, NADIA, { logger: { debug: log, warn: log } });
    client.conversation(OMAR).send('secret text');
    server.loseAcks = 5;
    await pass(20_000);
    server.dropAll();
    await pass(5_000);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join()).not.toContain(tokenFor(NADIA));
    expect(lines.join()).not.toContain('secret text');
  });
});

describe('connecting again', () => {
  it('waits a random part of a growing time, and starts small again after 5 s of quiet', async () => {
    const client = await online(server, NADIA);
    server.down = true;
    server.dropAll();
    const waits: number[] = [];
    let last = Date.now();
    for (let i = 0; i < 8; i += 1) {
      const before = server.sockets.length;
      while (server.sockets.length === before) await pass(50);
      waits.push(Date.now() - last);
      last = Date.now();
    }
    // random() is 0.5: half of 500, 1000, 2000 … 30000, plus the step of this loop.
    for (const [i, wait] of waits.entries()) {
      const expected = Math.min(30_000, 500 * 2 ** i) / 2;
      expect(wait).toBeGreaterThanOrEqual(expected);
      expect(wait).toBeLessThanOrEqual(expected + 100);
    }
    expect(client.status).toBe('reconnecting');
    server.down = false;
    await pass(20_000);
    expect(client.status).toBe('online');
    const before = server.sockets.length;
    server.dropAll();
    await pass(300);
    expect(server.sockets.length).toBe(before + 1);
  });

  it.each([1006, 1012, 1013, 4008, 4029, 1011, 1000])('reconnects after %i', async (code) => {
    const client = await online(server, NADIA);
    server.dropAll(code);
    expect(client.status).toBe('reconnecting');
    await pass(600);
    expect(client.status).toBe('online');
    expect(server.sockets).toHaveLength(2);
  });

  it.each([4003, 4009, 4010])('stops after %i, until told to try again', async (code) => {
    const client = await online(server, NADIA);
    server.current.drop(code, 'because');
    await pass(120_000);
    expect(client.status).toBe('closed');
    expect(state(client).closed).toEqual({ code, reason: 'because' });
    expect(server.sockets).toHaveLength(1);
    client.reconnect();
    await settle();
    expect(client.status).toBe('online');
    expect(state(client).closed).toBeNull();
  });

  it('waits as long as the server asks before a restart', async () => {
    const client = await online(server, NADIA);
    server.current.deliver({ type: 'reconnect', after_ms: 3593 });
    await pass(500);
    server.dropAll(1012);
    await pass(3000);
    expect(server.sockets).toHaveLength(1);
    await pass(200);
    expect(client.status).toBe('online');
  });

  it('tries at once when the device is back online or the page is shown', async () => {
    const events = new EventTarget();
    vi.stubGlobal('addEventListener', events.addEventListener.bind(events));
    vi.stubGlobal('removeEventListener', events.removeEventListener.bind(events));
    const client = await online(server, NADIA);
    for (const name of ['online', 'pageshow']) {
      server.down = true;
      server.dropAll();
      await pass(60_000);
      server.down = false;
      const before = server.sockets.length;
      events.dispatchEvent(new Event(name));
      await settle();
      expect(server.sockets.length).toBe(before + 1);
      expect(client.status).toBe('online');
    }
  });

  it('says offline while the device does', async () => {
    vi.stubGlobal('navigator', { onLine: true });
    const client = await online(server, NADIA);
    vi.stubGlobal('navigator', { onLine: false });
    server.down = true;
    server.dropAll();
    await pass(5_000);
    expect(client.status).toBe('offline');
    // It may be wrong about it.
    server.down = false;
    await pass(30_000);
    expect(client.status).toBe('online');
  });
});

describe('heartbeat', () => {
  it('pings every 25 s and stays while it is answered', async () => {
    const client = await online(server, NADIA);
    await pass(100_000);
    expect(server.current.of('ping').length).toBeGreaterThanOrEqual(3);
    expect(client.status).toBe('online');
    expect(server.sockets).toHaveLength(1);
  });

  it('drops a connection that has been silent for 35 s', async () => {
    const client = await online(server, NADIA);
    await pass(1_000);
    server.current.dead = true;
    await pass(33_000);
    expect(server.sockets).toHaveLength(1);
    await pass(2_500);
    expect(server.sockets).toHaveLength(2);
    expect(client.status).toBe('online');
  });

  it('finds a half-open connection within 5 s of waking up', async () => {
    const events = new EventTarget();
    vi.stubGlobal('addEventListener', events.addEventListener.bind(events));
    vi.stubGlobal('removeEventListener', events.removeEventListener.bind(events));
    const client = await online(server, NADIA);
    server.current.dead = true;
    await pass(1_000);
    events.dispatchEvent(new Event('pageshow'));
    await pass(5_600);
    expect(server.sockets).toHaveLength(2);
    expect(client.status).toBe('online');
  });

  it('gives up on a handshake that never ends', async () => {
    server.accept = () => {};
    await online(server, NADIA);
    await pass(16_000);
    expect(server.sockets.length).toBeGreaterThanOrEqual(2);
  });
});

describe('tokens', () => {
  it('asks for the token before every connect', async () => {
    let n = 0;
    const client = await online(server, NADIA, {
      getToken: () => {
        n += 1;
        return tokenFor(NADIA, n);
      },
    });
    const first = server.current.token;
    server.dropAll();
    await pass(600);
    expect(client.status).toBe('online');
    expect(server.current.token).not.toBe(first);
  });

  it.each(['close 4001', 'refused handshake'])('refreshes once after: %s', async (how) => {
    const asked: boolean[] = [];
    let token = tokenFor(NADIA, 1);
    const getToken = ({ refresh }: { refresh: boolean }) => {
      asked.push(refresh);
      if (refresh) token = tokenFor(NADIA, 2);
      return token;
    };
    if (how === 'refused handshake') server.revoked.add(token);
    const client = await online(server, NADIA, { getToken });
    if (how === 'close 4001') {
      server.revoked.add(token);
      server.current.drop(4001);
      await settle();
    }
    await pass(1_000);
    expect(client.status).toBe('online');
    expect(asked.filter(Boolean)).toHaveLength(1);
    expect(server.current.token).toBe(tokenFor(NADIA, 2));
  });

  it('is unauthorized when the fresh token is refused as well, without a storm of retries', async () => {
    server.accept = (socket) => {
      socket.readyState = 1;
      socket.drop(4001);
    };
    let n = 0;
    const client = await online(server, NADIA, {
      getToken: ({ refresh }) => {
        if (refresh) n += 1;
        return tokenFor(NADIA, n);
      },
    });
    await pass(120_000);
    expect(client.status).toBe('unauthorized');
    expect(server.sockets).toHaveLength(2);
  });

  it('is unauthorized without a token, and tries again when told to', async () => {
    let token: string | null = null;
    const client = await online(server, NADIA, { getToken: () => token });
    await pass(60_000);
    expect(client.status).toBe('unauthorized');
    expect(server.sockets).toHaveLength(0);
    token = tokenFor(NADIA);
    client.reconnect();
    await settle();
    expect(client.status).toBe('online');
  });

  it('treats a token that cannot be fetched as a passing fault', async () => {
    let fails = true;
    const client = await online(server, NADIA, {
      getToken: async () => {
        if (fails) throw new Error('network');
        return tokenFor(NADIA);
      },
    });
    expect(client.status).toBe('reconnecting');
    fails = false;
    await pass(2_000);
    expect(client.status).toBe('online');
  });

  it('does not take an unreachable server for a refused token', async () => {
    server.down = true;
    const asked: boolean[] = [];
    const client = await online(server, NADIA, {
      getToken: ({ refresh }) => {
        asked.push(refresh);
        return tokenFor(NADIA);
      },
    });
    await pass(60_000);
    expect(client.status).toBe('reconnecting');
    expect(asked).not.toContain(true);
  });

  it('refreshes once for many refused requests', async () => {
    let refreshes = 0;
    let token = tokenFor(NADIA, 1);
    const client = await online(server, NADIA, {
      getToken: ({ refresh }) => {
        if (refresh) {
          refreshes += 1;
          token = tokenFor(NADIA, 2);
        }
        return token;
      },
    });
    server.revoked.add(token);
    const answers = await Promise.all([1, 2, 3, 4].map(() => client.messagingAPI.getConversations()));
    expect(answers.map((one) => one.status)).toEqual([200, 200, 200, 200]);
    expect(refreshes).toBe(1);
  });
});
