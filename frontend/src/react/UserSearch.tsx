/** Finds people by name: a combobox with the people found below it. */

import { type HTMLAttributes, type KeyboardEvent, type ReactNode, useId, useState } from 'react';
import type { ChatUser } from '../client';
import { Avatar } from './Avatar';
import { useChat } from './context';
import { useStrings, useUserSearch } from './hooks';
import { Icon } from './icons';
import { safeName } from './names';

export interface UserSearchProps extends Omit<HTMLAttributes<HTMLElement>, 'onSelect' | 'children'> {
  onSelect: (user: ChatUser) => void;
  /** Below a name, for example what the person does. */
  renderDetail?: (user: ChatUser) => ReactNode;
}

export function UserSearch({ onSelect, renderDetail, className, ...rest }: UserSearchProps) {
  const { root } = useChat();
  const strings = useStrings();
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const { users, state } = useUserSearch(query);
  const id = useId();
  const isOpen = state !== 'idle' && users.length > 0;
  const at = Math.min(active, users.length - 1);

  function select(user: ChatUser) {
    setQuery('');
    onSelect(user);
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key === 'Escape' && query) {
      event.preventDefault();
      event.stopPropagation();
      setQuery('');
    }
    if (!isOpen) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const user = users[at];
    if (step) {
      event.preventDefault();
      setActive((at + step + users.length) % users.length);
    } else if (event.key === 'Enter' && user) {
      event.preventDefault();
      select(user);
    }
  }

  const message =
    state === 'failed'
      ? strings.searchFailed
      : state === 'done'
        ? users.length
          ? strings.peopleFound(users.length)
          : strings.noPeople(query.trim())
        : '';
  return (
    <search {...root} {...rest} className={`chat-search${className ? ` ${className}` : ''}`}>
      <div className="chat-search-field">
        <Icon name="search" size={18} />
        <input
          type="text"
          role="combobox"
          aria-label={strings.searchPeople}
          aria-expanded={isOpen}
          aria-controls={isOpen ? `${id}-list` : undefined}
          aria-autocomplete="list"
          aria-activedescendant={isOpen ? `${id}-${users[at]?.id}` : undefined}
          placeholder={strings.searchPlaceholder}
          autoComplete="off"
          spellCheck={false}
          enterKeyHint="search"
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
        {state === 'searching' && <span className="chat-spinner" aria-hidden="true" />}
      </div>
      {isOpen && (
        <div
          role="listbox"
          id={`${id}-list`}
          className="chat-search-results"
          aria-label={strings.searchPeople}
        >
          {users.map((user, index) => (
            // biome-ignore lint/a11y/useFocusableInteractive: as above
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled by the field
            <div
              key={user.id}
              id={`${id}-${user.id}`}
              role="option"
              className="chat-search-result"
              aria-selected={index === at}
              onPointerMove={() => setActive(index)}
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => select(user)}
            >
              <Avatar user={user} size={36} showPresence />
              <span className="chat-search-name">
                <span dir="auto">{safeName(user.name)}</span>
                <span className="chat-muted">{renderDetail?.(user) ?? `@${user.username}`}</span>
              </span>
            </div>
          ))}
        </div>
      )}
      <p className={message && !isOpen ? 'chat-search-note' : 'chat-sr-only'} role="status">
        {message}
      </p>
    </search>
  );
}
