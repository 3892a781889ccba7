/** What the parts of one client share. */

import type { Api } from './api';
import type { ChatCache } from './remember';
import type { State } from './state';
import type { ChatEvents, Logger } from './surface';
import type { Tabs } from './tabs';
import type { ClientFrame } from './wire';

export interface Context {
  readonly state: State;
  readonly api: Api;
  readonly logger: Logger;
  /** Replaced when the user is known. */
  cache: ChatCache;
  tabs: Tabs | null;
  /** The name of this tab: whose messages it sends. */
  readonly tabId: string;
  /** Empty until known. */
  meId: string;
  /** The name of the server's database, whose numbers are remembered. */
  epoch: string | null;
  random(): number;
  now(): number;
  /** Sends over the chat connection; false if there is none. */
  send(frame: ClientFrame): boolean;
  isOnline(): boolean;
  emit<Name extends keyof ChatEvents>(name: Name, event: ChatEvents[Name]): void;
}
