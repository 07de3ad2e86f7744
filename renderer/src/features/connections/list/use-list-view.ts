import { useEffect, useState } from 'react';

import { readUiMemory, writeUiMemory } from '../../../workbench/ui-memory.ts';
import type { Json } from '../../../workbench/workbench-store.ts';

import { sortColumns } from './list-model.ts';
import type { ListSort, ListView } from './list-model.ts';

const memoryKey = 'connections.list';

/** The view of the list, and the ways to change it. Folders and sort are remembered, a search is not. */
export interface ListViewState {
  readonly view: ListView;
  /** False until it is known which folders were closed: nothing should jump when that arrives. */
  readonly ready: boolean;
  readonly setSearch: (search: string) => void;
  readonly setSort: (sort: ListSort | null) => void;
  readonly setCollapsed: (path: string, collapsed: boolean) => void;
}

// Outlives the view, so that going to another section and back changes nothing.
let remembered: ListView = { search: '', collapsed: new Set(), sort: null };
let restored: Promise<void> | null = null;
let isRestored = false;

export function useListView(): ListViewState {
  const [view, setView] = useState(remembered);
  const [ready, setReady] = useState(isRestored);

  useEffect(() => {
    let gone = false;
    restored ??= readUiMemory(memoryKey).then((memory) => {
      remembered = { ...remembered, ...fromMemory(memory) };
      isRestored = true;
    });
    void restored.then(() => {
      if (gone) return;
      setView(remembered);
      setReady(true);
    });
    return () => {
      gone = true;
    };
  }, []);

  function change(next: Partial<ListView>): void {
    remembered = { ...remembered, ...next };
    setView(remembered);
    if (next.search === undefined) writeUiMemory(memoryKey, toMemory(remembered));
  }

  return {
    view,
    ready,
    setSearch: (search) => change({ search }),
    setSort: (sort) => change({ sort }),
    setCollapsed: (path, collapsed) => {
      // A search shows what it finds, in whatever folder.
      if (remembered.search.trim() !== '') return;
      const paths = new Set(remembered.collapsed);
      if (collapsed) paths.add(path);
      else paths.delete(path);
      change({ collapsed: paths });
    },
  };
}

function toMemory({ collapsed, sort }: ListView): Json {
  return { collapsed: [...collapsed], sort: sort === null ? null : { ...sort } };
}

function fromMemory(memory: Json): Partial<ListView> {
  if (typeof memory !== 'object' || memory === null || Array.isArray(memory)) return {};
  const { collapsed, sort } = memory;
  const paths = Array.isArray(collapsed) ? collapsed.filter((path) => typeof path === 'string') : [];
  return { collapsed: new Set(paths), sort: sortFromMemory(sort) };
}

function sortFromMemory(sort: Json | undefined): ListSort | null {
  if (typeof sort !== 'object' || sort === null || Array.isArray(sort)) return null;
  const column = sortColumns.find((candidate) => candidate === sort['column']);
  return column === undefined ? null : { column, descending: sort['descending'] === true };
}
