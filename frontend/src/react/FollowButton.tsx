/** Follows somebody, or no longer. */

import { type ButtonHTMLAttributes, useState } from 'react';
import type { UserLike } from '../client';
import { nameOf, useChat } from './context';
import { useFollow, useStrings } from './hooks';
import { Icon } from './icons';
import { safeName } from './names';

export interface FollowButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'children'> {
  user: UserLike;
}

export function FollowButton({ user, className, ...rest }: FollowButtonProps) {
  const { root } = useChat();
  const strings = useStrings();
  const { isFollowing, toggle } = useFollow(user.id);
  const [isBusy, setBusy] = useState(false);
  const name = safeName(nameOf(user));
  return (
    <button
      type="button"
      {...root}
      {...rest}
      className={`chat-button chat-button-follow${className ? ` ${className}` : ''}`}
      aria-label={isFollowing ? strings.unfollowName(name) : strings.followName(name)}
      aria-busy={isBusy || undefined}
      data-following={isFollowing || undefined}
      onClick={() => {
        if (isBusy) return;
        setBusy(true);
        toggle()
          .catch(() => {})
          .finally(() => setBusy(false));
      }}
    >
      {isFollowing && <Icon name="check" size={16} />}
      {isFollowing ? strings.following : strings.follow}
    </button>
  );
}
