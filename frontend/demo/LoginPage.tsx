/** Signing in, with the demo users one press away. */

import { type FormEvent, useRef, useState } from 'react';
import { DEMO_USERS } from './people';
import { type Session, signIn } from './session';

export function LoginPage({ onSignedIn }: { onSignedIn: (session: Session) => void }) {
  const [username, setUsername] = useState('');
  const [error, setError] = useState('');
  const [isBusy, setBusy] = useState(false);
  const password = useRef<HTMLInputElement>(null);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setError('');
    try {
      onSignedIn(await signIn(username.trim(), password.current?.value ?? ''));
    } catch (reason) {
      setError((reason as Error).message);
      setBusy(false);
    }
  }

  return (
    <main className="demo-login">
      <img src="./icon.svg" alt="" width="48" height="48" />
      <h1>Sign in to the chat demo</h1>
      <p className="demo-muted">
        Pick one of the demo users. <code>make demo</code> prints their password. Open a second tab to be
        somebody else.
      </p>
      <div className="demo-picks">
        {DEMO_USERS.map((user) => (
          <button
            key={user.username}
            type="button"
            className="demo-pick"
            aria-pressed={username === user.username}
            onClick={() => {
              setUsername(user.username);
              password.current?.focus();
            }}
          >
            <strong>{user.name}</strong>
            <span className="demo-muted">{user.username}</span>
          </button>
        ))}
      </div>
      <form onSubmit={submit}>
        <label>
          User name
          <input
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            value={username}
            onChange={(event) => setUsername(event.target.value)}
          />
        </label>
        <label>
          Password
          <input ref={password} name="password" type="password" autoComplete="current-password" required />
        </label>
        {error && (
          <p className="demo-error" role="alert">
            {error}
          </p>
        )}
        <button type="submit" className="demo-submit" disabled={isBusy}>
          {isBusy ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
    </main>
  );
}
