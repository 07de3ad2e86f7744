import { stat } from 'node:fs/promises';
import path from 'node:path';

import { places } from './places.ts';

/** What the page may do, for both hosts. Monaco and the diagram set styles on elements. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** The built file that a path of a URL names; undefined for what is not there, of no known kind, or outside the build. */
export async function findRendererFile(
  pathname: string,
  root: string = places.renderer,
): Promise<{ file: string; type: string; sizeBytes: number } | undefined> {
  let decoded: string;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    return undefined;
  }
  const file = path.join(root, path.normalize(decoded === '/' ? '/index.html' : decoded));
  const type = contentTypes[path.extname(file)];
  if (!file.startsWith(root + path.sep) || type === undefined) return undefined;
  const found = await stat(file).catch(() => undefined);
  return found?.isFile() ? { file, type, sizeBytes: found.size } : undefined;
}
