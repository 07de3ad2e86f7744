import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      rollupOptions: {
        input: {
          desktop: 'electron/hosts/desktop/main.ts',
          headless: 'electron/hosts/headless/main.ts',
          cli: 'electron/hosts/cli/main.ts',
        },
        output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rollupOptions: {
        input: { preload: 'electron/hosts/desktop/preload.ts' },
        // A sandboxed window cannot load an ES module as its preload.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'renderer',
    build: {
      outDir: 'out/renderer',
      rollupOptions: { input: 'renderer/index.html' },
      target: 'chrome140',
      sourcemap: false,
      chunkSizeWarningLimit: 4000,
    },
    plugins: [react()],
  },
});
