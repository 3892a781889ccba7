/** People with buttons to write to them and to follow them. */

import { lazy, Suspense, useEffect, useState } from 'react';
import {
  Avatar,
  ChatButton,
  type ChatButtonProps,
  type ChatUser,
  FollowButton,
  UserSearch,
  useChatClient,
  useChatState,
  useMe,
} from '../src/react';
import { DEMO_USERS } from './people';

// Loaded when somebody is chosen: the button does the same by itself.
const ChatModal = lazy(() => import('../src/react/ChatModal'));

const VARIANTS: ChatButtonProps['variant'][] = ['primary', 'success', 'dark', 'secondary', 'outline'];

export default function PeoplePage({ me }: { me: string }) {
  const people = usePeople(me);
  const following = useFollowing();
  const [found, setFound] = useState<ChatUser | null>(null);
  return (
    <main className="demo-page">
      <div className="demo-lead">
        <div>
          <h1>People</h1>
          <p className="demo-muted">
            Press “Message” to open a chat. Sign in as somebody else in a second tab to answer.
          </p>
        </div>
        <UserSearch className="demo-search" onSelect={setFound} />
      </div>
      <ul className="demo-cards">
        {people.map((user, index) => (
          <li key={user.id} className="demo-card">
            <Avatar user={user} size={64} showPresence />
            <h2>{user.name}</h2>
            <p className="demo-muted">
              {DEMO_USERS.find((one) => one.username === user.username)?.role ?? `@${user.username}`}
            </p>
            <div className="demo-actions">
              <ChatButton user={user} variant={VARIANTS[index % VARIANTS.length]} showUnread />
              <FollowButton user={user} />
            </div>
          </li>
        ))}
      </ul>
      <section className="demo-section">
        <h2>People you follow</h2>
        {following.length === 0 ? (
          <p className="demo-muted">Nobody yet. Follow somebody above.</p>
        ) : (
          <ul className="demo-rows">
            {following.map((user) => (
              <li key={user.id} className="demo-row">
                <Avatar user={user} size={40} showPresence />
                <span className="demo-row-name">
                  <strong>{user.name}</strong>
                  <span className="demo-muted">@{user.username}</span>
                </span>
                <ChatButton user={user} variant="text" size="small" showUnread />
              </li>
            ))}
          </ul>
        )}
      </section>
      <section className="demo-section">
        <h2>By user name</h2>
        <p className="demo-muted">Pages that know only a name: the button finds the rest.</p>
        <div className="demo-actions demo-start">
          <ChatButton
            recipientUsername={me === 'alice_dev' ? 'bob_designer' : 'alice_dev'}
            variant="outline"
          />
          <ChatButton recipientUsername="nobody_here" variant="outline" />
        </div>
      </section>
      <Suspense fallback={null}>
        {found && <ChatModal isOpen onClose={() => setFound(null)} recipientUser={found} />}
      </Suspense>
    </main>
  );
}

/** The demo users, then whom the server suggests. */
function usePeople(me: string): ChatUser[] {
  const client = useChatClient();
  const [people, setPeople] = useState<ChatUser[]>([]);
  useEffect(() => {
    let isCurrent = true;
    const demo = DEMO_USERS.filter((user) => user.username !== me).map((user) =>
      client.people.byUsername(user.username).catch(() => null),
    );
    Promise.all([Promise.all(demo), client.people.suggestions().catch(() => [])]).then(
      ([known, suggested]) => {
        if (!isCurrent) return;
        const all = [...known.filter((user) => user !== null), ...suggested];
        setPeople([...new Map(all.map((user) => [user.id, user])).values()].slice(0, 9));
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [client, me]);
  return people;
}

/** Whom one follows, as far as this page knows; asked once, then kept up by the buttons. */
function useFollowing(): ChatUser[] {
  const client = useChatClient();
  const me = useMe()?.id;
  const follows = useChatState((state) => state.following);
  const users = useChatState((state) => state.users);
  useEffect(() => {
    if (me) client.people.following(me).catch(() => {});
  }, [client, me]);
  return Object.keys(follows).flatMap((id) => (follows[id] && users[id] ? [users[id]] : []));
}
