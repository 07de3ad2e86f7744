import { enableCompileCache } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { defaultDataDirectory } from '../../services/settings/data-directory.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' }, 'data-dir': { type: 'string' } } });
const dataDirectory = values['data-dir'] === undefined ? defaultDataDirectory() : path.resolve(values['data-dir']);
// Half of a start is compiling; in the data folder nobody else can put something into the cache.
enableCompileCache(path.join(dataDirectory, 'cache'));
const { serve } = await import('./serve.ts');
await serve({ port: Number(values.port), dataDirectory });
