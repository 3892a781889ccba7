/** What this device and the user's other tabs share. Fetched by the client unless it is told to remember nothing. */

import { openCache, wipeOthers } from './cache';
import type { Context } from './context';
import type { Conversations } from './conversations';
import { createKeeper, type Keeper } from './keeper';
import type { ChatCache, Snapshot } from './remember';
import type { ChatClientOptions } from './surface';
import { createTabs, type TabNews, type Tabs } from './tabs';

export interface Device {
  readonly cache: ChatCache;
  readonly tabs: Tabs;
  readonly keeper: Keeper;
  readonly snapshot: Snapshot;
  /** Deletes what other users left here, unless an open page uses it. */
  wipeOthers(): void;
  close(): void;
}

/** Opens what is kept under `prefix` for a user, and reads it. */
export async function openDevice(
  context: Context,
  conversations: Conversations,
  { locks, BroadcastChannel }: ChatClientOptions,
  prefix: string,
  userId: string,
  onNews: (news: TabNews) => void,
): Promise<Device> {
  const name = prefix + userId;
  const tabs = createTabs(
    context.tabId,
    name,
    locks === undefined ? (globalThis.navigator?.locks as never) : locks,
    (BroadcastChannel === undefined ? globalThis.BroadcastChannel : BroadcastChannel) as never,
    onNews,
  );
  const cache = await openCache(name, context.logger);
  const keeper = createKeeper(context, conversations);
  return {
    cache,
    tabs,
    keeper,
    snapshot: await cache.load(),
    wipeOthers: () => void wipeOthers(prefix, name, tabs.isFree),
    close() {
      keeper.stop();
      tabs.close();
      cache.close();
    },
  };
}
