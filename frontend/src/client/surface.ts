/** The public interface of the client, as applications and the React layer see it. */

import type { StoreApi } from 'zustand/vanilla';
import type {
  ApiResponse,
  ChatMessage,
  ChatNotification,
  ChatState,
  ChatUser,
  ConnectionStatus,
  Conversation,
  Id,
  Thread,
  UserLike,
  WireConversation,
  WireHistory,
  WireMessage,
  WireReaction,
  WireUserStatus,
} from './types';

/** Where the client reports what it does. Tokens and texts of messages are never passed. */
export interface Logger {
  debug(message: string, details?: Readonly<Record<string, unknown>>): void;
  warn(message: string, details?: Readonly<Record<string, unknown>>): void;
}

/** The part of a WebSocket the client uses; the browser's own fits, so does that of `ws`. */
export interface SocketLike {
  readonly readyState: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

/** The part of a BroadcastChannel the client uses. */
export interface ChannelLike {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

/** The part of `navigator.locks` the client uses. */
export interface LocksLike {
  request<T>(
    name: string,
    options: { mode?: 'exclusive' | 'shared'; ifAvailable?: boolean },
    callback: (lock: unknown) => Promise<T> | T,
  ): Promise<T>;
}

export interface ChatClientOptions {
  /** Origin of the server, e.g. `https://chat.example.org`. A trailing `/` or `/api/` is ignored. Empty means the page's own. */
  baseUrl: string;
  /** Base of the WebSockets, e.g. `wss://chat.example.org/ws/`. Derived from `baseUrl` if left out. */
  wsUrl?: string;
  /**
   * Gives the access token (the JWT alone, without `Bearer`). Called before every connect and every request,
   * so keep it cheap. After the server refused a token it is called once more with `refresh: true`; return a
   * new one, or `null` when the user has to sign in again. A rejected promise counts as a passing fault (the
   * connection is tried again later).
   */
  getToken: (options: { refresh: boolean }) => Promise<string | null> | string | null;
  /** Id of the user the token belongs to. Only needed when the token is not a JWT with the claim `user_id`. */
  userId?: Id;
  /** Where messages, unsent messages and drafts are kept. Falls back to memory when IndexedDB is unavailable. Default `indexeddb`. */
  cache?: 'indexeddb' | 'memory';
  /** How long the connection stays open after the last `disconnect()`, in milliseconds. Default 30,000. */
  lingerMs?: number;
  logger?: Logger;
  /** For tests and for environments without them. */
  WebSocket?: new (
    url: string,
    protocols?: string | string[],
  ) => SocketLike;
  fetch?: typeof fetch;
  BroadcastChannel?: (new (name: string) => ChannelLike) | null;
  locks?: LocksLike | null;
  /** In [0, 1). Default `Math.random`. */
  random?: () => number;
  /** Milliseconds since the epoch. Default `Date.now`. */
  now?: () => number;
}

export interface ChatEvents {
  /** Somebody sent the user a message just now (not history, not what was missed while away). */
  message: { message: ChatMessage; sender: ChatUser };
  /** An own message was stored by the server. */
  sent: { message: ChatMessage };
  /** An own message could not be sent; see `message.error`. */
  failed: { message: ChatMessage };
  /** While {@link NotificationsApi.watch} is in use. */
  notification: { notification: ChatNotification };
  status: { status: ConnectionStatus; previous: ConnectionStatus };
  /** What was missed while away has been loaded. `complete` is false with servers that cannot resume. */
  synced: { complete: boolean };
  /** Something an application may want to show or report. */
  error: { code: string; message: string };
}

export interface SendOptions {
  /** The message this one answers: its `key` or `id`. */
  replyTo?: string;
}

/** One conversation with one person. Handles are cheap, and the same for the same user. */
export interface ConversationHandle {
  readonly peerId: string;
  /** The current window of messages. Prefer `store` with a selector in reactive code. */
  getThread(): Thread;
  getConversation(): Conversation | undefined;
  /**
   * Says that somebody looks at the conversation: loads it now if needed and keeps it complete after every
   * reconnect. Call the returned function when it is left. May be called by several places at once.
   */
  open(): () => void;
  /** Loads the newest page again. Resolves also when it failed: see `Thread.loadError`. */
  loadLatest(): Promise<void>;
  /** Loads the page before the oldest loaded message. Concurrent calls share one request. */
  loadOlder(): Promise<void>;
  /** Loads older pages until the message is in the window. Resolves to whether it is. */
  loadAround(messageId: string): Promise<boolean>;
  /**
   * Puts the message in the list at once and sends it when possible; it survives reloads and lost
   * connections and is stored once. Blank text is ignored (`null`).
   */
  send(text: string, options?: SendOptions): ChatMessage | null;
  /** Sends a failed message again, under the same identity. */
  retry(key: string): void;
  /** Removes a failed or pending message from the list and the outbox. A pending one may already have reached the server. */
  discard(key: string): void;
  /** Changes the text of an own message. Rejects with an {@link ApiFailure}. Takes a `key` or an `id`, like all below. */
  edit(message: string, text: string): Promise<ChatMessage>;
  /** Own messages are deleted for both people, those of the other for oneself only. */
  delete(message: string): Promise<void>;
  /** Sets the user's reaction, in place of any other. Shown at once, taken back if the server refuses. */
  react(message: string, reaction: string): Promise<void>;
  /** Takes the user's reaction back. */
  unreact(message: string): Promise<void>;
  /** Marks everything as read, or everything up to a message. Remembered while offline. */
  markRead(upTo?: string): void;
  /** Kept on the device for 30 days and shown in other tabs. Empty text removes it. */
  setDraft(text: string): void;
  getDraft(): string;
  /** Call on every keystroke: told to the other person at most every 4 s, ended after 6 s without a call. */
  startTyping(): void;
  stopTyping(): void;
}

export interface PeopleApi {
  /** Finds people by part of their name; fewer than two characters find nobody. */
  search(query: string, options?: { signal?: AbortSignal }): Promise<ChatUser[]>;
  /** The user with exactly this name; `null` if there is none. */
  byUsername(username: string): Promise<ChatUser | null>;
  suggestions(): Promise<ChatUser[]>;
  follow(userId: Id): Promise<void>;
  unfollow(userId: Id): Promise<void>;
  /** Whether the current user follows this person. */
  isFollowing(userId: Id): Promise<boolean>;
  /** Whom somebody follows, newest first; without an id, whom the current user follows. */
  following(userId?: Id, page?: number): Promise<{ users: ChatUser[]; hasMore: boolean; count: number }>;
  followers(userId?: Id, page?: number): Promise<{ users: ChatUser[]; hasMore: boolean; count: number }>;
}

export interface NotificationsApi {
  /** Loads the list and keeps it live over a second connection while anybody watches. Call the returned function to stop. */
  watch(): () => void;
  load(): Promise<void>;
  markRead(id: string): Promise<void>;
  markAllRead(): Promise<void>;
}

/**
 * The functions of the original front end's `messagingAPI`. Each resolves to `{data, status}` and rejects on
 * any answer other than 2xx with an {@link ApiFailure}.
 */
export interface MessagingAPI {
  getConversations(): Promise<ApiResponse<WireConversation[]>>;
  createConversation(
    participantUsername: string,
    initialMessage?: string | null,
  ): Promise<ApiResponse<WireConversation>>;
  /** Marks the conversation as read. */
  getConversation(id: Id): Promise<ApiResponse<WireConversation & WireHistory>>;
  getMessages(
    id: Id,
    page?: number | { page?: number; before?: Id; page_size?: number },
  ): Promise<ApiResponse<WireHistory>>;
  /**
   * Both forms of the original are understood: `(id, content, replyToId, messageType)` and the older
   * `(id, content, messageType)`.
   */
  sendMessage(
    id: Id,
    content: string,
    replyToIdOrType?: string | null,
    messageType?: string,
  ): Promise<ApiResponse<WireMessage & { duplicate?: boolean }>>;
  addReaction(
    messageId: Id,
    reactionType: string,
  ): Promise<ApiResponse<{ status: string; message: string; reaction: WireReaction }>>;
  removeReaction(messageId: Id): Promise<ApiResponse<{ status: string; message: string }>>;
  getUserStatus(userId: Id): Promise<ApiResponse<WireUserStatus>>;
  markMessagesRead(
    id: Id,
    messageIds: readonly Id[],
  ): Promise<ApiResponse<{ status: string; message_ids: string[] }>>;
  markConversationRead(id: Id): Promise<ApiResponse<{ status: string; message_ids?: string[] }>>;
  startTyping(id: Id): Promise<ApiResponse<{ status: string }>>;
  stopTyping(id: Id): Promise<ApiResponse<{ status: string }>>;
  getUnreadCount(): Promise<ApiResponse<{ unread_count: number }>>;
  getMessage(id: Id): Promise<ApiResponse<WireMessage>>;
  getMessagesWithUser(
    userId: Id,
    page?: { page?: number; before?: Id; page_size?: number },
  ): Promise<ApiResponse<WireHistory>>;
  /** With a user: unread messages from him. Without: all. */
  getUnreadMessagesCount(userId?: Id): Promise<ApiResponse<{ unread_count: number }>>;
}

export interface ChatClient {
  /** What interfaces show: a zustand store. Never write to it. */
  readonly store: StoreApi<ChatState>;
  readonly status: ConnectionStatus;
  /** Opens the connection (and first what this device remembers). Counted: every call needs its own `disconnect()`. */
  connect(): void;
  /** Takes one `connect()` back. After the last one the connection lingers for `lingerMs`, then closes. */
  disconnect(): void;
  /** Tries again at once: for "Retry" buttons, and after signing in again. */
  reconnect(): void;
  /** Closes everything at once and for good. What is unsent stays on the device for the next client. Idempotent. */
  destroy(): void;
  /** `destroy()`, and deletes everything this device remembers of the user. Call it when he signs out. */
  logout(): Promise<void>;
  /** The conversation with a person. Given an object, its name and avatar are remembered. */
  conversation(user: Id | UserLike): ConversationHandle;
  /** Loads the list of conversations again; done by itself after every connect. */
  loadConversations(): Promise<void>;
  /** Removes a conversation from the user's list, until its next message. */
  hideConversation(user: Id): Promise<void>;
  readonly people: PeopleApi;
  readonly notifications: NotificationsApi;
  readonly messagingAPI: MessagingAPI;
  /** Calls `listener` on every event of that name. Returns the function that ends it. */
  on<Name extends keyof ChatEvents>(name: Name, listener: (event: ChatEvents[Name]) => void): () => void;
}
