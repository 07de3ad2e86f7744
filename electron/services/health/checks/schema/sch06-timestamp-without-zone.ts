import type { HealthCheck } from '../../health-check.ts';
import {
  alterColumns,
  columnsOfTypesSql,
  withTypes,
  type ColumnChange,
  type TypedColumn,
  type TypedColumnsRow,
} from './columns-of-types.ts';
import { listedTables } from './fold-by-schema.ts';
import { typeFindings, type TypeFix } from './type-findings.ts';

export const timestampWithoutZone: HealthCheck<TypedColumnsRow, 'listedTables'> = {
  id: 'SCH06',
  group: 'schema',
  basis: 'catalog',
  title: 'Timestamps without time zone',
  why: 'A timestamp without time zone does not say which moment it means: sessions in different zones read the same value as different times, and the hour that repeats in autumn is ambiguous. timestamptz takes the same room.',
  thresholds: { listedTables },
  sql: () => columnsOfTypesSql,
  findings(rows, { limits }) {
    return typeFindings(withTypes(rows, ['timestamp', 'timetz']), limits.listedTables, {
      // A local time is often meant, and a column of an application that lives in one zone does no harm.
      severity: 'info',
      what: 'of a timestamp type that does not fix a moment',
      fix: fixOf,
      confidence: 'medium',
      confidenceReason: 'A local time is right where the place matters and not the moment: opening hours, birthdays.',
    });
  },
};

/** What a default says: the zone in which values were written, and the default that the column has as timestamptz. */
interface ReadDefault {
  readonly zone: 'session' | { readonly literal: string } | undefined;
  /** Given the zone of the column as a literal. Absent where the default means the same moment as it stands. */
  readonly rewrite?: (zone: string) => string;
}

const clock = String.raw`(?:now|transaction_timestamp|statement_timestamp|clock_timestamp)\(\)|CURRENT_TIMESTAMP(?:\(\d\))?`;
const literal = `'(?:[^']|'')*'`;
const constantDefault = new RegExp(String.raw`^${literal}::timestamp(?:\(\d\))? without time zone$`);
/** The clock, or so long before or after it, as timestamptz. */
const momentDefault = new RegExp(String.raw`^(?:${clock}|\((?:${clock}) [+-] ${literal}::interval\))$`);
/** Cast to a local time of the session. */
const castDefault = new RegExp(String.raw`^\((${clock})\)::timestamp(?:\(\d\))? without time zone$`);
/** Read in a zone that the default names; PostgreSQL 13 prints it as a call. */
const zonedDefault = [
  new RegExp(String.raw`^timezone\((?<zone>${literal})::text, (?<moment>${clock})\)$`),
  new RegExp(String.raw`^\((?<moment>${clock}) AT TIME ZONE (?<zone>${literal})::text\)$`),
];

/** Undefined for a default whose moment as timestamptz is not known. */
function readDefault(expression: string | null): ReadDefault | undefined {
  if (expression === null) return { zone: undefined };
  if (momentDefault.test(expression)) return { zone: 'session' };
  if (/^LOCALTIMESTAMP(?:\(\d\))?$/.test(expression))
    return { zone: 'session', rewrite: () => expression.replace('LOCALTIMESTAMP', 'CURRENT_TIMESTAMP') };
  if (expression === `('now'::text)::timestamp without time zone`)
    return { zone: 'session', rewrite: () => 'CURRENT_TIMESTAMP' };
  const cast = castDefault.exec(expression)?.[1];
  if (cast !== undefined) return { zone: 'session', rewrite: () => cast };
  const zoned = zonedDefault.map((pattern) => pattern.exec(expression)?.groups).find((groups) => groups !== undefined);
  const [zone, moment] = [zoned?.['zone'], zoned?.['moment']];
  if (zone !== undefined && moment !== undefined) return { zone: { literal: zone }, rewrite: () => moment };
  if (constantDefault.test(expression))
    return { zone: undefined, rewrite: (own) => `(${expression} at time zone ${own})` };
  return undefined;
}

/**
 * The values of a column were written in the zone that its default names, or in that of the sessions where the default
 * is their clock; those of a column without such a default as those of the table's other columns, else in UTC.
 */
function fixOf(row: TypedColumnsRow): TypeFix {
  const read = new Map(row.columns.map((column) => [column.name, readDefault(column.default_expression)]));
  const unclear = row.columns.filter((column) => read.get(column.name) === undefined);
  if (unclear.length > 0) {
    return {
      caution: `There is no fix that knows what the default of ${unclear.map(({ name }) => name).join(', ')} means in a session of another zone: write it for timestamptz together with the type.`,
    };
  }
  const sessionZone = `'${row.time_zone.replaceAll("'", "''")}'`;
  const told = row.columns.flatMap((column) => {
    const zone = read.get(column.name)?.zone;
    return zone === undefined ? [] : [zone === 'session' ? sessionZone : zone.literal];
  });
  const usual = told.length > 0 && new Set(told).size === 1 ? told[0] : undefined;
  const zoneOf = (column: TypedColumn): string => {
    const zone = read.get(column.name)?.zone;
    if (zone === undefined) return usual ?? `'UTC'`;
    return zone === 'session' ? sessionZone : zone.literal;
  };
  const forwards = (column: TypedColumn): ColumnChange =>
    column.base === 'timestamp'
      ? {
          type: `${column.type.replace('without', 'with')} using ${column.name} at time zone ${zoneOf(column)}`,
          newDefault: read.get(column.name)?.rewrite?.(zoneOf(column)),
        }
      : { type: column.type.replace('with', 'without') };
  const back = (column: TypedColumn): ColumnChange => ({
    type: column.type + (column.base === 'timestamp' ? ` using ${column.name} at time zone ${zoneOf(column)}` : ''),
    newDefault: forwards(column).newDefault === undefined ? undefined : (column.default_expression ?? undefined),
  });
  return {
    fixSql: alterColumns(row, forwards),
    undoSql: alterColumns(row, back),
    caution: cautionOf(row, zoneOf, forwards),
  };
}

/** How the fix reads the values, since a zone that is wrong moves every moment, and what it does to defaults. */
function cautionOf(
  row: TypedColumnsRow,
  zoneOf: (column: TypedColumn) => string,
  changeOf: (column: TypedColumn) => ColumnChange,
): string {
  const timestamps = row.columns.filter((column) => column.base === 'timestamp');
  const zones = [...Map.groupBy(timestamps, zoneOf)].map(
    ([zone, columns]) => `those of ${columns.map(({ name }) => name).join(', ')} as times in ${zone}`,
  );
  const defaults = timestamps.flatMap((column) => {
    const { newDefault } = changeOf(column);
    return newDefault === undefined ? [] : [`${column.name} ${newDefault}`];
  });
  return [
    ...(zones.length === 0
      ? []
      : [
          `The fix reads the values that are there: ${zones.join('; ')}. It goes by the defaults and the TimeZone of this database, else by UTC: where values were written in another zone, run it by hand with that one.`,
        ]),
    ...(defaults.length === 0
      ? []
      : [
          `It sets new defaults: ${defaults.join('; ')}. The old ones would give other moments in sessions of other zones.`,
        ]),
    ...(timestamps.length < row.columns.length
      ? ['The offset of a time with time zone is cut off and does not come back.']
      : []),
  ].join(' ');
}
