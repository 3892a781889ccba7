/** Builds the npm package: ES modules, one file per entry, React and other dependencies left outside. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// `import.meta.env` is for the application's own build to fill in, so Vite must not do it here.
const KEPT = '__KEPT_IMPORT_META_ENV__';
const keepEnvironment = {
  name: 'keep-environment',
  enforce: 'pre' as const,
  transform: (code: string, id: string) =>
    id.includes('/src/') ? { code: code.replaceAll('import.meta.env', KEPT), map: null } : null,
  renderChunk: (code: string) => ({ code: code.replaceAll(KEPT, 'import.meta.env'), map: null }),
};

export default defineConfig({
  plugins: [keepEnvironment, react()],
  build: {
    outDir: 'dist-lib',
    minify: false,
    cssMinify: true,
    copyPublicDir: false,
    lib: {
      entry: [
        'src/react/index.ts',
        'src/client/index.ts',
        'src/react/ChatButton.tsx',
        'src/react/ChatModal.tsx',
        'src/styles/index.ts',
      ],
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
        // One file per module: what an application does not use, its bundler can leave out.
        preserveModules: true,
        preserveModulesRoot: 'src',
        entryFileNames: '[name].js',
        banner: (chunk) => (chunk.facadeModuleId?.includes('/src/react/') ? "'use client';" : ''),
      },
    },
  },
});
