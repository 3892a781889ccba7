/** What an application does in one conversation. */

import type { Context } from './context';
import type { Conversations } from './conversations';
import type { Drafts } from './drafts';
import type { Part } from './later';
import type { Live } from './live';
import type { Outbox } from './outbox';
import type { ConversationHandle } from './surface';
import type { ChatMessage, QuotedMessage, WireMessage } from './types';

export interface HandleParts {
  context: Context;
  conversations: Conversations;
  live: Part<Live>;
  outbox: Outbox;
  drafts: Drafts;
  /** Everything, or everything up to a row. */
  markRead(peerId: string, row: ChatMessage | undefined): void;
}

const QUOTE_CHARS = 100;

export function createHandles(parts: HandleParts): (peerId: string) => ConversationHandle {
  const { context, conversations, live, outbox, drafts } = parts;
  const { state, api } = context;
  const handles = new Map<string, ConversationHandle>();

  const make = (peerId: string): ConversationHandle => {
    const conversationId = () => conversations.core(peerId).conversation.conversationId;
    const stored = (reference: string): { row: ChatMessage | undefined; path: string; id: string } => {
      const row = conversations.find(peerId, reference);
      const id = row ? row.id : reference;
      if (!id) throw new Error('The message has not been sent yet');
      return { row, id, path: `messaging/messages/${encodeURIComponent(id)}/` };
    };
    const quote = (reference: string | undefined): QuotedMessage | null => {
      const row = reference ? conversations.find(peerId, reference) : undefined;
      if (!row || row.deleted) return null;
      const chars = [...row.text];
      return {
        // A pending message is named by its key until it has an id: the outbox looks it up when sending.
        id: row.id ?? row.key,
        text: chars.length > QUOTE_CHARS ? `${chars.slice(0, QUOTE_CHARS).join('')}...` : row.text,
        senderId: row.senderId,
        senderName: state.get().users[row.senderId]?.name ?? '',
      };
    };
    const setReaction = async (reference: string, reaction: string | null) => {
      const { row, id, path } = stored(reference);
      const before = row?.reactions ?? [];
      const others = before.filter((one) => one.userId !== context.meId);
      const mine = { userId: context.meId, username: state.get().me?.name ?? '', reaction: reaction ?? '' };
      const after = reaction === null ? others : [...others, mine];
      conversations.patch(peerId, id, () => ({ reactions: after }));
      state.flush();
      try {
        if (reaction === null) await api.request('DELETE', `${path}reactions/remove/`);
        else await api.request('POST', `${path}reactions/`, { body: { reaction, reaction_type: reaction } });
      } catch (error) {
        // Unless the server has said meanwhile what they are.
        conversations.patch(peerId, id, (now) => (now.reactions === after ? { reactions: before } : {}));
        state.flush();
        throw error;
      }
    };
    const stopTyping = () => live.here?.typing.stop(peerId, conversationId());
    const loadLatest = async () => {
      if (!live.here) {
        conversations.setThread(peerId, { loading: 'latest', loadError: null });
        try {
          await live.load();
        } catch (error) {
          return conversations.setThread(peerId, { loading: null, loadError: String(error) });
        }
      }
      await live.here?.history.latest(peerId);
    };

    return {
      peerId,
      getThread: () => conversations.thread(peerId),
      getConversation: () => {
        const one = conversations.core(peerId);
        return one.listed || one.conversation.conversationId ? one.conversation : undefined;
      },
      open() {
        const one = conversations.core(peerId);
        one.opened += 1;
        conversations.touch(peerId);
        const { source } = conversations.thread(peerId);
        if (source !== 'ready' || one.stale) void loadLatest();
        let isOpen = true;
        return () => {
          if (!isOpen) return;
          isOpen = false;
          one.opened -= 1;
          stopTyping();
        };
      },
      loadLatest,
      loadOlder: async () => (await live.load()).history.older(peerId),
      loadAround: async (messageId) => (await live.load()).history.around(peerId, messageId),
      send(text, options) {
        const trimmed = text.trim();
        if (!trimmed) return null;
        stopTyping();
        conversations.touch(peerId);
        return outbox.send(peerId, trimmed, quote(options?.replyTo));
      },
      retry: (key) => outbox.retry(key),
      discard: (key) => outbox.discard(key),
      async edit(reference, text) {
        const { path } = stored(reference);
        const { data } = await api.request<WireMessage>('PATCH', path, { body: { content: text } });
        const row = conversations.read(data, peerId);
        if (!row) throw new Error('The server answered with something else than a message');
        conversations.apply(peerId, [row], 'local');
        state.flush();
        return conversations.find(peerId, row.key) ?? row;
      },
      async delete(reference) {
        const { row, id, path } = stored(reference);
        await api.request('DELETE', path);
        if (row && !row.own) conversations.remove(peerId, id, true);
        else conversations.patch(peerId, id, () => ({ deleted: true, text: '', reactions: [] }));
        state.flush();
      },
      react: (reference, reaction) => setReaction(reference, reaction),
      unreact: (reference) => setReaction(reference, null),
      markRead: (upTo) => parts.markRead(peerId, upTo ? conversations.find(peerId, upTo) : undefined),
      setDraft: (text) => drafts.set(peerId, text),
      getDraft: () => drafts.get(peerId),
      startTyping: () => live.here?.typing.start(peerId, conversationId()),
      stopTyping,
    };
  };

  return (peerId) => {
    let handle = handles.get(peerId);
    if (!handle) {
      handle = make(peerId);
      handles.set(peerId, handle);
    }
    return handle;
  };
}
