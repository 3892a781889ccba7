/** A picture of somebody, or his initials; with a dot while he is online. */

import { useState } from 'react';
import type { ChatUser } from '../client';
import { useChat } from './context';
import { usePresence } from './hooks';
import { safeName } from './names';

const HUES = 8;

function hueOf(text: string): number {
  let sum = 0;
  for (const char of text) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 9973;
  return sum % HUES;
}

function initialsOf(name: string): string {
  const words = safeName(name)
    .split(/[\s._-]+/)
    .filter(Boolean);
  const first = (word: string | undefined) => (word ? ([...word][0] ?? '') : '');
  const letters = words.length > 1 ? first(words[0]) + first(words.at(-1)) : first(words[0]);
  return letters.toLocaleUpperCase();
}

export interface AvatarProps {
  user: ChatUser;
  /** In pixels. */
  size?: number;
  /** Shows whether the person is online. */
  showPresence?: boolean;
}

export function Avatar({ user, size = 40, showPresence }: AvatarProps) {
  const { components } = useChat();
  const presence = usePresence(user.id);
  const Custom = components.Avatar;
  return (
    <span className="chat-user-avatar" style={{ inlineSize: size, blockSize: size }} aria-hidden="true">
      {Custom ? <Custom user={user} size={size} /> : <Picture key={user.avatar} user={user} size={size} />}
      {showPresence && presence?.online && <span className="chat-presence-dot" />}
    </span>
  );
}

function Picture({ user, size }: { user: ChatUser; size: number }) {
  const [isBroken, setBroken] = useState(false);
  if (user.avatar && !isBroken) {
    return (
      <img
        src={user.avatar}
        alt=""
        width={size}
        height={size}
        loading="lazy"
        onError={() => setBroken(true)}
      />
    );
  }
  return (
    <span
      className="chat-initials"
      data-hue={hueOf(user.username || user.name)}
      style={{ fontSize: size * 0.4 }}
    >
      {initialsOf(user.name)}
    </span>
  );
}
