import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Lets a migrations folder load here as it is: its `@mikro-orm/*` imports are ours (the folder may have none
 * installed, or another version), and TypeScript that needs more than erasing (enums) is transformed.
 */
export function installModuleHooks(): void {
  process.removeAllListeners('warning');
  registerHooks({
    resolve(specifier, context, next) {
      return specifier.startsWith('@mikro-orm/') ? { url: import.meta.resolve(specifier), shortCircuit: true } : next(specifier, context);
    },
    load(url, context, next) {
      if (!/\.[cm]?ts$/.test(url) || url.includes('/node_modules/')) return next(url, context);
      const source = stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8'), { mode: 'transform' });
      return { format: url.endsWith('.cts') ? 'commonjs' : 'module', source, shortCircuit: true };
    },
  });
}

