/** Ids, also where the browser offers little; and importing the client where there is no browser. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createChatClient } from '../../src/client';
import { userIdOfToken, uuid, wireId } from '../../src/client/ids';
import { tokenFor } from './helpers/server';

afterEach(() => vi.unstubAllGlobals());
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('uuid', () => {
  it.each(['everything', 'getRandomValues only', 'nothing'])('works with %s', (offered) => {
    const { crypto } = globalThis;
    if (offered === 'getRandomValues only')
      vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) });
    if (offered === 'nothing') vi.stubGlobal('crypto', undefined);
    const made = Array.from({ length: 200 }, () => uuid());
    for (const one of made) expect(one).toMatch(UUID);
    expect(new Set(made).size).toBe(200);
  });
});

describe('ids', () => {
  it('go out as numbers where they are numbers', () => {
    expect(wireId('9')).toBe(9);
    expect(wireId('abc-1')).toBe('abc-1');
    expect(wireId('12345678901234567890')).toBe('12345678901234567890');
  });

  it('are read from a token, and only from one that has them', () => {
    expect(userIdOfToken(tokenFor(7))).toBe('7');
    for (const token of ['', 'opaque', 'a.b.c', `a.${Buffer.from('{}').toString('base64url')}.c`]) {
      expect(userIdOfToken(token)).toBeNull();
    }
  });

  it('of numbers and strings name the same conversation', () => {
    const client = createChatClient({ baseUrl: 'http://chat.test', getToken: () => null });
    expect(client.conversation(9)).toBe(client.conversation('9'));
    expect(client.conversation({ id: 9, username: 'omar', full_name: 'Omar S' })).toBe(
      client.conversation(9),
    );
    client.destroy();
  });
});

it('is made without touching anything of a browser', () => {
  for (const name of [
    'WebSocket',
    'fetch',
    'indexedDB',
    'navigator',
    'document',
    'window',
    'BroadcastChannel',
    'crypto',
  ]) {
    vi.stubGlobal(name, undefined);
  }
  const client = createChatClient({ baseUrl: '', getToken: () => null });
  expect(client.status).toBe('idle');
  client.destroy();
});
