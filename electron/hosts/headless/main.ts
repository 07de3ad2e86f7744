import { parseArgs } from 'node:util';

import { serve } from './serve.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' }, 'data-dir': { type: 'string' } } });
await serve({ port: Number(values.port), dataDirectory: values['data-dir'] });
