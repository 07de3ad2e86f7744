export { SqlParser } from './sql-parser.ts';
export { type StatementImpact, statementImpact } from './statement-impact.ts';
export { type StatementRange, codePointToUtf16, loadSqlParser, parseSql } from './split-statements.ts';
export { type NormalisedStatement, normaliseStatement } from './normalise-statement.ts';
export type { StatementReferences, WriteCommand, WrittenName } from './statement-references.ts';
export type { StatementShape } from './statement-shape.ts';
