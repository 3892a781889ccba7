/** The demo: signs in, then shows people, messages or every look of the kit. */

import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import {
  type ChatNotification,
  ChatProvider,
  ConnectionStatus,
  createChatClient,
  UnreadBadge,
  useUnreadCount,
} from '../src/react';
import { LoginPage } from './LoginPage';
import { go, useRoute } from './route';
import { baseUrl, getToken, loadSession, type Session, saveSession, wsUrl } from './session';

// What nobody needs in the first moment.
const NotificationBell = lazy(() =>
  import('../src/react/NotificationBell').then((module) => ({ default: module.NotificationBell })),
);
const NotificationToasts = lazy(() =>
  import('../src/react/NotificationToasts').then((module) => ({ default: module.NotificationToasts })),
);
const GalleryPage = lazy(() => import('./GalleryPage'));
const MessagesPage = lazy(() => import('./MessagesPage'));
const PeoplePage = lazy(() => import('./PeoplePage'));

type Theme = 'light' | 'dark' | 'system';
const THEMES: Theme[] = ['system', 'light', 'dark'];

function useTheme(): [Theme, () => void] {
  const [theme, setTheme] = useState<Theme>(() => (localStorage.getItem('demo-theme') as Theme) || 'system');
  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    localStorage.setItem('demo-theme', theme);
  }, [theme]);
  return [theme, () => setTheme(THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system')];
}

export function App() {
  const [session, setSession] = useState(loadSession);
  const [theme, nextTheme] = useTheme();
  const route = useRoute();
  const isGallery = route[0] === 'gallery';
  if (!session) {
    if (isGallery) {
      return (
        <Suspense fallback={null}>
          <GalleryPage />
        </Suspense>
      );
    }
    return (
      <LoginPage
        onSignedIn={(fresh) => {
          setSession(fresh);
          if (route[0] === 'login' || route[0] === '') go('chat-demo');
        }}
      />
    );
  }
  return (
    <SignedIn
      key={session.username}
      session={session}
      theme={theme}
      onTheme={nextTheme}
      onSignedOut={() => {
        saveSession(null);
        setSession(null);
        go('login');
      }}
    />
  );
}

interface SignedInProps {
  session: Session;
  theme: Theme;
  onTheme: () => void;
  onSignedOut: () => void;
}

function SignedIn({ session, theme, onTheme, onSignedOut }: SignedInProps) {
  const client = useMemo(() => createChatClient({ baseUrl, getToken, ...(wsUrl ? { wsUrl } : {}) }), []);
  useEffect(() => {
    // For looking into from the console.
    Object.assign(window, { chatClient: client });
  }, [client]);
  const [page = '', detail] = useRoute();
  const shown = page === 'messages' || page === 'gallery' ? page : 'chat-demo';

  function open(notification: ChatNotification) {
    const from = notification.actor?.id;
    if (from) go(notification.verb === 'follow' ? 'chat-demo' : `messages/${from}`);
  }

  const link = (to: string, text: string) => (
    <a href={`#/${to}`} aria-current={shown === to ? 'page' : undefined}>
      {text}
      {to === 'messages' && <UnreadBadge />}
    </a>
  );
  return (
    <ChatProvider client={client}>
      <Title />
      <header className="demo-header">
        <a className="demo-brand" href="#/chat-demo">
          <img src="./icon.svg" alt="" width="28" height="28" />
          <span>VikraHub</span>
        </a>
        <nav className="demo-nav" aria-label="Pages">
          {link('chat-demo', 'People')}
          {link('messages', 'Messages')}
          {link('gallery', 'Gallery')}
        </nav>
        <div className="demo-tools">
          <ConnectionStatus />
          <Suspense fallback={<span className="demo-bell" />}>
            <NotificationBell onOpen={open} />
          </Suspense>
          <button type="button" className="demo-button" onClick={onTheme}>
            <span className="demo-wide">Theme: </span>
            {theme}
          </button>
          <button
            type="button"
            className="demo-button"
            onClick={() => client.logout().finally(onSignedOut)}
            aria-label={`Sign out ${session.username}`}
          >
            Sign out
          </button>
        </div>
      </header>
      <Suspense fallback={<main className="demo-page" />}>
        {shown === 'messages' ? (
          <MessagesPage selectedId={detail ?? null} />
        ) : shown === 'gallery' ? (
          <GalleryPage />
        ) : (
          <PeoplePage me={session.username} />
        )}
      </Suspense>
      <Suspense fallback={null}>
        <NotificationToasts
          onOpen={open}
          filter={({ actor }) =>
            !(shown === 'messages' && actor?.id === detail) && !document.querySelector('dialog[open]')
          }
        />
      </Suspense>
    </ChatProvider>
  );
}

/** The number of unread messages in the title of the tab. */
function Title() {
  const unread = useUnreadCount();
  useEffect(() => {
    document.title = `${unread ? `(${unread}) ` : ''}VikraHub Messaging`;
  }, [unread]);
  return null;
}
