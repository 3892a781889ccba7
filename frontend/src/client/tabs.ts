/**
 * Other tabs of the same user: tells them of drafts, read positions and unsent messages, and finds out which
 * of them are gone. Each tab sends its own messages; those of a tab that is gone are adopted by another one.
 */

import type { ChannelLike, ChatClientOptions, LocksLike } from './surface';
import type { ChatMessage, OutboxItem } from './types';

export type TabNews =
  | { type: 'outbox'; item: OutboxItem }
  /** Stored as `row`, or discarded. */
  | { type: 'settled'; clientId: string; row: ChatMessage | null }
  | { type: 'draft'; peerId: string; text: string }
  | { type: 'read'; peerId: string; readSeq: number }
  | { type: 'logout' };

export interface Tabs {
  tell(news: TabNews): void;
  /** Whether the tab with this id no longer exists. Without locks that cannot be known: then yes, if `guess` says so. */
  isGone(id: string, guess: boolean): Promise<boolean>;
  /** Whether no open tab uses the database with this name. */
  isFree(name: string): Promise<boolean>;
  close(): void;
}

export function createTabs(
  id: string,
  name: string,
  locks: LocksLike | null | undefined,
  Channel: ChatClientOptions['BroadcastChannel'],
  onNews: (news: TabNews) => void,
): Tabs {
  let channel: ChannelLike | null = null;
  let release = () => {};
  const until = new Promise<void>((done) => {
    release = done;
  });
  const hold = (lock: string, mode: 'exclusive' | 'shared') => {
    // Refused in insecure contexts and sandboxed frames: then the same as no locks at all.
    locks?.request(lock, { mode }, () => until).catch(() => {});
  };
  hold(`${name}:tab:${id}`, 'exclusive');
  hold(`${name}:open`, 'shared');
  try {
    channel = Channel ? new Channel(name) : null;
    if (channel) channel.onmessage = (event) => onNews(event.data as TabNews);
  } catch {
    channel = null;
  }
  const take = async (lock: string, otherwise: boolean): Promise<boolean> => {
    if (!locks) return otherwise;
    try {
      return await locks.request(lock, { mode: 'exclusive', ifAvailable: true }, (held) => held !== null);
    } catch {
      return otherwise;
    }
  };
  return {
    tell(news) {
      try {
        channel?.postMessage(news);
      } catch {
        // Closed meanwhile.
      }
    },
    isGone: (other, guess) => take(`${name}:tab:${other}`, guess),
    isFree: (database) => take(`${database}:open`, false),
    close() {
      release();
      channel?.close();
      channel = null;
    },
  };
}
