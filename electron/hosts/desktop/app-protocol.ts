import { readFile } from 'node:fs/promises';

import { protocol } from 'electron';

import { contentSecurityPolicy, findRendererFile } from '../renderer-files.ts';

export const appOrigin = 'app://steward';

/** Must run before the app is ready: `app:` is a secure origin of its own, unlike `file:`. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Serves the built renderer under app://steward/, and nothing outside of it. */
export function serveAppScheme(): void {
  protocol.handle('app', async (request) => {
    const url = new URL(request.url);
    const found = url.host === 'steward' && request.method === 'GET' ? await findRendererFile(url.pathname) : undefined;
    if (!found) return new Response(null, { status: 404 });
    return new Response(new Uint8Array(await readFile(found.file)), {
      headers: {
        'Content-Type': found.type,
        'Content-Security-Policy': contentSecurityPolicy,
        'X-Content-Type-Options': 'nosniff',
      },
    });
  });
}
