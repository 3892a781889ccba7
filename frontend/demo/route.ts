/** The page shown, as the hash of the address: `#/chat-demo`, `#/messages/7`. */

import { useSyncExternalStore } from 'react';

function current(): string {
  const hash = location.hash.replace(/^#\/?/, '');
  if (hash) return hash;
  return location.pathname.replace(/\/+$/, '') === '/chat-demo' ? 'chat-demo' : '';
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}

/** The parts of the route, e.g. `['messages', '7']`. */
export function useRoute(): string[] {
  return useSyncExternalStore(subscribe, current).split('/');
}

export function go(route: string) {
  location.hash = `#/${route}`;
}
