/** The client of pages that configure nothing: tokens where the original kept them, addresses from the environment. */

import { type ChatClient, type ChatClientOptions, createChatClient } from '../client';

/** Reads a build-time variable, in the form of Create React App and in that of Vite. */
function environment(name: 'API_URL' | 'WS_URL'): string | undefined {
  let value: string | undefined;
  try {
    // Bundlers replace the whole expression; in a browser without one, there is no `process`.
    value = name === 'API_URL' ? process.env.REACT_APP_API_URL : process.env.REACT_APP_WS_URL;
  } catch {}
  try {
    value ||=
      name === 'API_URL'
        ? import.meta.env.VITE_API_URL || import.meta.env.REACT_APP_API_URL
        : import.meta.env.VITE_WS_URL || import.meta.env.REACT_APP_WS_URL;
  } catch {}
  return value || undefined;
}

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Where the server is, without `/api/`; empty means the page's own origin. */
export function defaultBaseUrl(): string {
  return (environment('API_URL') ?? '').replace(/\/(api\/?)?$/, '');
}

/** Gives the token under `access`; when it was refused, asks for a new one with the token under `refresh`. */
export async function storedToken({ refresh }: { refresh: boolean }): Promise<string | null> {
  const access = stored('access');
  if (!refresh) return access;
  const token = stored('refresh');
  if (!token) return null;
  const answer = await fetch(`${defaultBaseUrl()}/api/auth/token/refresh/`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ refresh: token }),
  });
  if (answer.status === 401 || answer.status === 400) return null;
  if (!answer.ok) throw new Error(`refreshing the token: ${answer.status}`);
  const { access: renewed } = (await answer.json()) as { access: string };
  localStorage.setItem('access', renewed);
  return renewed;
}

/** Options a page gets that gives none. */
export function defaultClientOptions(): ChatClientOptions {
  const wsUrl = environment('WS_URL');
  return { baseUrl: defaultBaseUrl(), getToken: storedToken, ...(wsUrl ? { wsUrl } : {}) };
}

let shared: ChatClient | undefined;

/** The one client of everything on the page that has no provider, or a provider without a client. */
export function defaultClient(): ChatClient {
  shared ??= createChatClient(defaultClientOptions());
  return shared;
}
