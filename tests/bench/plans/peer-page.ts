import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Plugin, build } from 'vite';

import { temporaryFolder } from '../../support/app.ts';

/** pev2 keeps the store that reads a plan to itself; this lets the page have it, whatever its name in the bundle is. */
const openPeer: Plugin = {
  name: 'open-pev2',
  enforce: 'pre',
  transform(code, id) {
    if (!id.includes('pev2.es.js')) return null;
    const store = /\b(\w+)\.parse\(\w+\.planSource, \w+\.planQuery\)/.exec(code)?.[1];
    if (store === undefined) throw new Error('This version of pev2 reads plans in another way');
    return { code: `${code}\nexport { ${store} as store };`, map: null };
  },
};

const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** The page with our core and pev2 in one, bundled for production and served on this machine. */
export async function servePeerPage(): Promise<AsyncDisposable & { readonly url: string }> {
  const folder = await temporaryFolder();
  await build({
    root: fileURLToPath(new URL('./page', import.meta.url)),
    configFile: false,
    logLevel: 'error',
    plugins: [openPeer],
    worker: { format: 'es' },
    build: { outDir: folder, emptyOutDir: true, target: 'chrome140', chunkSizeWarningLimit: 4000 },
    define: { __VUE_OPTIONS_API__: 'true', __VUE_PROD_DEVTOOLS__: 'false' },
  });
  const server = createServer((request, response) => {
    const name = request.url === '/' || request.url === undefined ? '/index.html' : request.url;
    try {
      response.setHeader('content-type', types[path.extname(name)] ?? 'application/octet-stream');
      response.end(readFileSync(path.join(folder, path.normalize(name))));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
