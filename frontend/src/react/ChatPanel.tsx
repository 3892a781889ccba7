/** One conversation without a window around it: header, messages, writing field. */

import { type HTMLAttributes, type ReactNode, type RefObject, useCallback, useState } from 'react';
import type { ChatMessage, ConversationHandle, Thread, UserLike } from '../client';
import { Announcer } from './Announcer';
import { Avatar } from './Avatar';
import { ConnectionNotice, ConnectionStatus } from './ConnectionStatus';
import { useChat } from './context';
import { agoOf } from './format';
import { useConversation, usePresence, useStrings, useTyping } from './hooks';
import { type ComposerTarget, MessageComposer } from './MessageComposer';
import { MessageList } from './MessageList';
import { safeName } from './names';
import { useDivider } from './useDivider';

export interface ChatPanelProps extends Omit<HTMLAttributes<HTMLElement>, 'children'> {
  recipientUser: UserLike;
  /** In the header, before the person. */
  headerStart?: ReactNode;
  /** In the header, at its end. */
  headerEnd?: ReactNode;
  titleId?: string;
  input?: RefObject<HTMLTextAreaElement | null>;
}

export function ChatPanel(props: ChatPanelProps) {
  const { recipientUser, headerStart, headerEnd, titleId, input, className, ...rest } = props;
  const { root } = useChat();
  const strings = useStrings();
  return (
    <section
      aria-label={titleId ? undefined : strings.chatWith(safeName(recipientUser.username ?? ''))}
      {...root}
      {...rest}
      className={`chat-panel${className ? ` ${className}` : ''}`}
    >
      {/* Another person is another conversation: nothing of the last one may stay. */}
      <Conversation
        key={String(recipientUser.id)}
        recipientUser={recipientUser}
        headerStart={headerStart}
        headerEnd={headerEnd}
        titleId={titleId}
        input={input}
      />
    </section>
  );
}

type ConversationProps = Pick<
  ChatPanelProps,
  'recipientUser' | 'headerStart' | 'headerEnd' | 'titleId' | 'input'
>;

function Conversation({ recipientUser, headerStart, headerEnd, titleId, input }: ConversationProps) {
  const { handle, peer, thread, conversation } = useConversation(recipientUser);
  const divider = useDivider(peer.id, thread, conversation);
  const strings = useStrings();
  const [target, setTarget] = useState<ComposerTarget | null>(null);
  const onReply = useCallback((message: ChatMessage) => setTarget({ kind: 'reply', message }), []);
  const onEdit = useCallback((message: ChatMessage) => setTarget({ kind: 'edit', message }), []);
  const onTargetDone = useCallback(() => setTarget(null), []);
  return (
    <>
      <header className="chat-header">
        {headerStart}
        <div className="chat-user-info">
          <Avatar user={peer} showPresence />
          <div className="chat-user-text">
            <h2 className="chat-user-name" id={titleId} dir="auto">
              {safeName(peer.name)}
            </h2>
            <PresenceLine userId={peer.id} />
          </div>
        </div>
        <ConnectionStatus />
        {headerEnd}
      </header>
      <ConnectionNotice />
      {thread.messages.length > 0 ? (
        <MessageList
          handle={handle}
          peer={peer}
          thread={thread}
          divider={divider}
          onReply={onReply}
          onEdit={onEdit}
        />
      ) : (
        <NoMessages handle={handle} thread={thread} name={safeName(peer.name)} />
      )}
      <UnsentBar handle={handle} thread={thread} />
      <div className="chat-typing-line" aria-live="off">
        <TypingLine userId={peer.id} name={safeName(peer.name)} />
      </div>
      <MessageComposer
        handle={handle}
        peer={peer}
        target={target}
        onTargetDone={onTargetDone}
        input={input}
      />
      <Announcer peerId={peer.id} />
      <span className="chat-sr-only">{strings.chatWith(safeName(peer.name))}</span>
    </>
  );
}

function PresenceLine({ userId }: { userId: string }) {
  const presence = usePresence(userId);
  const strings = useStrings();
  const text = !presence
    ? ''
    : presence.online
      ? strings.online
      : presence.lastActive
        ? strings.lastSeen(agoOf(presence.lastActive))
        : strings.offline;
  return (
    <p className="chat-presence" data-online={presence?.online || undefined}>
      {text}
    </p>
  );
}

function TypingLine({ userId, name }: { userId: string; name: string }) {
  const strings = useStrings();
  if (!useTyping(userId)) return null;
  return (
    <span className="chat-typing">
      <span className="chat-typing-dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      {strings.typing(name)}
    </span>
  );
}

function NoMessages({ handle, thread, name }: { handle: ConversationHandle; thread: Thread; name: string }) {
  const strings = useStrings();
  if (thread.loadError) {
    return (
      <div className="chat-empty" role="alert">
        <p>{strings.loadFailed}</p>
        <p className="chat-muted">{thread.loadError}</p>
        <button type="button" className="chat-plain-button" onClick={() => handle.loadLatest()}>
          {strings.tryAgain}
        </button>
      </div>
    );
  }
  if (thread.source !== 'ready') {
    return (
      <div className="chat-loading" role="status">
        <span className="chat-spinner" aria-hidden="true" />
        {strings.loadingMessages}
      </div>
    );
  }
  return (
    <div className="chat-empty">
      <p>{strings.emptyConversation(name)}</p>
      <p className="chat-muted">{strings.emptyHint}</p>
    </div>
  );
}

/** Tells of unsent messages when there are several of them: one says so itself. */
function UnsentBar({ handle, thread }: { handle: ConversationHandle; thread: Thread }) {
  const strings = useStrings();
  const failed = thread.messages.filter((message) => message.status === 'failed');
  if (failed.length < 2) return null;
  return (
    <div className="chat-notice" data-status="failed">
      <span>{strings.unsentMessages(failed.length)}</span>
      <button
        type="button"
        className="chat-link-button"
        onClick={() => {
          for (const message of failed) handle.retry(message.key);
        }}
      >
        {strings.retryAll}
      </button>
    </div>
  );
}
