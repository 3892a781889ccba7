/** Starts the demo. */

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../src/styles/styles.css';
import './demo.css';
import { App } from './App';

// After a deployment, parts named by the old page may be gone: the new page has the new names.
window.addEventListener('vite:preloadError', (event) => {
  if (sessionStorage.getItem('demo-reloaded')) return;
  sessionStorage.setItem('demo-reloaded', '1');
  event.preventDefault();
  location.reload();
});

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
