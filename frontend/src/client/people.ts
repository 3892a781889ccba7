/** Finding and following people. */

import { type Api, statusOf } from './api';
import type { Context } from './context';
import type { Conversations } from './conversations';
import { wireId } from './ids';
import { toUser } from './normalize';
import type { PeopleApi } from './surface';
import type { ChatUser, Id, WireFollowAnswer, WireFollowed, WireUser } from './types';

interface Envelope {
  count: number;
  next: string | null;
  results: WireFollowed[];
}

export function createPeople(context: Context, api: Api, conversations: Conversations): PeopleApi {
  const { state } = context;
  const known = (users: readonly WireUser[]): ChatUser[] => {
    conversations.remember(users);
    state.flush();
    return users.map((user) => state.get().users[String(user.id)] ?? toUser(user));
  };
  const setFollowing = (userId: Id, isFollowing: boolean | undefined) => {
    const { [String(userId)]: _, ...rest } = state.get().following;
    state.set({ following: isFollowing === undefined ? rest : { ...rest, [String(userId)]: isFollowing } });
    state.flush();
  };
  const toggle = async (userId: Id, wanted: boolean) => {
    const before = state.get().following[String(userId)];
    setFollowing(userId, wanted);
    try {
      const path = `follow/toggle/${encodeURIComponent(String(userId))}/`;
      const { data } = await api.request<WireFollowAnswer>(wanted ? 'PUT' : 'DELETE', path);
      setFollowing(userId, data?.is_following ?? wanted);
    } catch (error) {
      setFollowing(userId, before);
      throw error;
    }
  };
  const page = async (kind: 'following' | 'followers', userId: Id | undefined, number: number) => {
    const id = String(userId ?? context.meId);
    const envelope = await api.get<Envelope>(`follow/${kind}/${encodeURIComponent(id)}/`, { page: number });
    const users = known(envelope.results.map((one) => one.user));
    if (kind === 'following' && id === context.meId) for (const user of users) setFollowing(user.id, true);
    return { users, hasMore: envelope.next !== null, count: envelope.count };
  };
  return {
    async search(query, options) {
      const q = query.trim();
      if ([...q].length < 2) return [];
      return known(await api.get<WireUser[]>('follow/search/', { q }, options?.signal));
    },
    async byUsername(username) {
      try {
        const [user] = known([await api.get<WireUser>(`users/username/${encodeURIComponent(username)}/`)]);
        return user ?? null;
      } catch (error) {
        if (statusOf(error) === 404) return null;
        throw error;
      }
    },
    suggestions: async () => known(await api.get<WireUser[]>('follow/suggestions/')),
    follow: (userId) => toggle(userId, true),
    unfollow: (userId) => toggle(userId, false),
    async isFollowing(userId) {
      const stats = await api.get<{ is_following: boolean }>(`follow/stats/${wireId(String(userId))}/`);
      setFollowing(userId, stats.is_following);
      return stats.is_following;
    },
    following: (userId, number = 1) => page('following', userId, number),
    followers: (userId, number = 1) => page('followers', userId, number),
  };
}
