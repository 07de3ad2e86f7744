import { parentPort } from 'node:worker_threads';

import { loadSqlParser, parseSql } from './split-statements.ts';
import type { ParserTask } from './sql-parser.ts';
import { statementReferences } from './statement-references.ts';

await loadSqlParser();
parentPort?.on('message', ({ id, kind, sql }: ParserTask) => {
  parentPort?.postMessage({ id, answer: kind === 'parse' ? parseSql(sql) : statementReferences(sql) });
});
