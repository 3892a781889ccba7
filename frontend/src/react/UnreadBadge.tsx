/** The number of unread messages, of everybody or of one person; nothing when there are none. */

import type { HTMLAttributes } from 'react';
import { useStore } from 'zustand';
import type { Id } from '../client';
import { buttonStrings } from '../strings/button';
import { useChat } from './context';

export interface UnreadBadgeProps extends Omit<HTMLAttributes<HTMLSpanElement>, 'children'> {
  /** Only messages of this user. */
  userId?: Id;
}

export function UnreadBadge({ userId, className, ...rest }: UnreadBadgeProps) {
  const { client, strings, root } = useChat();
  const count = useStore(client.store, (state) =>
    userId === undefined ? state.unread.total : (state.unread.byUser[String(userId)] ?? 0),
  );
  if (!count) return null;
  const label = (strings?.unreadMessages ?? buttonStrings.unreadMessages)(count);
  return (
    <span {...root} {...rest} className={`chat-badge${className ? ` ${className}` : ''}`}>
      <span aria-hidden="true">{count > 99 ? '99+' : count}</span>
      <span className="chat-sr-only">{label}</span>
    </span>
  );
}
