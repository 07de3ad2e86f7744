export { SqlParser } from './sql-parser.ts';
export { type StatementImpact, statementImpact } from './statement-impact.ts';
export { type StatementRange, codePointToUtf16, loadSqlParser, parseSql } from './split-statements.ts';
export type { StatementReferences, WriteCommand, WrittenName } from './statement-references.ts';
