import { openContext } from '../command-context.ts';
import { formatTable, writeJson, writeLine } from '../output.ts';
import { type TargetOptions, openTarget } from '../target.ts';

/** `steward schema TARGET`: the catalog as a value: relations with sizes, tables with columns, foreign keys. */
export async function runSchema(target: string, options: TargetOptions & { json?: boolean }): Promise<void> {
  await using context = await openContext('passing', options);
  const connection = await openTarget(context, target, options);
  const [catalog, graph] = await Promise.all([
    context.client.schema.catalog({ connectionId: connection.id }),
    context.client.schema.graph({ connectionId: connection.id }),
  ]);
  if (options.json) {
    writeJson({ ...catalog, tables: graph.tables, foreignKeys: graph.foreignKeys });
    return;
  }
  const rows = catalog.relations.map((relation) => [
    `${relation.schema}.${relation.name}`,
    relation.kind,
    relation.estimatedRows?.toString() ?? null,
    relation.sizeBytes?.toString() ?? null,
  ]);
  writeLine(formatTable(['relation', 'kind', 'rows (estimated)', 'bytes'], rows, [false, false, true, true]));
}
