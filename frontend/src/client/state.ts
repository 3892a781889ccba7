/** The store, and the working copy behind it: many changes in a short time become one update. */

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ChatState } from './types';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface State {
  readonly store: StoreApi<ChatState>;
  /** The newest state, perhaps not published yet. */
  get(): ChatState;
  /** Changes it; published soon. */
  set(patch: Partial<Mutable<ChatState>>): void;
  /** Publishes now: for what the user did himself. */
  flush(): void;
  /** Runs before each publication, to compute what follows from the rest. */
  derive(compute: () => void): void;
  /** Runs after each publication. */
  published(run: () => void): void;
  reset(): void;
}

export const emptyState = (): ChatState => ({
  status: 'idle',
  closed: null,
  me: null,
  users: {},
  conversations: [],
  conversationsLoaded: false,
  threads: {},
  unread: { total: 0, byUser: {} },
  typing: {},
  presence: {},
  notifications: { items: [], unread: 0, loaded: false },
  outbox: [],
  drafts: {},
  following: {},
});

export function createState(): State {
  const store = createStore<ChatState>(emptyState);
  let work = store.getState();
  let timer: ReturnType<typeof setTimeout> | null = null;
  let compute = () => {};
  let after = () => {};
  const flush = () => {
    if (timer !== null) clearTimeout(timer);
    compute();
    // Computing may have asked for another publication.
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (store.getState() !== work) store.setState(work, true);
    after();
  };
  const set: State['set'] = (patch) => {
    work = { ...work, ...patch };
    // Frames of one burst arrive as tasks of their own; a timer lets those that wait already go first.
    timer ??= setTimeout(() => {
      timer = null;
      flush();
    }, 0);
  };
  return {
    store,
    get: () => work,
    set,
    flush,
    derive(next) {
      compute = next;
    },
    published(run) {
      after = run;
    },
    reset() {
      const { status, closed } = work;
      set({ ...emptyState(), status, closed });
      flush();
    },
  };
}
