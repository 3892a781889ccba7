/** Small notes at the edge of the page for what happens while one does something else. */

import { type HTMLAttributes, useEffect, useRef, useState } from 'react';
import type { ChatNotification } from '../client';
import { Avatar } from './Avatar';
import { useChat } from './context';
import { useStrings } from './hooks';
import { Icon } from './icons';

export interface NotificationToastsProps extends Omit<HTMLAttributes<HTMLElement>, 'children'> {
  onOpen?: (notification: ChatNotification) => void;
  /** Milliseconds until one goes by itself; it waits while pointed at or focused. Default 6,000. */
  duration?: number;
  /** Left out are those for which this returns `false`, e.g. about the conversation that is open. */
  filter?: (notification: ChatNotification) => boolean;
}

const MOST = 4;

export function NotificationToasts(props: NotificationToastsProps) {
  const { onOpen, duration = 6000, filter, className, ...rest } = props;
  const { client, root } = useChat();
  const strings = useStrings();
  const [toasts, setToasts] = useState<readonly ChatNotification[]>([]);
  const [isHeld, setHeld] = useState(false);
  const wanted = useRef(filter);
  wanted.current = filter;

  useEffect(() => client.notifications.watch(), [client]);
  useEffect(
    () =>
      client.on('notification', ({ notification }) => {
        if (wanted.current && !wanted.current(notification)) return;
        setToasts((all) => [...all.filter((one) => one.id !== notification.id), notification].slice(-MOST));
      }),
    [client],
  );

  const oldest = toasts[0]?.id;
  useEffect(() => {
    if (oldest === undefined || isHeld) return;
    const timer = setTimeout(() => setToasts((all) => all.slice(1)), duration);
    return () => clearTimeout(timer);
  }, [oldest, isHeld, duration]);

  const drop = (id: string) => setToasts((all) => all.filter((one) => one.id !== id));
  return (
    <section
      aria-label={strings.notifications}
      {...root}
      {...rest}
      className={`chat-toasts${className ? ` ${className}` : ''}`}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <div role="status" className="chat-toast-list">
        {toasts.map((toast) => (
          <div key={toast.id} className="chat-toast">
            <button
              type="button"
              className="chat-toast-body"
              onClick={() => {
                drop(toast.id);
                client.notifications.markRead(toast.id).catch(() => {});
                onOpen?.(toast);
              }}
            >
              {toast.actor && <Avatar user={toast.actor} size={36} />}
              <span className="chat-bell-text">
                <strong dir="auto">{toast.title}</strong>
                {typeof toast.payload.preview === 'string' && (
                  <span className="chat-muted" dir="auto">
                    {toast.payload.preview}
                  </span>
                )}
              </span>
            </button>
            <button
              type="button"
              className="chat-icon-button"
              aria-label={strings.dismiss}
              onClick={() => drop(toast.id)}
            >
              <Icon name="close" size={16} />
            </button>
          </div>
        ))}
      </div>
    </section>
  );
}
