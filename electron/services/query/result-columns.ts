import type { ResultColumn } from '#contract/query.ts';
import type pg from 'pg';

import type { CatalogReader } from '../../postgres/catalog-reader.ts';

/** int2, int4, int8, oid, float4, float8, money, numeric, interval is text: numbers line up on the right. */
const numericTypeOids = new Set([20, 21, 23, 26, 28, 700, 701, 790, 1700, 5069]);

/** Names, types as `format_type` writes them, and alignment of a result's columns. */
export async function describeColumns(reader: CatalogReader, fields: readonly pg.FieldDef[]): Promise<ResultColumn[]> {
  const types = await reader
    .rows<{ type: string }>(
      `select pg_catalog.format_type(types.oid, types.modifier) as type
       from unnest($1::oid[], $2::int[]) with ordinality as types(oid, modifier, position)
       order by types.position`,
      { values: [fields.map((field) => field.dataTypeID), fields.map((field) => field.dataTypeModifier)] },
    )
    // The rows are there; a type that cannot be named now is no reason to withhold them.
    .catch(() => []);
  return fields.map((field, index) => ({
    name: field.name,
    type: types[index]?.type ?? `oid ${field.dataTypeID}`,
    typeOid: field.dataTypeID,
    align: numericTypeOids.has(field.dataTypeID) ? 'right' : 'left',
  }));
}
