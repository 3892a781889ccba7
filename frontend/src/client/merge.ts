/**
 * The rule by which reports about messages become one list. Pure; applying a report twice, or reports in
 * another order, gives the same list.
 */

import type { ChatMessage, MessageStatus, Reaction } from './types';

const RANK: Record<MessageStatus, number> = { failed: 0, pending: 0, sent: 1, delivered: 2, read: 3 };

const isStored = (row: ChatMessage) => row.id !== null;

/** Stored rows by `seq` (by time where servers do not number them), rows not stored yet after all others. */
export function compareRows(a: ChatMessage, b: ChatMessage): number {
  if (isStored(a) !== isStored(b)) return isStored(a) ? -1 : 1;
  if (a.seq !== null && b.seq !== null) return a.seq - b.seq;
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? -1 : 1;
  // Ids are compared only between stored rows: there is no better order, but it is the same everywhere.
  return isStored(a) && a.key !== b.key ? ((a.id ?? '') < (b.id ?? '') ? -1 : 1) : 0;
}

const sameReactions = (a: readonly Reaction[], b: readonly Reaction[]) =>
  a === b ||
  (a.length === b.length &&
    a.every((one, i) => one.userId === b[i]?.userId && one.reaction === b[i]?.reaction));

function sameRow(a: ChatMessage, b: ChatMessage): boolean {
  for (const field of Object.keys(b) as (keyof ChatMessage)[]) {
    if (field === 'reactions') {
      if (!sameReactions(a.reactions, b.reactions)) return false;
    } else if (field === 'replyTo') {
      if (a.replyTo?.id !== b.replyTo?.id || a.replyTo?.text !== b.replyTo?.text) return false;
    } else if (a[field] !== b[field]) return false;
  }
  return true;
}

/** Whether `b` knows at least as much as `a`. */
function isNewer(a: ChatMessage, b: ChatMessage): boolean {
  if (isStored(a) !== isStored(b)) return isStored(b);
  if (a.rev !== b.rev) return b.rev > a.rev;
  return (b.editedAt ?? '') >= (a.editedAt ?? '');
}

/** Two reports about one message. Returns `known` itself if `seen` says nothing new. */
export function mergeRow(known: ChatMessage, seen: ChatMessage): ChatMessage {
  const [older, newer] = isNewer(known, seen) ? [known, seen] : [seen, known];
  const deleted = known.deleted || seen.deleted;
  const furthest = RANK[older.status] > RANK[newer.status] ? older.status : newer.status;
  const quoteGone = older.replyTo?.text === '' || newer.replyTo?.text === '';
  const replyTo = newer.replyTo ?? older.replyTo;
  const merged: ChatMessage = {
    ...newer,
    key: known.key,
    clientId: newer.clientId ?? older.clientId,
    conversationId: newer.conversationId ?? older.conversationId,
    seq: newer.seq ?? older.seq,
    status: isStored(newer) ? furthest : newer.status,
    deleted,
    text: deleted ? '' : newer.text,
    reactions: deleted ? [] : newer.reactions,
    replyTo: replyTo && quoteGone ? { ...replyTo, text: '' } : replyTo,
  };
  return sameRow(known, merged) ? known : merged;
}

const isSame = (a: ChatMessage, b: ChatMessage) =>
  (a.id !== null && a.id === b.id) || (a.clientId !== null && a.clientId === b.clientId);

/** Puts reports into an ordered list. Returns `rows` itself if nothing changes. */
export function mergeRows(
  rows: readonly ChatMessage[],
  seen: readonly ChatMessage[],
): readonly ChatMessage[] {
  let next: ChatMessage[] | null = null;
  let sorted = true;
  for (const row of seen) {
    const list: readonly ChatMessage[] = next ?? rows;
    // Most reports are about the newest messages, so looking from the end is quick in lists of any length.
    let at = list.length - 1;
    while (at >= 0 && !isSame(list[at] as ChatMessage, row)) at -= 1;
    if (at < 0) {
      next ??= rows.slice();
      const last = next[next.length - 1];
      if (last && compareRows(last, row) > 0) sorted = false;
      next.push(row);
      continue;
    }
    const known = list[at] as ChatMessage;
    let merged = mergeRow(known, row);
    if (merged === known) continue;
    next ??= rows.slice();
    // A row found by its id may make another one, known by its client_id, superfluous (and the reverse).
    for (let other = at - 1; other >= 0; other -= 1) {
      const twin = next[other] as ChatMessage;
      if (!isSame(twin, merged)) continue;
      merged = twin.id === null ? { ...mergeRow(twin, merged), key: twin.key } : mergeRow(merged, twin);
      next.splice(other, 1);
      at -= 1;
      break;
    }
    next[at] = merged;
    if (known.seq !== merged.seq || known.id !== merged.id || known.createdAt !== merged.createdAt)
      sorted = false;
  }
  if (!next) return rows;
  return sorted ? next : next.sort(compareRows);
}

/** The lowest number among the rows. */
export const lowest = (rows: readonly ChatMessage[]) =>
  rows.reduce<number | null>(
    (low, { seq }) => (seq === null ? low : low === null ? seq : Math.min(low, seq)),
    null,
  );
