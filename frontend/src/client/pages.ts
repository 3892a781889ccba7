/** Pages of history put into the window of a conversation, and what they say about its completeness. */

import type { Conversations, Core } from './conversations';
import { lowest } from './merge';
import type { Positions } from './positions';
import type { ChatMessage, WireMessage } from './types';

export interface Page {
  messages: WireMessage[];
  hasOlder: boolean;
  conversationId: string | null;
}

export interface Pages {
  newest(peerId: string, page: Page): void;
  older(peerId: string, page: Page): void;
  /** Throws the window away, pending messages excepted. */
  clear(peerId: string, rev: number | null): void;
}

const max = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.max(a, b));

export function createPages(
  conversations: Conversations,
  { absorb }: Positions,
  /** The newest page is in the window. */
  paged: (peerId: string) => void,
): Pages {
  const { core, thread, setThread, setRows, apply, learn, read } = conversations;
  const endLoad = (one: Core) => {
    if (one.loads > 0) return;
    const again = one.replay;
    one.replay = [];
    for (const step of again) step();
  };
  const rowsOf = (page: Page, peerId: string) => {
    learn(peerId, page.conversationId);
    return page.messages
      .map((wire) => read(wire, peerId))
      .filter((row): row is ChatMessage => row?.peerId === peerId);
  };

  return {
    newest(peerId, page) {
      const one = core(peerId);
      const rows = rowsOf(page, peerId);
      const low = lowest(rows);
      const { messages, hasOlder } = thread(peerId);
      const isNumbered = low !== null || rows.length === 0;
      const trusted = !one.stale && one.fromSeq !== null;
      const pending = messages.filter((row) => row.id === null);
      let kept: readonly ChatMessage[] = messages;
      if (isNumbered && !trusted) {
        // Older rows stay if the page reaches back to those that are complete; of its own stretch the page
        // is the whole truth. Rows that came after something was missed do not count: a hole lies before them.
        const { rev } = one;
        const isComplete = (row: ChatMessage) => rev !== null && row.id !== null && row.rev <= rev;
        const joins = low !== null && messages.some((row) => isComplete(row) && (row.seq ?? 0) >= low - 1);
        kept = joins
          ? messages.filter((row) => row.id === null || (row.seq !== null && row.seq < low))
          : pending;
        const oldest = lowest(kept);
        one.fromSeq = page.hasOlder ? (oldest ?? low) : 1;
        const known = rows.reduce((top, row) => Math.max(top, row.rev), 0) || null;
        // What the page shows is at least as new as its newest change.
        if (one.rev === null || one.stale) one.rev = max(one.rev, known);
        if (!joins) one.generation += 1;
      } else if (isNumbered && low !== null && one.fromSeq !== null) {
        one.fromSeq = Math.min(one.fromSeq, page.hasOlder ? low : 1);
      }
      one.stale = false;
      const stillOlder =
        one.fromSeq === null ? page.hasOlder : one.fromSeq > 1 && (page.hasOlder || hasOlder);
      setThread(peerId, { messages: kept, hasOlder: stillOlder, source: 'ready', loadError: null });
      apply(peerId, rows, 'page');
      setRows(one, thread(peerId).messages);
      absorb(one);
      endLoad(one);
      paged(peerId);
    },
    older(peerId, page) {
      const one = core(peerId);
      const rows = rowsOf(page, peerId);
      const low = lowest(rows);
      if (!page.hasOlder) one.fromSeq = one.fromSeq === null && low === null ? null : 1;
      else if (low !== null) one.fromSeq = one.fromSeq === null ? low : Math.min(one.fromSeq, low);
      apply(peerId, rows, 'page');
      // A page that brings nothing new would be asked for again for ever.
      setThread(peerId, { hasOlder: page.hasOlder && rows.length > 0, loadError: null });
      endLoad(one);
    },
    clear(peerId, rev) {
      const one = core(peerId);
      one.generation += 1;
      one.fromSeq = null;
      one.rev = rev;
      one.stale = false;
      one.cleared = true;
      one.early.clear();
      one.replay = [];
      setRows(
        one,
        thread(peerId).messages.filter((row) => row.id === null),
        { hasOlder: true, source: 'none' },
      );
      absorb(one);
    },
  };
}
