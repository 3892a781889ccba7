/** The inbox: everybody one has written with, newest first. */

import { type HTMLAttributes, memo } from 'react';
import type { ChatUser, Conversation } from '../client';
import { Avatar } from './Avatar';
import { useChat } from './context';
import { shortMoment } from './format';
import { useChatState, useConversations, usePerson, useStrings, useTyping } from './hooks';
import { statusText } from './Message';
import { safeName } from './names';
import { UnreadBadge } from './UnreadBadge';

export interface ConversationListProps extends Omit<HTMLAttributes<HTMLElement>, 'onSelect' | 'children'> {
  onSelect: (user: ChatUser) => void;
  /** Id of the person whose conversation is shown at the moment. */
  selectedId?: string | null;
}

export function ConversationList({ onSelect, selectedId, className, ...rest }: ConversationListProps) {
  const { root } = useChat();
  const strings = useStrings();
  const { conversations, isLoaded } = useConversations();
  return (
    <nav
      aria-label={strings.conversations}
      {...root}
      {...rest}
      className={`chat-conversations${className ? ` ${className}` : ''}`}
    >
      {conversations.length === 0 ? (
        <div className={isLoaded ? 'chat-empty' : 'chat-loading'} role="status">
          {!isLoaded && <span className="chat-spinner" aria-hidden="true" />}
          <p>{isLoaded ? strings.noConversations : strings.loadingConversations}</p>
          {isLoaded && <p className="chat-muted">{strings.noConversationsHint}</p>}
        </div>
      ) : (
        <ul>
          {conversations.map((conversation) => (
            <Item
              key={conversation.peerId}
              conversation={conversation}
              isSelected={conversation.peerId === selectedId}
              onSelect={onSelect}
            />
          ))}
        </ul>
      )}
    </nav>
  );
}

interface ItemProps {
  conversation: Conversation;
  isSelected: boolean;
  onSelect: (user: ChatUser) => void;
}

const Item = memo(function Item({ conversation, isSelected, onSelect }: ItemProps) {
  const strings = useStrings();
  const { peerId, lastMessage, lastActivity } = conversation;
  const peer = usePerson(peerId);
  const isTyping = useTyping(peerId);
  const draft = useChatState((state) => state.drafts[peerId]);
  const isUnread = useChatState((state) => (state.unread.byUser[peerId] ?? 0) > 0);
  return (
    <li>
      <button
        type="button"
        className="chat-conversation"
        aria-current={isSelected || undefined}
        data-unread={isUnread || undefined}
        onClick={() => onSelect(peer)}
      >
        <Avatar user={peer} size={46} showPresence />
        <span className="chat-conversation-text">
          <span className="chat-conversation-top">
            <span className="chat-conversation-name" dir="auto">
              {safeName(peer.name)}
            </span>
            <time dateTime={lastActivity}>{shortMoment(lastActivity, strings)}</time>
          </span>
          <span className="chat-conversation-bottom">
            <span className="chat-preview" dir="auto">
              {isTyping ? (
                <span className="chat-accent-text">{strings.typing(safeName(peer.name))}</span>
              ) : draft && !isSelected ? (
                <>
                  <span className="chat-draft">{strings.draft}</span> {draft}
                </>
              ) : lastMessage ? (
                <>
                  {lastMessage.own && <span>{strings.you}: </span>}
                  {lastMessage.deleted ? strings.deletedMessage : lastMessage.text.slice(0, 140)}
                  {lastMessage.status === 'failed' && ` (${statusText(lastMessage, strings)})`}
                </>
              ) : (
                ''
              )}
            </span>
            <UnreadBadge userId={peerId} />
          </span>
        </span>
      </button>
    </li>
  );
});
