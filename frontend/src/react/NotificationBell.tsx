/** A bell with the number of unread notifications; pressed, it shows them. */

import { type HTMLAttributes, useId, useRef } from 'react';
import type { ChatNotification } from '../client';
import { Avatar } from './Avatar';
import { useChat } from './context';
import { agoOf } from './format';
import { useNotifications, useStrings } from './hooks';
import { Icon } from './icons';

export interface NotificationBellProps extends Omit<HTMLAttributes<HTMLDivElement>, 'children' | 'onSelect'> {
  /** Called with the notification somebody chose; it is marked as read by then. */
  onOpen?: (notification: ChatNotification) => void;
}

export function NotificationBell({ onOpen, className, ...rest }: NotificationBellProps) {
  const { root } = useChat();
  const strings = useStrings();
  const { items, unread, markRead, markAllRead } = useNotifications();
  const id = useId();
  const panel = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  function toggle() {
    const element = panel.current;
    if (!element || !button.current) return;
    const at = button.current.getBoundingClientRect();
    const isRtl = getComputedStyle(button.current).direction === 'rtl';
    element.style.top = `${at.bottom + 8}px`;
    element.style.insetInlineEnd = `${Math.max(8, isRtl ? at.left : window.innerWidth - at.right)}px`;
    element.togglePopover?.();
  }

  return (
    <div {...root} {...rest} className={`chat-bell${className ? ` ${className}` : ''}`}>
      <button
        ref={button}
        type="button"
        className="chat-icon-button"
        aria-label={strings.unreadNotifications(unread)}
        aria-haspopup="dialog"
        aria-controls={id}
        onClick={toggle}
      >
        <Icon name="bell" size={22} />
        {unread > 0 && (
          <span className="chat-badge" aria-hidden="true">
            {unread > 99 ? '99+' : unread}
          </span>
        )}
      </button>
      <div
        ref={panel}
        id={id}
        popover="auto"
        role="dialog"
        aria-label={strings.notifications}
        className="chat-bell-panel"
      >
        <div className="chat-bell-top">
          <strong>{strings.notifications}</strong>
          {unread > 0 && (
            <button type="button" className="chat-link-button" onClick={() => markAllRead().catch(() => {})}>
              {strings.markAllRead}
            </button>
          )}
        </div>
        {items.length === 0 ? (
          <p className="chat-bell-empty chat-muted">{strings.noNotifications}</p>
        ) : (
          <ul>
            {items.slice(0, 30).map((item) => (
              <li key={item.id}>
                <button
                  type="button"
                  className="chat-bell-item"
                  data-unread={!item.isRead || undefined}
                  onClick={() => {
                    panel.current?.hidePopover?.();
                    if (!item.isRead) markRead(item.id).catch(() => {});
                    onOpen?.(item);
                  }}
                >
                  {item.actor && <Avatar user={item.actor} size={36} />}
                  <span className="chat-bell-text">
                    <span dir="auto">{item.title}</span>
                    <span className="chat-muted" dir="auto">
                      {typeof item.payload.preview === 'string' ? item.payload.preview : ''}
                    </span>
                    <time className="chat-muted" dateTime={item.createdAt}>
                      {agoOf(item.createdAt)}
                    </time>
                  </span>
                  {!item.isRead && (
                    <span className="chat-unread-dot">
                      <span className="chat-sr-only">{strings.unread}</span>
                    </span>
                  )}
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
