/** The merge rule: whatever the order and however often, the same list. */
import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '../../src/client';
import { compareRows, mergeRow, mergeRows } from '../../src/client/merge';

const row = (patch: Partial<ChatMessage>): ChatMessage => ({
  key: patch.clientId ?? patch.id ?? 'k',
  id: null,
  clientId: null,
  conversationId: 'c',
  peerId: '9',
  senderId: '7',
  own: true,
  text: 't',
  createdAt: '2026-11-24T12:00:00Z',
  seq: null,
  rev: 0,
  status: 'pending',
  error: null,
  editedAt: null,
  deleted: false,
  replyTo: null,
  reactions: [],
  ...patch,
});

/** mulberry32: a seed gives the same numbers everywhere. */
function random(seed: number) {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
function shuffle<T>(list: readonly T[], next: () => number): T[] {
  const out = [...list];
  for (let i = out.length - 1; i > 0; i -= 1) {
    const j = Math.floor(next() * (i + 1));
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}

/** Reports about a few messages, as a server could make them: states grow with `rev`. */
function reports(next: () => number): ChatMessage[] {
  const out: ChatMessage[] = [];
  const count = 1 + Math.floor(next() * 6);
  let rev = 0;
  for (let seq = 1; seq <= count; seq += 1) {
    const own = next() < 0.5;
    const clientId = own && next() < 0.8 ? `client-${seq}` : null;
    const base = {
      id: `id-${seq}`,
      clientId,
      key: clientId ?? `id-${seq}`,
      own,
      seq,
      createdAt: `2026-11-24T12:00:0${seq}Z`,
      status: 'sent' as const,
    };
    if (clientId) out.push(row({ clientId, text: 'v0', createdAt: `2026-11-24T12:01:0${seq}Z` }));
    out.push(row({ ...base, rev: ++rev, text: 'v0' }));
    if (next() < 0.5)
      out.push(row({ ...base, rev: ++rev, text: 'v1', editedAt: `2026-11-24T13:00:0${seq}Z` }));
    if (next() < 0.4) {
      out.push(
        row({
          ...base,
          rev: ++rev,
          text: 'v1',
          reactions: [{ userId: '9', username: 'omar', reaction: '👍' }],
        }),
      );
    }
    if (own && next() < 0.5)
      out.push(
        row({
          ...base,
          rev: rev,
          text: out[out.length - 1]?.text ?? '',
          reactions: out[out.length - 1]?.reactions ?? [],
          editedAt: out[out.length - 1]?.editedAt ?? null,
          status: next() < 0.5 ? 'delivered' : 'read',
        }),
      );
    if (next() < 0.2) out.push(row({ ...base, rev: ++rev, text: '', deleted: true }));
  }
  return out;
}

const apply = (all: readonly ChatMessage[]) =>
  all.reduce<readonly ChatMessage[]>((list, one) => mergeRows(list, [one]), []);

describe('mergeRows', () => {
  it('gives the same list for every order of the same reports', () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const next = random(seed);
      const all = reports(next);
      const expected = apply(all);
      for (let i = 0; i < 8; i += 1) {
        const order = shuffle(all, next);
        expect(apply(order), `seed ${seed}`).toEqual(expected);
        expect(mergeRows([], order), `seed ${seed}, at once`).toEqual(expected);
      }
    }
  });

  it('is idempotent, and returns the same array when nothing is new', () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const all = reports(random(seed));
      const once = apply(all);
      expect(mergeRows(once, all)).toBe(once);
      expect(mergeRows(once, shuffle(all, random(seed + 1000)))).toBe(once);
    }
  });

  it('never has two rows for one message, and is ordered', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const next = random(seed);
      const list = apply(shuffle([...reports(next), ...reports(random(seed))], next));
      const ids = list.map((one) => one.id).filter(Boolean);
      expect(new Set(ids).size).toBe(ids.length);
      expect(new Set(list.map((one) => one.key)).size).toBe(list.length);
      for (let i = 1; i < list.length; i += 1) {
        expect(compareRows(list[i - 1] as ChatMessage, list[i] as ChatMessage)).toBeLessThanOrEqual(0);
      }
    }
  });

  it('keeps the key of a pending row when it is stored', () => {
    const pending = row({ clientId: 'a' });
    const stored = row({ id: '1', clientId: 'a', seq: 4, rev: 4, status: 'sent' });
    expect(mergeRows([pending], [stored])).toMatchObject([{ key: 'a', id: '1', seq: 4, status: 'sent' }]);
  });

  it('unites a row known by id with a pending one once they turn out to be the same', () => {
    // The history of a server without client_id came before its acknowledgement.
    const list = mergeRows([row({ clientId: 'a' })], [row({ id: '1', key: '1', status: 'sent' })]);
    expect(list).toHaveLength(2);
    const united = mergeRows(list, [row({ id: '1', clientId: 'a', status: 'sent' })]);
    expect(united).toHaveLength(1);
    expect(united[0]).toMatchObject({ key: 'a', id: '1', status: 'sent' });
  });

  it('puts pending rows last, in the order of their times', () => {
    const list = mergeRows(
      [],
      [
        row({ clientId: 'p2', createdAt: '2020-01-01T00:00:02Z' }),
        row({ id: '9', key: '9', seq: 9, status: 'sent', createdAt: '2030-01-01T00:00:00Z' }),
        row({ clientId: 'p1', createdAt: '2020-01-01T00:00:01Z' }),
      ],
    );
    expect(list.map((one) => one.key)).toEqual(['9', 'p1', 'p2']);
  });

  it('lets no older state undo a deletion or an edit', () => {
    const gone = mergeRow(
      row({ id: '1', rev: 8, deleted: true, text: '' }),
      row({ id: '1', rev: 1, text: 'back' }),
    );
    expect(gone).toMatchObject({ deleted: true, text: '', rev: 8 });
    const edited = mergeRow(row({ id: '1', rev: 8, text: 'new' }), row({ id: '1', rev: 7, text: 'old' }));
    expect(edited.text).toBe('new');
  });

  it('never takes a receipt back', () => {
    const read = row({ id: '1', rev: 1, status: 'read' });
    expect(mergeRow(read, row({ id: '1', rev: 2, status: 'sent', text: 'edited' }))).toMatchObject({
      status: 'read',
      text: 'edited',
    });
  });
});
