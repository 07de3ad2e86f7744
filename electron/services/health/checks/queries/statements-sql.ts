import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import type { HealthFacts } from '../../health-check.ts';
import { cannotTell, type CheckOutcome } from '../../health-check.ts';
import type { HealthFinding } from '#contract/health-model.ts';
import { grantRole } from '../../unlock-sql.ts';

/** The view of pg_stat_statements in the schema where this database has it. */
export function statementsView(facts: HealthFacts): string {
  const schema = facts.extensions.get('pg_stat_statements')?.schema ?? 'public';
  return `${quoteIdentifier(schema)}.pg_stat_statements`;
}

/** Without `pg_read_all_stats` other users' statements are masked, so their absence proves nothing. */
export function withStatementRights(findings: readonly HealthFinding[], facts: HealthFacts): CheckOutcome {
  return facts.readsAllStats
    ? findings
    : cannotTell(`Statements of other users are hidden from ${facts.user}.`, {
        unlockSql: grantRole('pg_read_all_stats', facts),
        findings,
      });
}

/** A statement's text on one line, cut where it gets long. */
export function oneLine(query: string | null): string {
  const text = (query ?? '(hidden)').replaceAll(/\s+/g, ' ').trim();
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
