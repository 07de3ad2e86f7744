import { parentPort } from 'node:worker_threads';

import { loadSqlParser, parseSql } from './split-statements.ts';

await loadSqlParser();
parentPort?.on('message', ({ id, sql }: { id: number; sql: string }) => {
  parentPort?.postMessage({ id, parsed: parseSql(sql) });
});
