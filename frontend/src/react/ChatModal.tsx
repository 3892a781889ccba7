/** The conversation with one person in a window over the page. */

import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef } from 'react';
import { createPortal } from 'react-dom';
import type { UserLike } from '../client';
import { ChatPanel } from './ChatPanel';
import { useChat } from './context';
import { useStrings } from './hooks';
import { Icon } from './icons';

export interface ChatModalProps {
  isOpen: boolean;
  onClose: () => void;
  recipientUser?: UserLike | null;
  className?: string;
  /** Where the window is put in the page; `document.body` unless given. */
  container?: Element | null;
}

export default function ChatModal(props: ChatModalProps) {
  // Nothing is rendered on a server: a window opens by somebody's hand.
  if (!props.isOpen || !props.recipientUser || typeof document === 'undefined') return null;
  return createPortal(
    <Window {...props} recipientUser={props.recipientUser} />,
    props.container ?? document.body,
  );
}

function Window({ onClose, recipientUser, className }: ChatModalProps & { recipientUser: UserLike }) {
  const { root } = useChat();
  const strings = useStrings();
  const dialog = useRef<HTMLDialogElement>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  const titleId = useId();
  const pressedOutside = useRef(false);

  useLayoutEffect(() => {
    const element = dialog.current;
    if (!element) return;
    const opener = document.activeElement;
    if (!element.open) element.showModal();
    // On touch the keyboard would jump up at once.
    if (matchMedia('(pointer: coarse)').matches) element.focus();
    else input.current?.focus();
    return () => {
      element.close();
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);

  useEffect(() => {
    // The page behind must not scroll under the window.
    const { overflow } = document.documentElement.style;
    document.documentElement.style.overflow = 'hidden';
    return () => {
      document.documentElement.style.overflow = overflow;
    };
  }, []);

  useVisibleHeight(dialog);

  function onKeyDown(event: KeyboardEvent) {
    // Keys of the chat are not meant for the page around it.
    event.stopPropagation();
  }

  return (
    <dialog
      ref={dialog}
      {...root}
      className="chat-modal-overlay"
      aria-labelledby={titleId}
      tabIndex={-1}
      onKeyDown={onKeyDown}
      onCancel={(event) => {
        event.preventDefault();
        if (event.target === dialog.current) onClose();
      }}
      onPointerDown={(event) => {
        pressedOutside.current = event.target === dialog.current;
      }}
      onClick={(event) => {
        // Only a whole click outside: not the end of a selection that began inside.
        if (event.target === dialog.current && pressedOutside.current) onClose();
      }}
    >
      <div className={`chat-modal${className ? ` ${className}` : ''}`}>
        <ChatPanel
          recipientUser={recipientUser}
          titleId={titleId}
          input={input}
          headerEnd={
            <button
              type="button"
              className="chat-close-btn chat-icon-button"
              aria-label={strings.close}
              title={strings.close}
              onClick={onClose}
            >
              <Icon name="close" size={22} />
            </button>
          }
        />
      </div>
    </dialog>
  );
}

/** Keeps the window above a keyboard on the screen where the browser does not do it (iOS). */
function useVisibleHeight(dialog: React.RefObject<HTMLDialogElement | null>) {
  useEffect(() => {
    const view = window.visualViewport;
    if (!view) return;
    const fit = () => {
      dialog.current?.style.setProperty('--chat-view-height', `${view.height}px`);
      dialog.current?.style.setProperty('--chat-view-top', `${view.offsetTop}px`);
    };
    fit();
    view.addEventListener('resize', fit);
    view.addEventListener('scroll', fit);
    return () => {
      view.removeEventListener('resize', fit);
      view.removeEventListener('scroll', fit);
    };
  }, [dialog]);
}
