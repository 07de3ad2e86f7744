import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { RotateCw } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';

import type { Catalog } from '#contract/schema.ts';

import { countOf } from '../../../lib/format-count.ts';
import { fuzzySearch } from '../../../lib/fuzzy.ts';
import { failureOf } from '../../../rpc/failure.ts';
import { useConnection } from '../../../rpc/live-lists.ts';
import { rpcQuery } from '../../../rpc/queries.ts';
import { FailureView } from '../../../ui/failure-view.tsx';
import { SearchField } from '../../../ui/field.tsx';
import { IconButton } from '../../../ui/icon-button.tsx';
import { SkeletonRows } from '../../../ui/skeleton.tsx';
import { isOpen } from '../../../workbench/connection-gate.tsx';
import { useWorkbench } from '../../../workbench/workbench-store.ts';
import { refreshSchema } from '../schema-actions.ts';

import { restoreExpansion, useExplorer } from './explorer-store.ts';
import { ExplorerTree } from './explorer-tree-view.tsx';
import type { FoundLine, ExplorerTreeHandle } from './explorer-tree-view.tsx';
import { explorerLines, searchableLines } from './explorer-tree.ts';
import styles from './explorer.module.css';

const foundAtMost = 500;

/** Every object of the current database, by name. */
export function ExplorerPanel() {
  const connection = useConnection(useWorkbench((state) => state.activeConnectionId));
  const [needle, setNeedle] = useState('');
  const field = useRef<HTMLDivElement>(null);
  const tree = useRef<ExplorerTreeHandle>(null);
  useSearchKey(field);
  const ready = connection !== null && isOpen(connection);
  return (
    <div className={styles['panel']}>
      <div className={styles['head']} ref={field}>
        <SearchField
          label="Find any object"
          className={styles['search']}
          value={needle}
          onValueChange={setNeedle}
          disabled={!ready}
          onKeyDown={(event) => {
            if (tree.current?.press(event) === true) event.preventDefault();
          }}
        />
        {needle === '' && (
          <kbd className={styles['slash']} aria-hidden>
            /
          </kbd>
        )}
        <IconButton
          icon={RotateCw}
          label="Refresh objects"
          size="small"
          disabled={!ready}
          onClick={() => void refreshSchema()}
        />
      </div>
      {ready ? (
        <Objects
          key={connection.id}
          connectionId={connection.id}
          needle={needle}
          onNeedle={setNeedle}
          field={field}
          tree={tree}
        />
      ) : (
        <p className={styles['words']}>The objects of an open connection appear here.</p>
      )}
    </div>
  );
}

interface ObjectsProps {
  readonly connectionId: string;
  readonly needle: string;
  readonly onNeedle: (needle: string) => void;
  readonly field: React.RefObject<HTMLDivElement | null>;
  readonly tree: React.RefObject<ExplorerTreeHandle | null>;
}

function Objects({ connectionId, needle, onNeedle, field, tree }: ObjectsProps) {
  const { data, error, refetch } = useQuery({
    ...rpcQuery('schema', 'catalog', { connectionId }),
    placeholderData: keepPreviousData,
  });
  const expansion = useExplorer((state) => state.expansions[connectionId]);
  useEffect(() => void restoreExpansion(connectionId), [connectionId]);
  const lines = useMemo<readonly FoundLine[]>(
    () =>
      data === undefined || expansion === undefined
        ? []
        : explorerLines(data, expansion).map((line) => ({ line, ranges: [] })),
    [data, expansion],
  );
  const found = useFound(data, needle);
  if (error !== null) {
    return (
      <div className={styles['failure']}>
        <FailureView failure={failureOf(error)} title="The objects could not be read" onRetry={() => void refetch()} />
      </div>
    );
  }
  if (data === undefined || expansion === undefined) return <SkeletonRows rows={9} label="Reading the objects" />;
  return (
    <>
      {found !== null && (
        <p className={styles['found']} role="status">
          {found.length === 0
            ? `Nothing is called “${needle.trim()}”.`
            : found.length >= foundAtMost
              ? `The best ${foundAtMost}`
              : countOf(found.length, 'object')}
        </p>
      )}
      <ExplorerTree
        ref={tree}
        connectionId={connectionId}
        lines={found ?? lines}
        searching={found !== null}
        onType={(text) => {
          onNeedle(text);
          field.current?.querySelector('input')?.focus();
        }}
      />
      {found === null && data.relations.length === 0 && (
        <p className={styles['words']}>This database has no tables yet.</p>
      )}
    </>
  );
}

/** What matches, best first; null while nothing is searched. */
function useFound(catalog: Catalog | undefined, needle: string): readonly FoundLine[] | null {
  const items = useMemo(() => (catalog === undefined ? [] : searchableLines(catalog)), [catalog]);
  const haystack = useMemo(() => items.map((line) => line.name), [items]);
  return useMemo(() => {
    const wanted = needle.trim();
    if (wanted === '') return null;
    // `schema.name` looks in that schema only.
    const dot = wanted.indexOf('.');
    const schema = dot > 0 ? wanted.slice(0, dot).toLowerCase() : null;
    const inSchema =
      schema === null
        ? null
        : items.filter((line) => line.kind === 'relation' && line.relation.schema.toLowerCase().startsWith(schema));
    const matches =
      inSchema === null || inSchema.length === 0
        ? fuzzySearch(items, haystack, wanted, foundAtMost)
        : fuzzySearch(
            inSchema,
            inSchema.map((line) => line.name),
            wanted.slice(dot + 1),
            foundAtMost,
          );
    return matches.map(({ item, ranges }) => ({ line: item, ranges }));
  }, [items, haystack, needle]);
}

/** `/` goes to the search field, except where it is typed into something. */
function useSearchKey(field: React.RefObject<HTMLDivElement | null>): void {
  const requests = useExplorer((state) => state.searchRequests);
  useEffect(() => {
    if (requests === 0) return;
    const input = field.current?.querySelector('input');
    input?.focus();
    input?.select();
  }, [requests, field]);
  useEffect(() => {
    function press(event: KeyboardEvent): void {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
      const at = event.target instanceof HTMLElement ? event.target : null;
      if (
        at !== null &&
        (at.isContentEditable || at.closest('input, textarea, [role="textbox"], [data-modal]') !== null)
      )
        return;
      event.preventDefault();
      field.current?.querySelector('input')?.focus();
    }
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [field]);
}
