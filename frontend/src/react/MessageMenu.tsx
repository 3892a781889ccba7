/** What can be done with one message. One menu serves the whole list; it lies in the top layer. */

import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { ChatMessage, ConversationHandle } from '../client';
import { useChat } from './context';
import { useStrings } from './hooks';
import { Icon } from './icons';

export const QUICK_REACTIONS = ['👍', '❤️', '😂', '😮', '😢', '😡'];

export interface MessageMenuProps {
  message: ChatMessage;
  anchor: HTMLElement;
  handle: ConversationHandle;
  onReply: (message: ChatMessage) => void;
  onEdit: (message: ChatMessage) => void;
  onClose: () => void;
}

export function MessageMenu({ message, anchor, handle, onReply, onEdit, onClose }: MessageMenuProps) {
  const { client, root } = useChat();
  const strings = useStrings();
  const menu = useRef<HTMLDivElement>(null);
  const [isDeleting, setDeleting] = useState(false);
  const me = client.store.getState().me?.id;
  const own = message.reactions.find((reaction) => reaction.userId === me)?.reaction;

  useLayoutEffect(() => {
    const element = menu.current;
    if (!element) return;
    element.showPopover?.();
    place(element, anchor);
    element.querySelector('button')?.focus({ preventScroll: true });
  }, [anchor]);

  useEffect(() => {
    const element = menu.current;
    const close = (event: Event) => {
      if ((event as ToggleEvent).newState !== 'closed') return;
      // Light dismissal leaves the focus where the pointer went; Esc and choices give it back.
      if (!document.activeElement || document.activeElement === document.body)
        anchor.focus({ preventScroll: true });
      onClose();
    };
    element?.addEventListener('toggle', close);
    return () => element?.removeEventListener('toggle', close);
  }, [anchor, onClose]);

  function done(then?: () => void) {
    anchor.focus({ preventScroll: true });
    menu.current?.hidePopover?.();
    then?.();
  }

  function move(event: KeyboardEvent) {
    const buttons = [...(menu.current?.querySelectorAll('button') ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const step =
      { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key] ??
      (event.key === 'Home' ? -at : event.key === 'End' ? buttons.length - 1 - at : undefined);
    if (step === undefined) return;
    event.preventDefault();
    buttons[(at + step + buttons.length) % buttons.length]?.focus();
  }

  return (
    <div
      ref={menu}
      {...root}
      className="chat-menu"
      popover="auto"
      role="dialog"
      aria-label={strings.messageActions}
      onKeyDown={move}
    >
      <div className="chat-menu-reactions">
        {QUICK_REACTIONS.map((reaction) => (
          <button
            key={reaction}
            type="button"
            aria-label={strings.react(reaction)}
            aria-pressed={own === reaction}
            onClick={() =>
              done(() => {
                const change =
                  own === reaction ? handle.unreact(message.key) : handle.react(message.key, reaction);
                change.catch(() => {});
              })
            }
          >
            {reaction}
          </button>
        ))}
      </div>
      <button type="button" className="chat-menu-item" onClick={() => done(() => onReply(message))}>
        <Icon name="reply" />
        {strings.reply}
      </button>
      {message.own && (
        <button type="button" className="chat-menu-item" onClick={() => done(() => onEdit(message))}>
          <Icon name="edit" />
          {strings.edit}
        </button>
      )}
      {/* Pages without TLS have no clipboard. */}
      {typeof navigator.clipboard?.writeText === 'function' && (
        <button
          type="button"
          className="chat-menu-item"
          onClick={() => done(() => navigator.clipboard.writeText(message.text).catch(() => {}))}
        >
          <Icon name="copy" />
          {strings.copy}
        </button>
      )}
      <button
        type="button"
        className="chat-menu-item chat-danger"
        onClick={() =>
          isDeleting ? done(() => handle.delete(message.key).catch(() => {})) : setDeleting(true)
        }
      >
        <Icon name="trash" />
        {isDeleting ? strings.confirmDelete : message.own ? strings.deleteForEveryone : strings.deleteForMe}
      </button>
    </div>
  );
}

/** Beside its button and inside the window; narrow screens get a sheet at the bottom from the style sheet. */
function place(menu: HTMLElement, anchor: HTMLElement) {
  if (window.innerWidth <= 480) return;
  const at = anchor.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const above = at.top - height - 6;
  const top = above >= 8 ? above : Math.min(at.bottom + 6, window.innerHeight - height - 8);
  const centred = at.left + at.width / 2 - width / 2;
  menu.style.top = `${Math.max(8, top)}px`;
  menu.style.left = `${Math.min(Math.max(8, centred), window.innerWidth - width - 8)}px`;
}
