/** Unsent text: kept for 30 days, shown in the user's other tabs, written to the device when typing pauses. */

import type { Context } from './context';
import type { CachedDraft } from './remember';

const KEEP_MS = 30 * 24 * 60 * 60 * 1000;
const WRITE_MS = 300;

export interface Drafts {
  set(peerId: string, text: string): void;
  get(peerId: string): string;
  /** Another tab changed it. */
  heard(peerId: string, text: string): void;
  restore(drafts: readonly CachedDraft[]): void;
  /** Writes what has not been written. */
  flush(): void;
}

export function createDrafts(context: Context): Drafts {
  const unwritten = new Map<string, CachedDraft>();
  let timer: ReturnType<typeof setTimeout> | null = null;
  const show = (peerId: string, text: string) => {
    const { drafts } = context.state.get();
    if ((drafts[peerId] ?? '') === text) return;
    const { [peerId]: _, ...rest } = drafts;
    context.state.set({ drafts: text ? { ...rest, [peerId]: text } : rest });
  };
  const flush = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    for (const draft of unwritten.values()) {
      void context.cache.putDraft(draft);
      context.tabs?.tell({ type: 'draft', peerId: draft.peerId, text: draft.text });
    }
    unwritten.clear();
  };
  return {
    set(peerId, text) {
      const kept = text.trim() ? text : '';
      show(peerId, kept);
      context.state.flush();
      unwritten.set(peerId, { peerId, text: kept, updatedAt: context.now() });
      timer ??= setTimeout(flush, WRITE_MS);
    },
    get: (peerId) => context.state.get().drafts[peerId] ?? '',
    heard(peerId, text) {
      if (!unwritten.has(peerId)) show(peerId, text);
    },
    restore(drafts) {
      // What was typed before the device was ready to remember it.
      for (const [peerId, text] of Object.entries(context.state.get().drafts)) {
        unwritten.set(peerId, { peerId, text, updatedAt: context.now() });
      }
      for (const draft of drafts) {
        if (unwritten.has(draft.peerId)) continue;
        if (context.now() - draft.updatedAt < KEEP_MS) show(draft.peerId, draft.text);
        else void context.cache.putDraft({ ...draft, text: '' });
      }
      flush();
    },
    flush,
  };
}
