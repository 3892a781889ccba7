/** The messages of a conversation: only those near the eye are in the page, and the line being read stays put. */

import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useCallback, useLayoutEffect, useRef, useState } from 'react';
import type { ChatMessage, ChatUser, ConversationHandle, Thread } from '../client';
import { dayLabel } from './format';
import { useMe, useStrings } from './hooks';
import { Icon } from './icons';
import { MessageMenu } from './MessageMenu';
import { isSameDay, isSameGroup, MessageRow } from './MessageRow';
import { safeName } from './names';
import { useReading } from './useReading';

/** Nearer to the end than this, new messages keep the end in view. */
const END_PX = 80;
/** How long a message that was jumped to stands out. */
const FLASH_MS = 1600;

export interface MessageListProps {
  handle: ConversationHandle;
  peer: ChatUser;
  thread: Thread;
  /** Key of the message the line "New messages" stands above; `undefined` until it is known. */
  divider: string | null | undefined;
  onReply: (message: ChatMessage) => void;
  onEdit: (message: ChatMessage) => void;
}

export function MessageList({ handle, peer, thread, divider, onReply, onEdit }: MessageListProps) {
  'use no memo';
  const { messages, hasOlder } = thread;
  const strings = useStrings();
  const me = useMe();
  const scroller = useRef<HTMLElement>(null);
  const [menu, setMenu] = useState<{ message: ChatMessage; anchor: HTMLElement } | null>(null);
  const [flashed, setFlashed] = useState<string | null>(null);
  const [focusKey, setFocusKey] = useState<string | null>(null);
  const wantsFocus = useRef<string | null>(null);

  const [estimates] = useState(createEstimates);
  const focusIndex = focusKey === null ? -1 : messages.findIndex((message) => message.key === focusKey);
  const virtualizer = useVirtualizer({
    count: messages.length,
    getScrollElement: () => scroller.current,
    estimateSize: useCallback((index: number) => estimates.of(messages[index]), [messages, estimates]),
    getItemKey: useCallback((index: number) => messages[index]?.key ?? index, [messages]),
    rangeExtractor: useCallback(
      (range: Range) => {
        const rows = defaultRangeExtractor(range);
        // The row with the focus must stay, or the focus would be lost.
        if (focusIndex < 0 || focusIndex >= range.count || rows.includes(focusIndex)) return rows;
        return [...rows, focusIndex].sort((a, b) => a - b);
      },
      [focusIndex],
    ),
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: END_PX,
    overscan: 6,
    // Positions are written past React: a scrolled frame renders only rows that come into view.
    directDomUpdates: true,
    directDomUpdatesMode: 'position',
  });

  const { isAtEnd, newCount, jumpToEnd, goTo } = useReading({
    scroller,
    virtualizer,
    handle,
    thread,
    endPx: END_PX,
    divider,
  });

  // The message a menu is open for may be edited or deleted meanwhile.
  const menuMessage = menu && messages.find((message) => message.key === menu.message.key);

  const jump = useCallback(
    async (messageId: string) => {
      if (!messageId || !(await handle.loadAround(messageId))) return;
      const loaded = handle.getThread().messages;
      const index = loaded.findIndex((message) => message.id === messageId);
      const target = loaded[index];
      if (!target) return;
      requestAnimationFrame(() => goTo(target.key, index, 'center'));
      setFlashed(target.key);
      setTimeout(() => setFlashed((now) => (now === target.key ? null : now)), FLASH_MS);
    },
    [handle, goTo],
  );
  const openMenu = useCallback(
    (message: ChatMessage, anchor: HTMLElement) => setMenu({ message, anchor }),
    [],
  );
  const closeMenu = useCallback(() => setMenu(null), []);

  useLayoutEffect(() => {
    if (wantsFocus.current === null) return;
    const row = scroller.current?.querySelector<HTMLElement>(
      `[data-key="${CSS.escape(wantsFocus.current)}"]`,
    );
    if (!row) return;
    wantsFocus.current = null;
    row.focus({ preventScroll: true });
  });

  function focusRow(index: number) {
    const at = Math.max(0, Math.min(messages.length - 1, index));
    const target = messages[at];
    if (!target) return;
    wantsFocus.current = target.key;
    setFocusKey(target.key);
    goTo(target.key, at, 'auto');
  }

  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    const row = (event.target as HTMLElement).closest<HTMLElement>('.chat-row');
    const isOnRow = row !== null && event.target === row;
    if (!isOnRow && event.target !== scroller.current) return;
    const at = isOnRow ? focusIndex : messages.length;
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: messages.length - 1 }[event.key];
    if (to !== undefined && (isOnRow || event.key !== 'ArrowDown')) {
      event.preventDefault();
      if (event.key === 'End') jumpToEnd();
      focusRow(to);
    } else if (isOnRow && event.key === 'Enter') {
      event.preventDefault();
      row.querySelector<HTMLElement>('.chat-more, .chat-failed button')?.click();
    }
  }

  const items = virtualizer.getVirtualItems();
  const topVisible = messages[virtualizer.range?.startIndex ?? 0];
  return (
    <div className="chat-list">
      <section
        ref={scroller}
        className="chat-messages"
        aria-label={strings.messagesWith(safeName(peer.name))}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard
        tabIndex={0}
        onKeyDown={onKeyDown}
        onFocus={(event) => {
          const key = (event.target as HTMLElement).closest<HTMLElement>('.chat-row')?.dataset.key;
          if (key) setFocusKey(key);
        }}
        onBlur={(event) => {
          if (!event.currentTarget.contains(event.relatedTarget) && !menu) setFocusKey(null);
        }}
      >
        <ol
          // biome-ignore lint/a11y/noRedundantRoles: without markers, Safari takes a list for no list
          role="list"
          className="chat-rows"
          data-scrolling={virtualizer.isScrolling || undefined}
          ref={virtualizer.containerRef}
        >
          {items.map((item) => {
            const message = messages[item.index];
            if (!message) return null;
            const previous = messages[item.index - 1];
            const startsDay = !previous || !isSameDay(previous.createdAt, message.createdAt);
            const isDivider = message.key === divider;
            return (
              <MessageRow
                key={item.key}
                measure={virtualizer.measureElement}
                index={item.index}
                count={messages.length}
                isFlashed={flashed === message.key}
                message={message}
                sender={message.own && me ? me : peer}
                handle={handle}
                startsDay={startsDay}
                isDivider={isDivider}
                startsGroup={startsDay || isDivider || !isSameGroup(previous, message)}
                beginsWith={
                  item.index === 0 && !hasOlder && thread.source === 'ready' ? safeName(peer.name) : null
                }
                isMenuOpen={menuMessage?.key === message.key}
                onMenu={openMenu}
                onJump={jump}
              />
            );
          })}
        </ol>
      </section>
      {topVisible && !isAtEnd && (
        <div
          className="chat-floating-date"
          data-scrolling={virtualizer.isScrolling || undefined}
          aria-hidden="true"
        >
          {dayLabel(new Date(topVisible.createdAt), strings)}
        </div>
      )}
      {thread.loading === 'older' && <div className="chat-older">{strings.loadingOlder}</div>}
      {thread.loadError && messages.length > 0 && (
        <div className="chat-older" role="status">
          {strings.olderFailed}{' '}
          <button type="button" className="chat-link-button" onClick={() => handle.loadOlder()}>
            {strings.tryAgain}
          </button>
        </div>
      )}
      {!isAtEnd && messages.length > 0 && (
        <button
          type="button"
          className="chat-jump"
          aria-label={newCount ? strings.jumpToLatestCount(newCount) : strings.jumpToLatest}
          onClick={jumpToEnd}
        >
          <Icon name="down" size={18} />
          {newCount > 0 && <span className="chat-badge">{newCount > 99 ? '99+' : newCount}</span>}
        </button>
      )}
      {menu && menuMessage && !menuMessage.deleted && (
        <MessageMenu
          message={menuMessage}
          anchor={menu.anchor}
          handle={handle}
          onReply={onReply}
          onEdit={onEdit}
          onClose={closeMenu}
        />
      )}
    </div>
  );
}

/** Heights of rows nobody has seen yet. Kept: an edit far above must not move what is being read. */
function createEstimates() {
  const heights = new Map<string, number>();
  return {
    of(message: ChatMessage | undefined): number {
      if (!message) return 55;
      let height = heights.get(message.key);
      if (height === undefined) {
        height = 34 + 21 * Math.ceil(message.text.length / 42);
        heights.set(message.key, height);
      }
      return height;
    },
  };
}
