/**
 * One WebSocket that keeps itself connected.
 *
 * Written here rather than taken from a reconnecting-socket library because what matters is policy those
 * leave out: "connected" means the server's first frame, each close code asks for something else, a refused
 * handshake (which browsers report like a lost network) must not become a storm of retries, half-open
 * connections are found by a heartbeat, and nothing may be queued below the outbox.
 */

import type { Tokens } from './auth';
import { afterClose, backoff } from './backoff';
import type { Logger, SocketLike } from './surface';
import type { CloseInfo, ConnectionStatus, WireFrame } from './types';

export interface TransportOptions {
  url(token: string): string;
  /** The type of the frame that says the connection is up. */
  firstFrame: string;
  tokens: Tokens;
  isRefused(token: string): Promise<boolean>;
  socket(): new (url: string) => SocketLike;
  random(): number;
  now(): number;
  logger: Logger;
  onFrame(frame: WireFrame): void;
  onStatus(status: ConnectionStatus, closed: CloseInfo | null): void;
  /** The connection is gone; `code` says why. */
  onDown(code: number): void;
}

export interface Transport {
  start(): void;
  stop(): void;
  /** Tries at once, also after having given up. */
  retry(): void;
  /** Whether the frame was handed to an open connection. */
  send(frame: object): boolean;
  isOnline(): boolean;
}

type Timer = ReturnType<typeof setTimeout>;

const PING_MS = 25_000;
const DEAD_MS = 35_000;
const PROBE_MS = 5_000;
const CONNECT_MS = 15_000;
const STABLE_MS = 5_000;
const OPEN = 1;

export function createTransport(options: TransportOptions): Transport {
  const { tokens, now, random, logger } = options;
  let running = false;
  let status: ConnectionStatus = 'idle';
  let socket: SocketLike | null = null;
  let established = false;
  let failures = 0;
  let wasOnline = false;
  let refreshed = false;
  /** Marks the current attempt; whatever belongs to an earlier one is ignored. */
  let attempt = 0;
  let heardAt = 0;
  /** Frames so far: two of them may come within one millisecond. */
  let heard = 0;
  let promised: { at: number } | null = null;
  let waiting: Timer | null = null;
  let deadline: Timer | null = null;
  let heartbeat: ReturnType<typeof setInterval> | null = null;
  let stable: Timer | null = null;

  const setStatus = (next: ConnectionStatus, closed: CloseInfo | null = null) => {
    if (next === status) return;
    status = next;
    options.onStatus(next, closed);
  };
  const deviceOffline = () => globalThis.navigator?.onLine === false;
  const showTrying = () =>
    setStatus(deviceOffline() ? 'offline' : wasOnline || failures > 0 ? 'reconnecting' : 'connecting');

  const clearTimers = () => {
    for (const timer of [waiting, deadline, stable]) if (timer !== null) clearTimeout(timer);
    if (heartbeat !== null) clearInterval(heartbeat);
    waiting = deadline = stable = heartbeat = null;
  };

  /** Lets go of the socket without hearing from it again. */
  const drop = (code: number, reason: string) => {
    attempt += 1;
    clearTimers();
    const old = socket;
    const up = established;
    socket = null;
    established = false;
    if (old) {
      old.onopen = old.onmessage = old.onclose = null;
      old.onerror = () => {};
      try {
        old.close(1000, reason);
      } catch {
        // Already closed, or never opened.
      }
    }
    if (up) options.onDown(code);
  };

  const giveUp = (next: 'unauthorized' | 'closed', closed: CloseInfo | null = null) => {
    drop(closed?.code ?? 4001, 'stopped');
    logger.warn(next === 'closed' ? 'connection closed for good' : 'token refused', { code: closed?.code });
    setStatus(next, closed);
  };

  const waitAndTry = () => {
    const delay = promised ? Math.max(0, promised.at - now()) : backoff(failures, random);
    promised = null;
    failures += 1;
    showTrying();
    logger.debug('connecting again', { delay, failures });
    waiting = setTimeout(() => void connect(), delay);
  };

  /** The token was refused. */
  const renew = async (refused: string) => {
    const mine = ++attempt;
    if (refreshed) return giveUp('unauthorized');
    refreshed = true;
    showTrying();
    try {
      const fresh = await tokens.refresh(refused);
      if (mine !== attempt) return;
      if (fresh) await connect(fresh);
      else giveUp('unauthorized');
    } catch {
      if (mine !== attempt) return;
      // The application could not refresh just now, which says nothing about the token.
      refreshed = false;
      waitAndTry();
    }
  };

  const lost = async (code: number, reason: string, token: string) => {
    const up = established;
    drop(code, 'lost');
    logger.debug('connection lost', { code, up });
    const asked = afterClose(code);
    if (asked === 'stop') return giveUp('closed', { code, reason });
    if (asked === 'refresh') return renew(token);
    if (!up && code === 1006 && !deviceOffline()) {
      // Browsers do not say why a handshake failed. Ask by the other door before trying the same again.
      const mine = attempt;
      showTrying();
      const refused = await options.isRefused(token);
      if (mine !== attempt) return;
      if (refused) return renew(token);
    }
    waitAndTry();
  };

  const beat = (token: string) => {
    send({ type: 'ping' });
    const overdue = heardAt + DEAD_MS - now();
    if (overdue <= 0) void lost(1006, 'silence', token);
    else if (overdue < PING_MS) expect(overdue, token);
  };
  /** Drops the connection unless something is heard in time. */
  const expect = (ms: number, token: string) => {
    if (deadline !== null) clearTimeout(deadline);
    const before = heard;
    deadline = setTimeout(() => {
      deadline = null;
      if (heard === before) void lost(1006, 'silence', token);
    }, ms);
  };

  let currentToken = '';
  const receive = (data: unknown, token: string) => {
    heardAt = now();
    heard += 1;
    let frame: WireFrame;
    try {
      frame = JSON.parse(String(data));
    } catch {
      return logger.warn('a frame that is not JSON was ignored');
    }
    if (typeof frame !== 'object' || frame === null || typeof frame.type !== 'string') return;
    if (!established) {
      if (frame.type === 'error' && frame.code === 'not_authenticated') return void renewFrom(token);
      if (frame.type !== options.firstFrame) return;
      established = true;
      wasOnline = true;
      if (deadline !== null) clearTimeout(deadline);
      deadline = null;
      heartbeat = setInterval(() => beat(token), PING_MS);
      stable = setTimeout(() => {
        failures = 0;
        refreshed = false;
      }, STABLE_MS);
      setStatus('online');
    }
    if (frame.type === 'reconnect') promised = { at: now() + (Number(frame.after_ms) || 0) };
    options.onFrame(frame);
  };
  const renewFrom = (token: string) => {
    drop(4001, 'token');
    return renew(token);
  };

  const connect = async (given?: string) => {
    drop(1006, 'again');
    const mine = attempt;
    showTrying();
    let token: string | null;
    try {
      token = given ?? (await tokens.get());
    } catch {
      if (mine === attempt) waitAndTry();
      return;
    }
    if (mine !== attempt) return;
    if (!token) return giveUp('unauthorized');
    const used = token;
    currentToken = used;
    let next: SocketLike;
    try {
      next = new (options.socket())(options.url(used));
    } catch (error) {
      // A malformed URL, or `ws:` from an HTTPS page: trying again cannot help.
      return giveUp('closed', { code: 1006, reason: error instanceof Error ? error.name : 'error' });
    }
    socket = next;
    heardAt = now();
    deadline = setTimeout(() => void lost(1006, 'timeout', used), CONNECT_MS);
    next.onmessage = ((event: MessageEvent) => mine === attempt && receive(event.data, used)) as never;
    next.onerror = () => {};
    next.onclose = ((event: CloseEvent) => {
      if (mine === attempt) void lost(event.code || 1006, event.reason ?? '', used);
    }) as never;
  };

  const send = (frame: object) => {
    if (!established || socket?.readyState !== OPEN) return false;
    try {
      socket.send(JSON.stringify(frame));
      return true;
    } catch {
      return false;
    }
  };

  /** The device woke up, or says that it has a network again. */
  const wake = () => {
    if (!running) return;
    if (established) {
      send({ type: 'ping' });
      expect(PROBE_MS, currentToken);
    } else if (waiting !== null) void connect();
  };
  const visible = () => {
    if (globalThis.document?.visibilityState !== 'hidden') wake();
  };
  const offline = () => {
    if (running && !established && status !== 'unauthorized' && status !== 'closed') showTrying();
  };
  const listen = (how: 'addEventListener' | 'removeEventListener') => {
    globalThis[how]?.('online', wake);
    globalThis[how]?.('offline', offline);
    globalThis[how]?.('pageshow', wake);
    globalThis.document?.[how]('visibilitychange', visible);
  };

  return {
    start() {
      if (running) return;
      running = true;
      failures = 0;
      wasOnline = refreshed = false;
      listen('addEventListener');
      void connect();
    },
    stop() {
      if (!running) return;
      running = false;
      listen('removeEventListener');
      drop(1000, 'bye');
      setStatus('idle');
    },
    retry() {
      if (!running || established) return;
      refreshed = false;
      failures = 0;
      void connect();
    },
    send,
    isOnline: () => established,
  };
}
