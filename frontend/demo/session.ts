/** Who is signed in. Kept by the tab, not by the browser: so two tabs can be two people. */

const KEY = 'demo-session';

export interface Session {
  access: string;
  refresh: string;
  username: string;
}

export const baseUrl = (import.meta.env.VITE_API_URL || import.meta.env.REACT_APP_API_URL || '').replace(
  /\/(api\/?)?$/,
  '',
);
export const wsUrl: string | undefined =
  import.meta.env.VITE_WS_URL || import.meta.env.REACT_APP_WS_URL || undefined;

export function loadSession(): Session | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? 'null');
  } catch {
    return null;
  }
}

export function saveSession(session: Session | null) {
  if (session) sessionStorage.setItem(KEY, JSON.stringify(session));
  else sessionStorage.removeItem(KEY);
}

async function post(path: string, body: object): Promise<Response> {
  return fetch(`${baseUrl}/api/auth/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** Signs in; the error is a sentence for people. */
export async function signIn(username: string, password: string): Promise<Session> {
  let answer: Response;
  try {
    answer = await post('token/', { username, password });
  } catch {
    throw new Error('The server cannot be reached.');
  }
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.detail ?? 'Signing in failed.');
  const session = { ...body, username } as Session;
  saveSession(session);
  return session;
}

/** The token of this tab; a new one when the old one was refused; `null` when signing in again is needed. */
export async function getToken({ refresh }: { refresh: boolean }): Promise<string | null> {
  const session = loadSession();
  if (!session || !refresh) return session?.access ?? null;
  const answer = await post('token/refresh/', { refresh: session.refresh });
  if (answer.status === 400 || answer.status === 401) return null;
  if (!answer.ok) throw new Error(`refreshing the token: ${answer.status}`);
  const { access } = await answer.json();
  saveSession({ ...session, access });
  return access;
}
