/** Hooks bind components to the client's store; they keep no truth of their own. */

import { useCallback, useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import type {
  ChatState,
  ChatUser,
  ConnectionStatus,
  Conversation,
  ConversationHandle,
  Id,
  NotificationsState,
  Presence,
  Thread,
  UserLike,
} from '../client';
import { type ChatStrings, en } from '../strings/en';
import { nameOf, useChatClient, useSettings } from './context';

const merged = new WeakMap<object, ChatStrings>();

/** Every text, with those the application replaced. */
export function useStrings(): ChatStrings {
  const { strings } = useSettings();
  if (!strings) return en;
  let all = merged.get(strings);
  if (!all) {
    all = { ...en, ...strings };
    merged.set(strings, all);
  }
  return all;
}

/** A part of the client's state; the selector must give the same value for the same state. */
export function useChatState<T>(selector: (state: ChatState) => T): T {
  return useStore(useChatClient().store, selector);
}

export function useConnectionStatus(): ConnectionStatus {
  return useChatState((state) => state.status);
}

/** The status worth showing: a connection that comes back at once was never lost for the eye. */
export function useSettledStatus(delay = 1500): ConnectionStatus {
  const status = useConnectionStatus();
  const [shown, setShown] = useState(status);
  useEffect(() => {
    const isPassing = status === 'reconnecting' || status === 'idle';
    if (!isPassing) return setShown(status);
    const timer = setTimeout(() => setShown(status), delay);
    return () => clearTimeout(timer);
  }, [status, delay]);
  return shown;
}

/** The signed-in user, once known. */
export function useMe(): ChatUser | null {
  return useChatState((state) => state.me);
}

const EMPTY_THREAD: Thread = {
  messages: [],
  hasOlder: false,
  source: 'none',
  loading: null,
  loadError: null,
  peerReadSeq: 0,
  peerDeliveredSeq: 0,
};

/** A conversation kept open while the component is there. `handle` does things, the rest is what to show. */
export function useConversation(user: Id | UserLike): {
  handle: ConversationHandle;
  peer: ChatUser;
  thread: Thread;
  conversation: Conversation | undefined;
} {
  const client = useChatClient();
  const peerId = String(typeof user === 'object' ? user.id : user);
  // Only what names the person counts: pages often build a new object on each render.
  const given = typeof user === 'object' ? `${nameOf(user)}\n${user.avatar ?? ''}` : '';
  // biome-ignore lint/correctness/useExhaustiveDependencies: see `given`
  const handle = useMemo(() => client.conversation(user), [client, peerId, given]);
  useEffect(() => handle.open(), [handle]);
  const thread = useStore(client.store, (state) => state.threads[peerId]) ?? EMPTY_THREAD;
  const conversation = useStore(client.store, (state) =>
    state.conversations.find((row) => row.peerId === peerId),
  );
  const peer = usePerson(user);
  return { handle, peer, thread, conversation };
}

/** Somebody as the client knows him, or as the page describes him. */
export function usePerson(user: Id | UserLike): ChatUser {
  const id = String(typeof user === 'object' ? user.id : user);
  const known = useChatState((state) => state.users[id]);
  const named = typeof user === 'object' ? user : null;
  return useMemo(
    () => ({
      id,
      username: known?.username || named?.username || '',
      name: known?.name || nameOf(named) || known?.username || `#${id}`,
      avatar: known?.avatar ?? named?.avatar ?? named?.profile_picture ?? null,
    }),
    [id, known, named],
  );
}

/** The loaded messages with somebody, oldest first. */
export function useMessages(user: Id | UserLike) {
  return useConversation(user).thread.messages;
}

/** Unread messages of one person, or of all. */
export function useUnreadCount(userId?: Id): number {
  return useChatState((state) =>
    userId === undefined ? state.unread.total : (state.unread.byUser[String(userId)] ?? 0),
  );
}

export function useTyping(userId: Id): boolean {
  return useChatState((state) => state.typing[String(userId)] === true);
}

export function usePresence(userId: Id): Presence | undefined {
  return useChatState((state) => state.presence[String(userId)]);
}

export function useConversations(): { conversations: readonly Conversation[]; isLoaded: boolean } {
  const conversations = useChatState((state) => state.conversations);
  const isLoaded = useChatState((state) => state.conversationsLoaded);
  return { conversations, isLoaded };
}

export interface UserSearchResult {
  users: readonly ChatUser[];
  state: 'idle' | 'searching' | 'done' | 'failed';
}

/** Finds people while somebody types. */
export function useUserSearch(query: string): UserSearchResult {
  const client = useChatClient();
  const [result, setResult] = useState<UserSearchResult>({ users: [], state: 'idle' });
  const wanted = query.trim();
  useEffect(() => {
    if ([...wanted].length < 2) return setResult({ users: [], state: 'idle' });
    const abort = new AbortController();
    setResult((last) => ({ users: last.users, state: 'searching' }));
    const timer = setTimeout(() => {
      client.people.search(wanted, { signal: abort.signal }).then(
        (users) => abort.signal.aborted || setResult({ users, state: 'done' }),
        () => abort.signal.aborted || setResult({ users: [], state: 'failed' }),
      );
    }, 200);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [client, wanted]);
  return result;
}

/** Notifications, live while the component is there. */
export function useNotifications(): NotificationsState & {
  markRead: (id: string) => Promise<void>;
  markAllRead: () => Promise<void>;
} {
  const client = useChatClient();
  useEffect(() => client.notifications.watch(), [client]);
  const state = useChatState((all) => all.notifications);
  const markRead = useCallback((id: string) => client.notifications.markRead(id), [client]);
  const markAllRead = useCallback(() => client.notifications.markAllRead(), [client]);
  return { ...state, markRead, markAllRead };
}

/** Whether the current user follows somebody (undefined until known), and how to change it. */
export function useFollow(userId: Id): { isFollowing: boolean | undefined; toggle: () => Promise<void> } {
  const client = useChatClient();
  const id = String(userId);
  const isFollowing = useChatState((state) => state.following[id]);
  const isKnown = isFollowing !== undefined;
  useEffect(() => {
    if (!isKnown) client.people.isFollowing(id).catch(() => {});
  }, [client, id, isKnown]);
  const toggle = useCallback(
    () => (client.store.getState().following[id] ? client.people.unfollow(id) : client.people.follow(id)),
    [client, id],
  );
  return { isFollowing, toggle };
}
