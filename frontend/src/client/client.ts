/** Puts the parts of the client together. */

import type { ChatClient, ChatClientOptions } from './surface';

/**
 * Makes a chat client. It does nothing until `connect()`.
 *
 * ```ts
 * const client = createChatClient({ baseUrl: 'https://chat.example.org', getToken: () => token });
 * client.connect();
 * const omar = client.conversation(9);
 * const leave = omar.open();
 * client.store.subscribe((state) => render(state.threads[omar.peerId]?.messages ?? []));
 * omar.send('lunch?');
 * ```
 *
 * One client is one user and at most one connection for chat, however many buttons and windows use it.
 * It touches no global of the browser before `connect()`, so it can be made while rendering on a server.
 */
export function createChatClient(options: ChatClientOptions): ChatClient {
  throw new Error(`not built yet: ${options.baseUrl}`);
}
