import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import type { HealthFacts } from '../../health-check.ts';

/** The two rights that open pg_hba.conf to a role that is not superuser. */
export function grantHbaRules(facts: HealthFacts): string {
  const user = quoteIdentifier(facts.user);
  return [
    `grant select on pg_catalog.pg_hba_file_rules to ${user};`,
    `grant execute on function pg_catalog.pg_hba_file_rules() to ${user};`,
  ].join('\n');
}
