/** Builds the npm package: ES modules, one file per entry, React and other dependencies left outside. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: 'dist-lib',
    minify: false,
    cssMinify: true,
    copyPublicDir: false,
    lib: {
      entry: {
        react: 'src/react/index.ts',
        client: 'src/client/index.ts',
        ChatButton: 'src/react/ChatButton.tsx',
        ChatModal: 'src/react/ChatModal.tsx',
        styles: 'src/styles/index.ts',
      },
      formats: ['es'],
      cssFileName: 'styles',
    },
    rolldownOptions: {
      external: [
        /^react($|\/)/,
        /^react-dom($|\/)/,
        /^zustand($|\/)/,
        /^idb$/,
        /^@tanstack\//,
        /^linkifyjs/,
        /^partysocket/,
      ],
      output: {
        banner: (chunk) => (chunk.name === 'client' ? '' : "'use client';"),
        chunkFileNames: 'chunks/[name].js',
      },
    },
  },
});
