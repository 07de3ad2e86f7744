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
          // Every worker is an entry of its own: electron/postgres/worker-file.ts finds it beside the hosts.
          'sql-parser-worker': 'electron/postgres/sql-parser/sql-parser-worker.ts',
          'dump-worker': 'electron/postgres/built-in-dump/dump-worker.ts',
          'report-worker': 'electron/services/health/report-worker.ts',
          'log-worker': 'electron/services/logs/log-worker.ts',
          'plan-worker': 'electron/services/plans/plan-worker.ts',
          'unlock-key-worker': 'electron/postgres/ssh/unlock-key-worker.ts',
          'migration-worker': 'electron/services/migrations/migration-worker.ts',
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
      rollupOptions: {
        input: 'renderer/index.html',
        // One file for what every screen shares, rather than thirty that each cost a request.
        output: {
          codeSplitting: {
            groups: [
              {
                name: 'vendor',
                test: /node_modules[\\/](react|react-dom|scheduler|@base-ui|@floating-ui|@tanstack|zustand|lucide-react|@orpc)[\\/]/,
              },
              {
                name: 'frame',
                test: /renderer[\\/]src[\\/](ui|lib|rpc|theme|workbench)[\\/]|features[\\/]connections[\\/]/,
              },
            ],
          },
        },
      },
      target: 'chrome140',
      sourcemap: false,
      minify: true,
      chunkSizeWarningLimit: 4000,
    },
    plugins: [react()],
  },
});
