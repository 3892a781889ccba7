/** A button that opens a chat with somebody. The window itself is loaded when it is about to be needed. */

import {
  type ButtonHTMLAttributes,
  type ComponentType,
  forwardRef,
  type MouseEvent,
  useEffect,
  useState,
} from 'react';
import type { ChatUser, Id, UserLike } from '../client';
import { buttonStrings } from '../strings/button';
import type { ChatModalProps } from './ChatModal';
import { nameOf, useChat } from './context';
import { UnreadBadge } from './UnreadBadge';

export interface ChatButtonProps
  extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'children' | 'onClose'> {
  /** Whom to write to. Alone it is enough. */
  user?: UserLike;
  /** Looked up when no id is given. */
  recipientUsername?: string;
  recipientName?: string;
  recipientId?: Id;
  buttonText?: string;
  variant?: 'primary' | 'secondary' | 'outline' | 'success' | 'dark' | 'text';
  /** `normal` is `medium`. */
  size?: 'small' | 'normal' | 'medium' | 'large';
  /** Shows how many messages of this person are unread. */
  showUnread?: boolean;
  onOpen?: () => void;
  onClose?: () => void;
}

type Modal = ComponentType<ChatModalProps>;
let loaded: Modal | undefined;

async function loadModal(): Promise<Modal> {
  loaded ??= (await import('./ChatModal')).default;
  return loaded;
}

/** Starts loading; a failure is met when the window is really wanted. */
function preload() {
  loadModal().catch(() => {});
}

/** Who is written to: given, being looked up, found, or not to be had. */
function useRecipient(props: ChatButtonProps, text: typeof buttonStrings) {
  const { client } = useChat();
  const { user, recipientName } = props;
  const username = props.recipientUsername || user?.username;
  const id = user?.id || props.recipientId;
  const wanted = id ? undefined : username;
  const [found, setFound] = useState<{ of: string; user?: ChatUser | null; error?: string }>();
  useEffect(() => {
    if (!wanted) return;
    let isCurrent = true;
    const find = (result: { user?: ChatUser | null; error?: string }) =>
      isCurrent && setFound({ of: wanted, ...result });
    client.people.byUsername(wanted).then(
      (user) => find(user ? { user } : { error: text.userNotFound }),
      (error: Error) => find({ error: error.message }),
    );
    return () => {
      isCurrent = false;
    };
  }, [client, wanted, text.userNotFound]);
  const now = found?.of === wanted ? found : undefined;
  const known = id ? { username, ...user, id } : now?.user;
  const recipient = known && ({ ...known, ...(recipientName && { name: recipientName }) } as UserLike);
  return {
    recipient,
    isLoading: !!wanted && !now,
    error: recipient ? '' : wanted ? now?.error : text.noRecipient,
  };
}

const ChatButton = forwardRef<HTMLButtonElement, ChatButtonProps>(function ChatButton(props, ref) {
  const {
    user: _user,
    recipientUsername,
    recipientName: _name,
    recipientId: _id,
    buttonText,
    variant = 'primary',
    size = 'medium',
    className,
    showUnread,
    onOpen,
    onClose,
    onClick,
    disabled,
    ...rest
  } = props;
  const { strings, root } = useChat();
  const text = { ...buttonStrings, ...strings };
  const { recipient, isLoading, error } = useRecipient(props, text);
  const [wantsOpen, setWantsOpen] = useState(false);
  const [Modal, setModal] = useState<Modal | undefined>(() => loaded);
  const [failed, setFailed] = useState(false);

  function open(event: MouseEvent<HTMLButtonElement>) {
    onClick?.(event);
    if (event.defaultPrevented || !recipient) return;
    setFailed(false);
    setWantsOpen(true);
    loadModal().then(
      (component) => setModal(() => component),
      () => {
        setFailed(true);
        setWantsOpen(false);
      },
    );
    onOpen?.();
  }

  function close() {
    setWantsOpen(false);
    onClose?.();
  }

  const isOff = disabled || !recipient;
  const label = isLoading ? text.loading : error ? text.unavailable : (buttonText ?? text.message);
  const name = nameOf(recipient) || recipientUsername || '';
  const title = failed
    ? text.couldNotLoadChat
    : error
      ? text.unavailableBecause(error)
      : name
        ? text.sendMessageTo(name)
        : undefined;
  const sizeClass = size === 'normal' ? 'medium' : size;
  const classes = ['chat-button', `chat-button-${variant}`, `chat-button-${sizeClass}`];
  if (size === 'normal') classes.push('chat-button-normal');
  if (isOff && !isLoading) classes.push('chat-button-disabled');
  if (className) classes.push(className);
  return (
    <>
      <button
        type="button"
        title={title}
        aria-haspopup="dialog"
        onPointerEnter={preload}
        onFocus={preload}
        {...root}
        {...rest}
        ref={ref}
        className={classes.join(' ')}
        disabled={isOff}
        aria-busy={isLoading || (wantsOpen && !Modal) || undefined}
        data-state={failed ? 'failed' : wantsOpen ? 'open' : 'closed'}
        onClick={open}
      >
        <svg
          className={`chat-icon${isLoading ? ' spinning' : ''}`}
          viewBox="0 0 24 24"
          width="1em"
          height="1em"
          fill="none"
          stroke="currentColor"
          strokeWidth="2"
          strokeLinecap="round"
          strokeLinejoin="round"
          aria-hidden="true"
        >
          <path d={isLoading ? 'M12 3a9 9 0 1 0 9 9' : 'M21 12a8 8 0 0 1-8 8H4l2-3.5A8 8 0 1 1 21 12z'} />
        </svg>
        <span>{label}</span>
        {failed && <span className="chat-sr-only">{text.couldNotLoadChat}</span>}
        {showUnread && recipient && <UnreadBadge userId={recipient.id} />}
      </button>
      {Modal && recipient && <Modal isOpen={wantsOpen} onClose={close} recipientUser={recipient} />}
    </>
  );
});

export default ChatButton;
