/** What the client talks about: the wire shapes it reads and the values it gives to applications. */

/** Ids arrive as numbers or strings; inside the client they are always strings. */
export type Id = string | number;

/**
 * - `idle`: not asked to connect, or disconnected by the application
 * - `connecting`: the first attempt is under way
 * - `online`: the server's first frame has arrived
 * - `reconnecting`: the connection was lost and is tried again
 * - `offline`: the same, and the device says it has no network
 * - `unauthorized`: the token was refused, also after one refresh, or there is none; `client.reconnect()` tries again
 * - `closed`: the server asked not to come back, see {@link ChatState.closed}; `client.reconnect()` tries again
 */
export type ConnectionStatus =
  | 'idle'
  | 'connecting'
  | 'online'
  | 'reconnecting'
  | 'offline'
  | 'unauthorized'
  | 'closed';

export interface ChatUser {
  readonly id: string;
  readonly username: string;
  /** First and last name, else the user name; never empty once anything is known. */
  readonly name: string;
  readonly avatar: string | null;
}

/** Whatever a host page knows of a user. Only `id` is needed. */
export interface UserLike {
  readonly id: Id;
  readonly username?: string | null;
  readonly name?: string | null;
  readonly full_name?: string | null;
  readonly display_name?: string | null;
  readonly first_name?: string | null;
  readonly last_name?: string | null;
  readonly avatar?: string | null;
  readonly profile_picture?: string | null;
}

export interface Reaction {
  readonly userId: string;
  readonly username: string;
  /** An emoji or a short word. */
  readonly reaction: string;
}

export interface QuotedMessage {
  readonly id: string;
  /** The first 100 characters; empty once the quoted message is deleted. */
  readonly text: string;
  readonly senderId: string;
  readonly senderName: string;
}

/**
 * - `pending`: on its way (or waiting for the connection)
 * - `failed`: will not be sent unless the user retries, see {@link ChatMessage.error}
 * - `sent`, `delivered`, `read`: of own messages; messages of others are always `sent`
 */
export type MessageStatus = 'pending' | 'failed' | 'sent' | 'delivered' | 'read';

/** Why a message failed. `code` is an error code of the server, or `expired`, or `unknown`. */
export interface SendFailure {
  readonly code: string;
  readonly message: string;
}

export interface ChatMessage {
  /** Identity for lists. Assigned once: it does not change when a pending message is stored. */
  readonly key: string;
  /** The server's id; `null` until it is stored. */
  readonly id: string | null;
  /** The sender's own name for it; always `null` for messages of others. */
  readonly clientId: string | null;
  readonly conversationId: string | null;
  /** The other person of the conversation. */
  readonly peerId: string;
  readonly senderId: string;
  readonly own: boolean;
  /** Plain text; empty when {@link deleted}. */
  readonly text: string;
  /** ISO 8601. The server's time once stored, until then the local one. */
  readonly createdAt: string;
  /** Place in the conversation; `null` until stored, or with servers that do not number messages. */
  readonly seq: number | null;
  /** Number of the change that gave the message this state; 0 if unknown. */
  readonly rev: number;
  readonly status: MessageStatus;
  readonly error: SendFailure | null;
  readonly editedAt: string | null;
  /** Deleted for both by its author. The row stays in the list of this session and is gone after a reload. */
  readonly deleted: boolean;
  readonly replyTo: QuotedMessage | null;
  readonly reactions: readonly Reaction[];
}

/** A row of the list of conversations. */
export interface Conversation {
  /** The other person: the key of everything that concerns this conversation. */
  readonly peerId: string;
  /** The server's id; `null` before the first message is stored. */
  readonly conversationId: string | null;
  /** Newest message, pending ones included. */
  readonly lastMessage: ChatMessage | null;
  /** ISO 8601. */
  readonly lastActivity: string;
  readonly unread: number;
  /** How far the current user has read. */
  readonly readSeq: number;
  /** Newest sequence number known. */
  readonly lastSeq: number;
}

/** The loaded part of a conversation: an unbroken run of messages that ends with the newest. */
export interface Thread {
  /** Ordered by `seq`, pending ones last. */
  readonly messages: readonly ChatMessage[];
  /** Whether older messages can be loaded. */
  readonly hasOlder: boolean;
  /**
   * - `none`: nothing loaded
   * - `cache`: what this device remembered; the server has not confirmed it yet
   * - `ready`: confirmed by the server
   */
  readonly source: 'none' | 'cache' | 'ready';
  /** What is being fetched at the moment. */
  readonly loading: 'latest' | 'older' | null;
  /** The last load failed (text for people); `open`, `loadLatest` or `loadOlder` try again. */
  readonly loadError: string | null;
  /** How far the other person has read and been given messages. */
  readonly peerReadSeq: number;
  readonly peerDeliveredSeq: number;
}

export interface Presence {
  readonly online: boolean;
  /** ISO 8601, or `null` if unknown. */
  readonly lastActive: string | null;
}

export interface ChatNotification {
  readonly id: string;
  /** `message`, `reply`, `reaction`, `follow` or any other. */
  readonly verb: string;
  /** A sentence for people. */
  readonly title: string;
  readonly actor: ChatUser | null;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly isRead: boolean;
  /** ISO 8601. */
  readonly createdAt: string;
}

export interface NotificationsState {
  /** Newest first. */
  readonly items: readonly ChatNotification[];
  readonly unread: number;
  readonly loaded: boolean;
}

/** A message that the server has not acknowledged yet. It survives reloads. */
export interface OutboxItem {
  readonly clientId: string;
  readonly peerId: string;
  readonly text: string;
  readonly replyTo: QuotedMessage | null;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** How often it was put on the wire. */
  readonly attempts: number;
  readonly state: 'pending' | 'failed';
  readonly error: SendFailure | null;
  /** The tab that sends it. */
  readonly owner: string;
}

/** Why the server closed the connection for good. */
export interface CloseInfo {
  readonly code: number;
  readonly reason: string;
}

/** Everything an interface shows. Treat it as read-only; it is replaced, never changed in place. */
export interface ChatState {
  readonly status: ConnectionStatus;
  /** Set while `status` is `closed`. */
  readonly closed: CloseInfo | null;
  readonly me: ChatUser | null;
  /** By user id. */
  readonly users: Readonly<Record<string, ChatUser>>;
  /** Newest activity first. */
  readonly conversations: readonly Conversation[];
  /** Whether {@link conversations} has been confirmed by the server. */
  readonly conversationsLoaded: boolean;
  /** By the id of the other person. */
  readonly threads: Readonly<Record<string, Thread>>;
  readonly unread: {
    readonly total: number;
    /** By the id of the other person; absent means 0. */
    readonly byUser: Readonly<Record<string, number>>;
  };
  /** Ids of people who are typing to the current user. */
  readonly typing: Readonly<Record<string, true>>;
  /** By user id; absent means unknown. */
  readonly presence: Readonly<Record<string, Presence>>;
  readonly notifications: NotificationsState;
  /** Unacknowledged messages of all conversations, oldest first. */
  readonly outbox: readonly OutboxItem[];
  /** Unsent text by the id of the other person; absent means none. */
  readonly drafts: Readonly<Record<string, string>>;
  /** Whether the current user follows somebody; absent means unknown. */
  readonly following: Readonly<Record<string, boolean>>;
}

/** An answer of {@link MessagingAPI}, shaped like that of axios. */
export interface ApiResponse<T> {
  readonly data: T;
  readonly status: number;
}

/** Rejection of {@link MessagingAPI}, shaped like that of axios. Without an answer, `response` is undefined. */
export interface ApiFailure extends Error {
  readonly response?: {
    readonly status: number;
    readonly data: unknown;
    /** Seconds, from the header `Retry-After`. */
    readonly retryAfter: number | null;
  };
}

// ---------------------------------------------------------------------------------------------
// The wire: what the client reads of what servers say. Everything a server of another age may leave out is optional.
// The server's own documents are in `wire/`; `wire/check.ts` holds these against them.

export interface WireUser {
  id: Id;
  username?: string;
  first_name?: string;
  last_name?: string;
  full_name?: string;
  display_name?: string;
  avatar?: string | null;
  profile_picture?: string | null;
  is_online?: boolean;
  last_active?: string | null;
}

export interface WireReaction {
  user: { id: Id; username?: string; full_name?: string };
  reaction?: string;
  reaction_type?: string;
  created_at?: string;
}

export interface WireMessage {
  id: Id;
  conversation?: Id;
  conversation_id?: Id;
  sender: WireUser;
  recipient?: WireUser | null;
  content?: string;
  text?: string;
  created_at?: string;
  timestamp?: string;
  is_edited?: boolean;
  edited_at?: string | null;
  is_deleted?: boolean;
  reply_to?: {
    id: Id;
    text?: string;
    content?: string;
    sender?: { id: Id; username?: string; full_name?: string };
  } | null;
  is_read?: boolean;
  is_delivered?: boolean;
  reactions?: WireReaction[] | Record<string, number>;
  seq?: number | null;
  rev?: number | null;
  client_id?: string | null;
}

export interface WireConversation {
  id?: Id;
  conversation_id?: Id;
  participants?: WireUser[];
  other_participant?: WireUser | null;
  participant?: WireUser | null;
  partner?: WireUser | null;
  latest_message?: WireMessage | null;
  unread_count?: number;
  last_activity?: string;
  updated_at?: string;
  created_at?: string;
  last_seq?: number;
  rev?: number;
  read_seq?: number;
}

export interface WireHistory {
  messages?: WireMessage[];
  results?: WireMessage[];
  count?: number;
  next?: string | null;
  previous?: string | null;
  has_more?: boolean;
  conversation_id?: Id | null;
}

export interface WireNotification {
  id: Id;
  actor?: WireUser | null;
  verb?: string;
  title?: string;
  message?: string;
  payload?: Record<string, unknown> | null;
  is_read?: boolean;
  created_at?: string;
}

export interface WireCursor {
  user_id: Id;
  read_seq?: number;
  delivered_seq?: number;
}

/** A frame from the server, whatever its type. */
export interface WireFrame {
  type: string;
  message?: unknown;
  [field: string]: unknown;
}

export interface WireFollowed {
  id: Id;
  follow_date?: string;
  mutual_follow?: boolean;
  user: WireUser;
}

export interface WireFollowAnswer {
  status: string;
  is_following: boolean;
  state_changed: boolean;
}

export interface WireUserStatus {
  user_id: Id;
  username: string;
  is_online: boolean;
  /** `online` or `offline`. */
  status: string;
  last_active: string | null;
  last_seen: string | null;
}
