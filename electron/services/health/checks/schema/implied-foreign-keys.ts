import { isOfMigrationTool, primaryKeyOf, type RelationRow } from './relations.ts';

export interface ImpliedForeignKey {
  readonly table: RelationRow;
  /** As they are called, not quoted. */
  readonly column: string;
  readonly target: RelationRow;
  readonly targetColumn: string;
}

interface Target {
  readonly table: RelationRow;
  readonly column: string;
  readonly typeOid: number;
  /** It has a default, or is an identity. */
  readonly isFilled: boolean;
}

/** Keys called so are told apart by the name of their table only. */
const plainKeyNames = new Set(['id', 'uuid', 'guid', 'key', 'code', 'pk', 'oid', 'name', 'no', 'nr', 'number', 'seq']);

/** Between these PostgreSQL takes a foreign key as well. */
const integers = new Set([20, 21, 23]);

/** Beside such a column the id says a row of one of several tables. */
const polymorphicEndings = ['type', 'class', 'kind', 'table', 'model', 'entity', 'type_id', 'content_type_id'];

/** Tables whose rows outlive what they were copied from. */
const copyName =
  /(?:^|_)(?:archive|archived|audit|backup|bak|copy|history|hist|import|log|logs|old|snapshot|staging|stage|stg|temp|tmp)(?:_|$)|_\d{6,8}$/i;

/**
 * Columns that carry the name of another table's key: `customer_id` or `customerid` for table customer or customers,
 * or the very name of the only key that is called so. The types have to fit, the target has to be the only one in the
 * schema, and columns that already refer, generated keys, polymorphic pairs and copies of tables are left out.
 * Linear in the number of columns.
 */
export function impliedForeignKeys(tables: readonly RelationRow[]): ImpliedForeignKey[] {
  return [...Map.groupBy(tables, (table) => table.schema_name).values()].flatMap(ofSchema);
}

function ofSchema(tables: readonly RelationRow[]): ImpliedForeignKey[] {
  const targets = tables.flatMap(targetOf);
  const prefix = sharedPrefix(tables);
  const byTable = Map.groupBy(
    targets.flatMap((target) => tableWords(target.table.bare_name, prefix).map((word) => ({ word, target }))),
    ({ word }) => word,
  );
  const byKey = Map.groupBy(targets, (target) => lettersOf(target.column));
  return tables
    .filter((table) => !table.inherits && !isOfMigrationTool(table.bare_name) && !copyName.test(table.bare_name))
    .flatMap((table) => columnsOf(table, byTable, byKey));
}

function columnsOf(
  table: RelationRow,
  byTable: ReadonlyMap<string, readonly { readonly target: Target }[]>,
  byKey: ReadonlyMap<string, readonly Target[]>,
): ImpliedForeignKey[] {
  const referring = new Set(table.references.flatMap(([attnums]) => attnums));
  const key = primaryKeyOf(table);
  const names = new Set(table.columns.map(([, name]) => name.toLowerCase()));
  return table.columns.flatMap(([attnum, name, typeOid, , , fills]) => {
    // A key of one column that the table fills itself is its own.
    const isOwnKey = key.length === 1 && key[0] === attnum && fills !== '';
    if (referring.has(attnum) || isOwnKey || fills === 'generated' || fills === 'identity') return [];
    if (isPolymorphic(name.toLowerCase(), names)) return [];
    const stem = stemOf(name);
    if (stem === undefined) return [];
    const named = (byTable.get(stem) ?? []).map(({ target }) => target);
    // A key of that name says less than a table of that name, which at least has to begin or end so: `user_id` of user_info.
    const sameKey = plainKeyNames.has(lettersOf(name))
      ? []
      : (byKey.get(lettersOf(name)) ?? []).filter((target) => isKeyOf(target, stem));
    const fitting = [...new Set(named.length > 0 ? named : sameKey)].filter(
      (target) => typesFit(target.typeOid, typeOid) && isForeign(target, table),
    );
    const [target] = fitting;
    // More than one that fits: the name does not say which.
    return target === undefined || fitting.length > 1
      ? []
      : [{ table, column: name, target: target.table, targetColumn: target.column }];
  });
}

/** The key of one column by which a table can be referred to: its primary key, else its only unique key. */
function targetOf(table: RelationRow): Target[] {
  if (table.inherits || isOfMigrationTool(table.bare_name) || copyName.test(table.bare_name)) return [];
  const single = table.keys.filter(([, attnums]) => attnums.length === 1);
  const primary = table.keys.filter(([isPrimary]) => isPrimary);
  const [key] = primary.length > 0 ? single.filter(([isPrimary]) => isPrimary) : single.length === 1 ? single : [];
  const column = table.columns.find(([attnum]) => attnum === key?.[1][0]);
  if (column === undefined) return [];
  const [attnum, name, typeOid, , , fills] = column;
  // A key that itself refers to another table belongs to that one: columns of its name refer there as well.
  const isBorrowed = table.references.some(([attnums]) => attnums.length === 1 && attnums[0] === attnum);
  return isBorrowed && stemOf(name) !== undefined && !plainKeyNames.has(lettersOf(name))
    ? []
    : [{ table, column: name, typeOid, isFilled: fills !== '' }];
}

/** `customer_id`, `customerId`, `CustomerID`, `customerid`, `customer_uuid` → `customer`. */
function stemOf(column: string): string | undefined {
  const [, stem] = /^(.+?)_?(?:id|uuid|guid|fk)$/i.exec(column) ?? [];
  return stem === undefined ? undefined : lettersOf(stem);
}

/** What counts of a name: its letters and digits in lower case. */
function lettersOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** The names under which a column can mean a table: as it is called, and in the singular, without the schema's prefix. */
function tableWords(bareName: string, prefix: string): string[] {
  const own = bareName.toLowerCase();
  const names = prefix !== '' && own.startsWith(prefix) ? [own, own.slice(prefix.length)] : [own];
  return [...new Set(names.flatMap((name) => [name, ...singularsOf(name)]).map(lettersOf))];
}

const irregular: Readonly<Record<string, string>> = {
  people: 'person',
  children: 'child',
  men: 'man',
  women: 'woman',
  data: 'datum',
  media: 'medium',
  criteria: 'criterion',
  indices: 'index',
  statuses: 'status',
};

/** `categories` → category, `boxes` → box and boxe, `users` → user. */
function singularsOf(name: string): string[] {
  const [, before = '', last = ''] = /^(.*?)([a-z]+)$/.exec(name) ?? [];
  const known = irregular[last];
  if (known !== undefined) return [before + known];
  if (/(?:ss|us|is)$/.test(last)) return /(?:ss|us|is)es$/.test(last) ? [name.slice(0, -2)] : [];
  if (last.endsWith('ies') && last.length > 4) return [`${name.slice(0, -3)}y`];
  if (/(?:s|x|z|ch|sh|o)es$/.test(last)) return [name.slice(0, -2), name.slice(0, -1)];
  return last.endsWith('s') && last.length > 3 ? [name.slice(0, -1)] : [];
}

/** The first word that most tables of a schema begin with, such as `tbl_`; empty where there is none. */
function sharedPrefix(tables: readonly RelationRow[]): string {
  const prefixes = tables.flatMap((table) => /^[a-z0-9]+_/.exec(table.bare_name.toLowerCase())?.[0] ?? []);
  const [most] = [...Map.groupBy(prefixes, (prefix) => prefix)].toSorted(
    (left, right) => right[1].length - left[1].length,
  );
  return most !== undefined && most[1].length >= 4 && most[1].length / tables.length >= 0.6 ? most[0] : '';
}

/** `item_id` beside `item_type`, `object_id` beside `content_type_id`. */
function isPolymorphic(column: string, names: ReadonlySet<string>): boolean {
  const stem = column.replace(/_?(?:id|uuid|guid|fk)$/, '');
  return polymorphicEndings.some(
    (ending) =>
      names.has(`${stem}_${ending}`) ||
      names.has(`${stem}${ending}`) ||
      (ending === 'content_type_id' && stem === 'object' && names.has(ending)),
  );
}

/** A key that nothing fills may be another table's: then the table's name has to begin with it. */
function isKeyOf(target: Target, stem: string): boolean {
  const words = tableWords(target.table.bare_name, '');
  return words.some((word) => word.startsWith(stem) || (target.isFilled && word.endsWith(stem)));
}

function typesFit(left: number, right: number): boolean {
  return left === right || (integers.has(left) && integers.has(right));
}

/** Another table, which PostgreSQL would not refuse: permanent tables refer to permanent ones only. */
function isForeign(target: Target, table: RelationRow): boolean {
  return target.table !== table && (target.table.persistence === 'p' || table.persistence === 'u');
}
