/** Whether the chat is connected, as a mark and a word. */

import type { HTMLAttributes } from 'react';
import type { ConnectionStatus as Status } from '../client';
import type { ChatStrings } from '../strings/en';
import { useChat } from './context';
import { useSettledStatus, useStrings } from './hooks';
import { Icon, type IconName } from './icons';

const LOOKS: Record<Status, { icon: IconName; text: keyof ChatStrings; tone: 'good' | 'busy' | 'bad' }> = {
  idle: { icon: 'clock', text: 'statusConnecting', tone: 'busy' },
  connecting: { icon: 'clock', text: 'statusConnecting', tone: 'busy' },
  online: { icon: 'check', text: 'statusOnline', tone: 'good' },
  reconnecting: { icon: 'retry', text: 'statusReconnecting', tone: 'busy' },
  offline: { icon: 'cut', text: 'statusOffline', tone: 'bad' },
  unauthorized: { icon: 'alert', text: 'statusUnauthorized', tone: 'bad' },
  closed: { icon: 'cut', text: 'statusClosed', tone: 'bad' },
};

export function ConnectionStatus({ className, ...rest }: Omit<HTMLAttributes<HTMLSpanElement>, 'children'>) {
  const { root } = useChat();
  const strings = useStrings();
  const status = useSettledStatus();
  const { icon, text, tone } = LOOKS[status];
  const classes = ['connection-status', status === 'online' ? 'connected' : 'disconnected'];
  if (className) classes.push(className);
  return (
    <span
      role="status"
      {...root}
      {...rest}
      className={classes.join(' ')}
      data-status={status}
      data-tone={tone}
    >
      <Icon name={icon} size={14} />
      <span className="connection-status-text">{strings[text] as string}</span>
    </span>
  );
}

/** A line with what the state means for the writer, and the way out if there is one; nothing while all is well. */
export function ConnectionNotice() {
  const { client } = useChat();
  const strings = useStrings();
  const status = useSettledStatus();
  const hint =
    status === 'offline'
      ? strings.offlineHint
      : status === 'reconnecting'
        ? strings.reconnectingHint
        : status === 'unauthorized'
          ? strings.unauthorizedHint
          : status === 'closed'
            ? strings.closedHint
            : '';
  if (!hint) return null;
  return (
    <div className="chat-notice" data-status={status}>
      <span>{hint}</span>
      {status !== 'offline' && (
        <button type="button" className="chat-link-button" onClick={() => client.reconnect()}>
          {strings.reconnect}
        </button>
      )}
    </div>
  );
}
