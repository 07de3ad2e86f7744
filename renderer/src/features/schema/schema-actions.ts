import type { Catalog, RelationSummary } from '#contract/schema.ts';

import { copyText } from '../../lib/copy-text.ts';
import { queryClient, rpcKey, rpcQuery } from '../../rpc/queries.ts';
import { showFailureToast, showToast } from '../../ui/toast.tsx';
import { runCommandWith } from '../../workbench/commands.ts';
import { openTabOfKind } from '../../workbench/tab-actions.ts';
import { selectConnection, showSectionHome } from '../../workbench/workbench-store.ts';

import { focusTable, showSchema } from './diagram/diagram-store.ts';
import { qualifiedName, selectRowsSql } from './relation-names.ts';

type Named = Pick<RelationSummary, 'schema' | 'name'>;

/** The objects of a connection if they were read before, without asking. */
export function knownCatalog(connectionId: string): Catalog | undefined {
  return queryClient.getQueryData<Catalog>(rpcKey('schema', 'catalog', { connectionId }));
}

/** Reads everything about the database anew: lists, pages and diagram. */
export async function refreshSchema(): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: ['schema'] });
}

/** Shows the page of a relation in a tab of its own. */
export async function openRelation(connectionId: string, oid: number): Promise<void> {
  const known = knownCatalog(connectionId)?.relations.find((relation) => relation.oid === oid);
  openTabOfKind({
    id: `relation:${connectionId}:${oid}`,
    kind: 'relation',
    title: known?.name ?? (await nameOf(connectionId, oid)),
    connectionId,
    state: { oid },
  });
}

/** Shows the page of the relation of that name: in its schema, else in `public`, else wherever there is one. */
export async function openNamedRelation({
  connectionId,
  schema,
  name,
}: {
  readonly connectionId: string;
  readonly schema: string | null;
  readonly name: string;
}): Promise<void> {
  try {
    const { relations } = await queryClient.fetchQuery({
      ...rpcQuery('schema', 'catalog', { connectionId }),
      staleTime: 60_000,
    });
    const named = relations.filter((relation) => relation.name === name);
    const found =
      schema === null
        ? (named.find((relation) => relation.schema === 'public') ?? named[0])
        : named.find((relation) => relation.schema === schema);
    if (found !== undefined && schema === null && named.length > 1)
      showToast({
        kind: 'info',
        title: `${found.schema}.${name} is shown`,
        description: `${named.length} schemas have a relation of this name. A VERBOSE plan says which one is meant.`,
      });
    if (found !== undefined) await openRelation(connectionId, found.oid);
    else
      showToast({
        kind: 'info',
        title: `${schema === null ? name : `${schema}.${name}`} is not in this database`,
        description: 'The plan may be of another database, or the relation was dropped or was temporary.',
      });
  } catch (error) {
    showFailureToast(error, `${name} cannot be shown`);
  }
}

async function nameOf(connectionId: string, oid: number): Promise<string> {
  try {
    return (await queryClient.fetchQuery(rpcQuery('schema', 'relation', { connectionId, oid }))).name;
  } catch {
    // The page tells why it cannot be read.
    return `Relation ${oid}`;
  }
}

/** Opens a query tab with a statement that reads rows. It does not run by itself. */
export function openRowsQuery(connectionId: string, relation: Named): void {
  void runCommandWith('query.open', { connectionId, title: relation.name, sql: selectRowsSql(relation, 200) });
}

/** Goes to the diagram with a table in the middle. */
export function showTableInDiagram(connectionId: string, relation: Named): void {
  selectConnection(connectionId);
  focusTable(connectionId, qualifiedName(relation));
  showSectionHome('schema');
}

/** Goes to the diagram of one schema. */
export function showSchemaInDiagram(connectionId: string, schema: string): void {
  selectConnection(connectionId);
  showSchema(connectionId, schema);
  showSectionHome('schema');
}

/** Copies and says so, or says why not. */
export async function copyWithWord(text: string, what: string): Promise<void> {
  try {
    await copyText(text);
    showToast({ kind: 'good', title: `${what} copied` });
  } catch (error) {
    showFailureToast(error, 'Not copied');
  }
}
