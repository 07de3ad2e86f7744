import type { HealthFinding, Severity } from '#contract/health-model.ts';
import { isInside, isLoopback, mayHold, rangesOf, type AddressRange } from './hba-addresses.ts';
import type { HbaRow } from './hba-rules.ts';

/** How a connection travels. `host` rules match all three. */
export type Transport = 'socket' | 'plain' | 'tls' | 'gss';

const transports: Readonly<Record<string, readonly Transport[]>> = {
  local: ['socket'],
  host: ['plain', 'tls', 'gss'],
  hostssl: ['tls'],
  hostnossl: ['plain', 'gss'],
  hostgssenc: ['gss'],
  hostnogssenc: ['plain', 'tls'],
};

/** A way and addresses that are left to a rule. */
export interface HbaCell {
  readonly transport: Transport;
  readonly range: AddressRange;
  /** False where a rule before may take it all, which cannot be told from here. */
  readonly isCertain: boolean;
}

/** What is left of a rule after those before it: the first that matches decides. */
export interface EffectiveRule {
  readonly row: HbaRow;
  readonly cells: readonly HbaCell[];
}

/**
 * The rules that can match at all, in order, with the ways and addresses that no earlier rule has taken: for all its
 * users, or for one role. Lines with errors match nobody.
 * https://www.postgresql.org/docs/current/auth-pg-hba-conf.html
 */
export function effectiveRules(rows: readonly HbaRow[], role?: string): EffectiveRule[] {
  const earlier: EarlierRule[] = [];
  return rows.flatMap((row) => {
    if (row.error !== null || row.type === null || (role !== undefined && !namesRole(row, role))) return [];
    const rule = { row, transports: transports[row.type] ?? [], ranges: rangesOf(row) };
    // An earlier rule for one of its users, and another for the next, take it together.
    const names = (row.databases ?? []).flatMap((database) =>
      (role === undefined ? (row.users ?? []) : [role]).map((user) => {
        const covering = earlier.map((before) => ({
          rule: before,
          answer: both(
            coversDatabase(before.row, database, row),
            role === undefined ? coversUser(before.row, user) : 'yes',
          ),
        }));
        return covering.filter(({ answer }) => answer !== 'no');
      }),
    );
    const cells = rule.transports.flatMap((transport) =>
      rule.ranges.flatMap((range): HbaCell[] => {
        const taken = names.map((covering) => isTaken(covering, transport, range));
        return taken.every((answer) => answer === 'yes') ? [] : [{ transport, range, isCertain: taken.includes('no') }];
      }),
    );
    earlier.push(rule);
    return cells.length === 0 ? [] : [{ row, cells }];
  });
}

/** The cells that other machines can use. */
export function remoteCells(rule: EffectiveRule): readonly HbaCell[] {
  return rule.cells.filter(({ transport, range }) => transport !== 'socket' && !isLoopback(range));
}

/** How much these cells weigh, and how sure that is: what an earlier rule may have taken is never critical. */
export function hbaSeverity(
  cells: readonly HbaCell[],
  severity: Severity,
  rows: readonly HbaRow[],
): Pick<HealthFinding, 'severity' | 'confidence' | 'confidenceReason'> {
  if (cells.some(({ isCertain }) => isCertain)) return { severity, ...hbaConfidence(rows) };
  return {
    severity: severity === 'critical' ? 'warning' : severity,
    confidence: 'low',
    confidenceReason:
      'A line before it may take all of these connections: whom its host names, groups or patterns match is not known here.',
  };
}

/** True for a rule of all roles and databases. */
export function isForEverybody(row: HbaRow): boolean {
  return namesEveryUser(row) && namesEveryDatabase(row);
}

/** `maybe`: it cannot be told from what is known here. */
type Answer = 'yes' | 'maybe' | 'no';

function both(first: Answer, second: Answer): Answer {
  if (first === 'no' || second === 'no') return 'no';
  return first === 'yes' ? second : first;
}

interface EarlierRule {
  readonly row: HbaRow;
  readonly transports: readonly Transport[];
  readonly ranges: readonly AddressRange[];
}

/** Whether these rules together take all addresses of a range. */
function isTaken(
  covering: readonly { readonly rule: EarlierRule; readonly answer: Answer }[],
  transport: Transport,
  range: AddressRange,
): Answer {
  const here = covering.filter(({ rule }) => rule.transports.includes(transport));
  const certain = here.filter(({ answer }) => answer === 'yes').flatMap(({ rule }) => rule.ranges);
  if (isInside(range, certain)) return 'yes';
  const possible = here.flatMap(({ rule }) => rule.ranges);
  return isInside(range, possible) || possible.some((other) => mayHold(other, range)) ? 'maybe' : 'no';
}

function namesEveryUser(row: HbaRow): boolean {
  return (row.users ?? []).includes('all') || row.patterns?.every_user === true;
}

/** Every database, and not replication. */
function namesEveryDatabase(row: HbaRow): boolean {
  return (row.databases ?? []).includes('all') || row.patterns?.every_database === true;
}

function isPattern(row: HbaRow, name: string): boolean {
  return row.patterns !== null && name.startsWith('/');
}

/** Whether a rule names a user of another rule. Who else is in a group, or matches a pattern, is not known. */
function coversUser(rule: HbaRow, user: string): Answer {
  const users = rule.users ?? [];
  if (users.includes(user) || namesEveryUser(rule)) return 'yes';
  if (user === 'all') return 'no';
  const isSeveral = user.startsWith('+') || isPattern(rule, user);
  if (!isSeveral) return namesRole(rule, user) ? 'yes' : 'no';
  return users.some((other) => other.startsWith('+') || isPattern(rule, other)) ? 'maybe' : 'no';
}

const databasesOfRoles = ['sameuser', 'samerole', 'samegroup'];

/** Whether a rule names a database of another rule, `other`. */
function coversDatabase(rule: HbaRow, database: string, other: HbaRow): Answer {
  const databases = rule.databases ?? [];
  if (databases.includes(database)) return 'yes';
  if (database === 'replication') return 'no';
  if (namesEveryDatabase(rule)) return 'yes';
  if (database === 'all') return 'no';
  const isSeveral = databasesOfRoles.includes(database) || isPattern(rule, database);
  if (!isSeveral && rule.patterns?.databases.includes(database) === true) return 'yes';
  const mayCover =
    (isSeveral && databases.some((name) => isPattern(rule, name))) ||
    // A database named like its user is not that of all users.
    (!namesEveryUser(other) && databases.some((name) => databasesOfRoles.includes(name)));
  return mayCover ? 'maybe' : 'no';
}

function namesRole(row: HbaRow, role: string): boolean {
  const users = row.users ?? [];
  return (
    users.includes('all') ||
    (users.includes(role) && !isPattern(row, role)) ||
    row.members.includes(role) ||
    row.patterns?.users.includes(role) === true
  );
}

/** Where the file has an error, the server goes on with the rules it had: what is read here may not be in force. */
function hbaConfidence(rows: readonly HbaRow[]): {
  readonly confidence?: 'medium';
  readonly confidenceReason?: string;
} {
  return rows.some((row) => row.type === null)
    ? {
        confidence: 'medium',
        confidenceReason: 'pg_hba.conf has an error, so the server goes on with the rules that it loaded before.',
      }
    : {};
}
