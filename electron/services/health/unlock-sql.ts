import type { ServerFacts } from '../../postgres/catalog-reader.ts';
import { quoteIdentifier } from '../../postgres/quote-identifier.ts';
import { cannotTell, type CheckOutcome, type HealthFacts } from './health-check.ts';
import type { HealthFinding } from '#contract/health-model.ts';

/** Membership in a predefined role for the current user, with its rights: NOINHERIT would keep them away. */
export function grantRole(role: string, { user, inherits, versionNum }: HealthFacts): string {
  const grant = `grant ${quoteIdentifier(role)} to ${quoteIdentifier(user)}`;
  if (inherits) return `${grant};`;
  return versionNum >= 160_000
    ? `${grant} with inherit true;`
    : `alter role ${quoteIdentifier(user)} inherit;\n${grant};`;
}

/** Rights to read the named schemas' tables: what `pg_stats` and the bloat estimates ask for. */
export function grantTables(schemas: Iterable<string>, server: ServerFacts): string {
  return grantOnSchemas('tables', schemas, server);
}

/** Rights to read the named schemas' sequences. */
export function grantSequences(schemas: Iterable<string>, server: ServerFacts): string {
  return grantOnSchemas('sequences', schemas, server);
}

function grantOnSchemas(what: 'tables' | 'sequences', schemas: Iterable<string>, server: ServerFacts): string {
  return [...new Set(schemas)]
    .map(
      (schema) =>
        `grant select on all ${what} in schema ${quoteIdentifier(schema)} to ${quoteIdentifier(server.user)};`,
    )
    .join('\n');
}

/** Without `pg_monitor` other users' sessions are masked: what was found stands, but "nothing" cannot be said. */
export function withSessionRights(findings: readonly HealthFinding[], facts: HealthFacts): CheckOutcome {
  return facts.readsAllStats
    ? findings
    : cannotTell(`Sessions of other users are hidden from ${facts.user}.`, {
        unlockSql: grantRole('pg_monitor', facts),
        findings,
      });
}
