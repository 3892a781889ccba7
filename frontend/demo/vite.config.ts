/** Builds the demo into `dist/`, which the server carries; `npm run dev` passes the server's paths on to it. */
import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const frontend = resolve(import.meta.dirname, '..');
const server = process.env.CHAT_SERVER ?? 'http://127.0.0.1:8000';
// The tests build the same demo with the oldest React the kit supports.
const react18 = process.env.CHAT_REACT === '18';
const from18 = (name: string) => resolve(frontend, 'tests/react18/node_modules', name);

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  envPrefix: ['VITE_', 'REACT_APP_'],
  plugins: [react()],
  resolve: react18
    ? { alias: { react: from18('react'), 'react-dom': from18('react-dom'), scheduler: from18('scheduler') } }
    : {},
  build: {
    outDir: react18 ? resolve(frontend, 'test-results/dist-react18') : resolve(frontend, 'dist'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    port: 5173,
    proxy: { '/api': server, '/ws': { target: server, ws: true }, '/health': server },
  },
});
