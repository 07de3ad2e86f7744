import { Search, Workflow } from 'lucide-react';

import type { ConnectionEntry } from '#contract/connections.ts';

import { queryClient, rpcKey, rpcQuery } from '../../rpc/queries.ts';
import { handleCommand, registerCommand } from '../../workbench/commands.ts';
import { registerPaletteSource } from '../../workbench/palette-sources.ts';
import type { PaletteEntry } from '../../workbench/palette-sources.ts';
import { showSectionHome } from '../../workbench/workbench-store.ts';

import { focusSearch } from './explorer/explorer-store.ts';
import { relationIcons } from './relation-kinds.ts';
import { openNamedRelation, openRelation } from './schema-actions.ts';

/** Adds the schema commands, the page of a relation, and all relations to the palette. */
export function registerSchema(): void {
  handleCommand('schema.openRelation', ({ connectionId, oid }) => openRelation(connectionId, oid));
  handleCommand('schema.openNamed', openNamedRelation);
  registerCommand({
    id: 'schema.showDiagram',
    title: 'Show diagram',
    group: 'Schema',
    icon: Workflow,
    shortcut: 'Mod+Shift+D',
    run: () => showSectionHome('schema'),
  });
  registerCommand({
    id: 'schema.findObject',
    title: 'Find object',
    group: 'Schema',
    icon: Search,
    shortcut: 'Mod+Shift+O',
    run: focusSearch,
  });
  registerPaletteSource({ id: 'schema.relations', group: 'Relations', entries: relationEntries });
}

async function relationEntries(): Promise<readonly PaletteEntry[]> {
  const connections = queryClient.getQueryData<ConnectionEntry[]>(rpcKey('connections', 'list')) ?? [];
  const open = connections.filter((connection) => connection.state.kind === 'open');
  const lists = await Promise.all(
    open.map(async (connection): Promise<PaletteEntry[]> => {
      try {
        const { relations } = await queryClient.fetchQuery({
          ...rpcQuery('schema', 'catalog', { connectionId: connection.id }),
          staleTime: 5 * 60_000,
        });
        return relations.map((relation) => ({
          id: `${connection.id} ${relation.oid}`,
          title: relation.name,
          detail: `${relation.kind} in ${relation.schema}${open.length > 1 ? ` · ${connection.name}` : ''}`,
          icon: relationIcons[relation.kind],
          run: () => openRelation(connection.id, relation.oid),
        }));
      } catch {
        // The explorer tells why it cannot be read.
        return [];
      }
    }),
  );
  return lists.flat();
}
