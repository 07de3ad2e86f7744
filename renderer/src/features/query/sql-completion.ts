import type { Catalog, RelationDetail, RelationSummary } from '#contract/schema.ts';

import type { Monaco, MonacoApi } from '../../editor/load-monaco.ts';
import { keyOfModel } from '../../editor/sql-models.ts';
import { queryClient, rpcQuery } from '../../rpc/queries.ts';
import { useWorkbench } from '../../workbench/workbench-store.ts';

import { completionContext, quotedWhereNeeded } from './completion-context.ts';
import type { NamedRelation } from './completion-context.ts';

type Suggestion = Omit<Monaco.languages.CompletionItem, 'range'>;

const mostRelations = 3000;
const freshMs = 60_000;
const words =
  'select from where join left on using group by order having limit offset insert into values update set delete returning with as and or not null is in exists between like ilike distinct case when then else end create table index view alter drop union all except intersect begin commit rollback explain analyze count coalesce now'.split(
    ' ',
  );

/** Offers relations and columns of the tab's connection, from the catalog that the explorer uses too. */
export function registerSqlCompletion(monaco: MonacoApi): () => void {
  const provider = monaco.languages.registerCompletionItemProvider('pgsql', {
    triggerCharacters: ['.'],
    provideCompletionItems: async (model, position) => {
      const tab = useWorkbench.getState().tabs.find((candidate) => candidate.id === keyOfModel(model));
      if (tab === undefined) return { suggestions: [] };
      const context = completionContext(model.getValue(), model.getOffsetAt(position));
      if (context.kind === 'none') return { suggestions: [] };
      const word = model.getWordUntilPosition(position);
      const range = {
        startLineNumber: position.lineNumber,
        endLineNumber: position.lineNumber,
        startColumn: word.startColumn,
        endColumn: word.endColumn,
      };
      const kinds = monaco.languages.CompletionItemKind;
      const catalog = tab.connectionId === null ? null : await catalogOf(tab.connectionId);
      const suggestions: Suggestion[] = [];
      if (context.kind === 'member') {
        const schema = catalog?.relations.filter((relation) => relation.schema === context.qualifier) ?? [];
        suggestions.push(
          ...schema.slice(0, mostRelations).map((relation) => relationItem(relation, kinds.Struct, false)),
        );
        const own = context.relations.filter(
          (relation) => (relation.alias ?? relation.name) === context.qualifier || relation.name === context.qualifier,
        );
        suggestions.push(...(await columnItems(tab.connectionId, catalog, own, kinds.Field)));
      } else {
        if (context.kind === 'any') {
          suggestions.push(...(await columnItems(tab.connectionId, catalog, context.relations, kinds.Field)));
          // One letter is more often an alias than the beginning of a keyword, and Enter would complete it.
          const offered = word.word.length > 1 ? words : [];
          suggestions.push(
            ...offered.map((text): Suggestion => ({
              label: text,
              kind: kinds.Keyword,
              insertText: text,
              sortText: `3${text}`,
            })),
          );
        }
        suggestions.push(
          ...(catalog?.relations ?? [])
            .slice(0, mostRelations)
            .map((relation) => relationItem(relation, kinds.Struct, relation.schema !== 'public')),
        );
      }
      return { suggestions: suggestions.map((suggestion) => ({ ...suggestion, range })) };
    },
  });
  return () => provider.dispose();
}

function relationItem(
  relation: RelationSummary,
  kind: Monaco.languages.CompletionItemKind,
  withSchema: boolean,
): Suggestion {
  const name = quotedWhereNeeded(relation.name);
  return {
    label: { label: relation.name, description: `${relation.schema} ${relation.kind}` },
    kind,
    insertText: withSchema ? `${quotedWhereNeeded(relation.schema)}.${name}` : name,
    sortText: `2${relation.name}`,
  };
}

async function columnItems(
  connectionId: string | null,
  catalog: Catalog | null,
  relations: readonly NamedRelation[],
  kind: Monaco.languages.CompletionItemKind,
): Promise<Suggestion[]> {
  if (connectionId === null || catalog === null) return [];
  const known = relations.flatMap((named) =>
    catalog.relations.filter(
      (relation) => relation.name === named.name && (named.schema === null || relation.schema === named.schema),
    ),
  );
  const details = await Promise.all(
    [...new Set(known)].slice(0, 8).map((relation) => relationOf(connectionId, relation.oid)),
  );
  return details.flatMap((detail) =>
    (detail?.columns ?? []).map((column): Suggestion => ({
      label: { label: column.name, description: `${detail?.name ?? ''} ${column.type}` },
      kind,
      insertText: quotedWhereNeeded(column.name),
      sortText: `1${String(column.position).padStart(4, '0')}`,
    })),
  );
}

async function catalogOf(connectionId: string): Promise<Catalog | null> {
  try {
    return await queryClient.fetchQuery({ ...rpcQuery('schema', 'catalog', { connectionId }), staleTime: freshMs });
  } catch {
    return null;
  }
}

async function relationOf(connectionId: string, oid: number): Promise<RelationDetail | null> {
  try {
    return await queryClient.fetchQuery({
      ...rpcQuery('schema', 'relation', { connectionId, oid }),
      staleTime: freshMs,
    });
  } catch {
    return null;
  }
}
