/** A row of the list: a message with whatever stands above it, so that the rows are the messages, one to one. */

import { memo, useMemo } from 'react';
import type { ChatMessage } from '../client';
import { useSettings } from './context';
import { dayLabel } from './format';
import { useStrings } from './hooks';
import { Message, type MessageProps } from './Message';

const GROUP_MS = 5 * 60_000;

/** Whether two moments are on one day of the local calendar. Asked for every row of every scrolled frame. */
export function isSameDay(a: string, b: string): boolean {
  // No day begins within a minute.
  return a.slice(0, 16) === b.slice(0, 16) || new Date(a).toDateString() === new Date(b).toDateString();
}

/** Whether a message belongs to those before it: one person, at about one time. */
export function isSameGroup(previous: ChatMessage | undefined, message: ChatMessage): boolean {
  return (
    previous !== undefined &&
    previous.senderId === message.senderId &&
    new Date(message.createdAt).getTime() - new Date(previous.createdAt).getTime() < GROUP_MS
  );
}

interface BodyProps extends MessageProps {
  startsDay: boolean;
  isDivider: boolean;
  /** The name, above the very first message. */
  beginsWith: string | null;
}

export interface RowProps extends BodyProps {
  measure: (row: HTMLElement | null) => void;
  index: number;
  count: number;
  isFlashed: boolean;
}

export const MessageRow = memo(function MessageRow({ measure, index, count, isFlashed, ...body }: RowProps) {
  return (
    <li
      ref={measure}
      data-index={index}
      data-key={body.message.key}
      className="chat-row"
      data-flash={isFlashed || undefined}
      tabIndex={-1}
      aria-posinset={index + 1}
      aria-setsize={count}
    >
      <Body {...body} />
    </li>
  );
});

/** Apart, because the row changes with every new message, and this does not. */
const Body = memo(function Body({ startsDay, isDivider, beginsWith, ...message }: BodyProps) {
  const strings = useStrings();
  const { components } = useSettings();
  const createdAt = message.message.createdAt;
  const date = useMemo(() => new Date(createdAt), [createdAt]);
  const label = startsDay ? dayLabel(date, strings) : '';
  const Custom = components.DateSeparator;
  return (
    <>
      {beginsWith && <p className="chat-beginning">{strings.beginning(beginsWith)}</p>}
      {startsDay &&
        (Custom ? (
          <Custom date={date} label={label} />
        ) : (
          <div className="chat-day">
            <time dateTime={createdAt.slice(0, 10)}>{label}</time>
          </div>
        ))}
      {isDivider && (
        <div className="chat-divider">
          <span>{strings.unreadDivider}</span>
        </div>
      )}
      <Message {...message} />
    </>
  );
});
