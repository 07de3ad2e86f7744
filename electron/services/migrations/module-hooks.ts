import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Lets a migrations folder load here as it is: its `@mikro-orm/*` imports are ours (the folder may have none
 * installed, or another version), and TypeScript that needs more than erasing (enums) is transformed.
 */
export function installModuleHooks(): void {
  process.removeAllListeners('warning');
  // require() takes no parent of ours, so that what CommonJS asks for is looked up beforehand.
  const forCommonJs = new Map(
    ['core', 'migrations', 'postgresql', 'sql'].map((name) => [
      `@mikro-orm/${name}`,
      import.meta.resolve(`@mikro-orm/${name}`),
    ]),
  );
  registerHooks({
    resolve(specifier, context, next) {
      if (!specifier.startsWith('@mikro-orm/')) return next(specifier, context);
      const url = forCommonJs.get(specifier);
      if (context.conditions.includes('require') && url !== undefined)
        return { url, format: 'module', shortCircuit: true };
      return next(specifier, { ...context, parentURL: import.meta.url });
    },
    load(url, context, next) {
      if (!/\.[cm]?ts$/.test(url) || url.includes('/node_modules/')) return next(url, context);
      const source = stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8'), { mode: 'transform' });
      return { format: url.endsWith('.cts') ? 'commonjs' : 'module', source, shortCircuit: true };
    },
  });
}
