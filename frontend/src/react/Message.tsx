/** One message: its bubble, what it answers, its reactions, and how far it got. */

import type { ChatMessage, ChatUser, ConversationHandle } from '../client';
import type { ChatStrings } from '../strings/en';
import { useSettings } from './context';
import { fullTimeOf, timeOf } from './format';
import { useStrings } from './hooks';
import { Icon, type IconName } from './icons';
import { safeName } from './names';
import { isFewEmoji, linked } from './text';

const STATUS_ICONS: Record<ChatMessage['status'], IconName> = {
  pending: 'clock',
  failed: 'alert',
  sent: 'check',
  delivered: 'delivered',
  read: 'delivered',
};

export function statusText(message: ChatMessage, strings: ChatStrings): string {
  switch (message.status) {
    case 'pending':
      return strings.statusPending;
    case 'failed':
      return strings.statusFailed;
    case 'delivered':
      return strings.statusDelivered;
    case 'read':
      return strings.statusRead;
    default:
      return strings.statusSent;
  }
}

export interface MessageProps {
  message: ChatMessage;
  sender: ChatUser;
  handle: ConversationHandle;
  /** First of a run of messages of one person. */
  startsGroup: boolean;
  isMenuOpen: boolean;
  onMenu: (message: ChatMessage, anchor: HTMLElement) => void;
  onJump: (messageId: string) => void;
}

export function Message(props: MessageProps) {
  const { message, sender, handle, startsGroup, isMenuOpen, onMenu, onJump } = props;
  const { components } = useSettings();
  const strings = useStrings();
  const name = message.own ? strings.you : safeName(sender.name);
  const time = timeOf(message.createdAt);
  const Custom = components.Message;
  const canAct = !message.deleted && message.status !== 'pending' && message.status !== 'failed';
  return (
    <div
      className={`chat-message ${message.own ? 'sent' : 'received'}`}
      data-own={message.own}
      data-status={message.status}
      data-starts-group={startsGroup || undefined}
      data-menu-open={isMenuOpen || undefined}
    >
      <div className="chat-bubble-line">
        <div
          className="message-content"
          data-deleted={message.deleted || undefined}
          data-emoji={(!message.deleted && isFewEmoji(message.text)) || undefined}
        >
          <span className="chat-sr-only">{name}: </span>
          {message.replyTo && !message.deleted && (
            <button type="button" className="chat-quote" onClick={() => onJump(message.replyTo?.id ?? '')}>
              <span className="chat-sr-only">{strings.quoteOf(safeName(message.replyTo.senderName))}: </span>
              <span className="chat-quote-name" aria-hidden="true">
                {safeName(message.replyTo.senderName)}
              </span>
              <span className="chat-quote-text" dir="auto">
                {message.replyTo.text || strings.quoteDeleted}
              </span>
            </button>
          )}
          {Custom && !message.deleted ? (
            <Custom message={message} sender={sender} />
          ) : (
            <span className="message-text" dir="auto">
              {message.deleted ? strings.deletedMessage : linked(message.text)}
            </span>
          )}
          <span className="message-time">
            {message.editedAt && !message.deleted && <span>{strings.edited} </span>}
            <time dateTime={message.createdAt} title={fullTimeOf(message.createdAt)}>
              {time}
            </time>
            {message.own && !message.deleted && (
              <span
                className="message-status"
                data-status={message.status}
                title={statusText(message, strings)}
              >
                <Icon name={STATUS_ICONS[message.status]} size={15} />
                <span className="chat-sr-only">{statusText(message, strings)}</span>
              </span>
            )}
          </span>
        </div>
        {canAct && (
          <button
            type="button"
            className="chat-more"
            aria-label={strings.actionsFor(name, time)}
            aria-haspopup="dialog"
            aria-expanded={isMenuOpen}
            onClick={(event) => onMenu(message, event.currentTarget)}
          />
        )}
      </div>
      {message.reactions.length > 0 && !message.deleted && <Reactions message={message} handle={handle} />}
      {message.status === 'failed' && (
        <div className="chat-failed">
          <Icon name="alert" size={14} />
          <span>
            {message.error?.message ? strings.failedBecause(message.error.message) : strings.statusFailed}
          </span>
          <button type="button" className="chat-link-button" onClick={() => handle.retry(message.key)}>
            {strings.retry}
          </button>
          <button type="button" className="chat-link-button" onClick={() => handle.discard(message.key)}>
            {strings.discard}
          </button>
        </div>
      )}
    </div>
  );
}

function Reactions({ message, handle }: { message: ChatMessage; handle: ConversationHandle }) {
  const strings = useStrings();
  const { client } = useSettings();
  const me = client.store.getState().me?.id;
  const groups = new Map<string, { count: number; isOwn: boolean; names: string[] }>();
  for (const { reaction, userId, username } of message.reactions) {
    const group = groups.get(reaction) ?? { count: 0, isOwn: false, names: [] };
    group.count += 1;
    group.isOwn ||= userId === me;
    group.names.push(userId === me ? strings.you : safeName(username));
    groups.set(reaction, group);
  }
  return (
    <div className="chat-reactions">
      {[...groups].map(([reaction, { count, isOwn, names }]) => (
        <button
          key={reaction}
          type="button"
          className="chat-reaction"
          aria-pressed={isOwn}
          aria-label={strings.toggleReaction(reaction, count)}
          title={names.join(', ')}
          onClick={() => {
            const change = isOwn ? handle.unreact(message.key) : handle.react(message.key, reaction);
            change.catch(() => {});
          }}
        >
          <span aria-hidden="true">{reaction}</span>
          {count > 1 && <span aria-hidden="true">{count}</span>}
        </button>
      ))}
    </div>
  );
}
