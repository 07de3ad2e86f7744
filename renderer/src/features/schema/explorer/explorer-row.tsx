import {
  Box,
  ChevronRight,
  Database,
  Eye,
  Folder,
  Globe,
  ListOrdered,
  Puzzle,
  ScanEye,
  Shapes,
  SquareFunction,
} from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { CSSProperties, ReactNode } from 'react';

import { classNames } from '../../../lib/class-names.ts';
import { formatCount } from '../../../lib/format-count.ts';
import { highlightRuns } from '../../../lib/fuzzy.ts';
import { Bytes } from '../../../ui/quantity.tsx';
import { relationIcons } from '../relation-kinds.ts';

import { isFolder, schemaOf } from './explorer-tree.ts';
import type { ExplorerLine, GroupKind } from './explorer-tree.ts';
import styles from './explorer.module.css';

export interface ExplorerRowProps {
  readonly id: string;
  readonly line: ExplorerLine;
  /** Matched characters of its name. */
  readonly ranges: readonly number[];
  readonly selected: boolean;
  /** In search results: names its schema too. */
  readonly withSchema: boolean;
  readonly top: number;
  readonly onSelect: () => void;
  readonly onOpen: () => void;
  readonly onToggle: () => void;
  readonly onContextMenu: () => void;
}

const groupIcons: Readonly<Record<GroupKind, LucideIcon>> = {
  views: Eye,
  'materialized views': ScanEye,
  'foreign tables': Globe,
  sequences: ListOrdered,
  functions: SquareFunction,
  types: Shapes,
  extensions: Puzzle,
};

/** One line of the tree: name first, what is known about its size dimmed on the right. */
export function ExplorerRow({
  id,
  line,
  ranges,
  selected,
  withSchema,
  top,
  onSelect,
  onOpen,
  onToggle,
  onContextMenu,
}: ExplorerRowProps) {
  const folder = isFolder(line);
  const Icon = iconOf(line);
  const schema = withSchema ? schemaOf(line) : null;
  const words = wordsOf(line);
  return (
    <div
      id={id}
      role="treeitem"
      aria-level={line.level}
      aria-label={schema === null ? words : `${words} in ${schema}`}
      aria-selected={selected}
      aria-expanded={folder ? line.expanded : undefined}
      className={classNames(styles['row'], folder && styles['folder'])}
      style={{ transform: `translateY(${top}px)`, '--level': line.level } as CSSProperties}
      title={titleOf(line)}
      onClick={() => {
        onSelect();
        if (folder) onToggle();
      }}
      onDoubleClick={folder ? undefined : onOpen}
      onContextMenu={onContextMenu}
    >
      {folder ? (
        <ChevronRight size={13} className={styles['chevron']} data-open={line.expanded ? '' : undefined} aria-hidden />
      ) : (
        <span className={styles['noChevron']} />
      )}
      <Icon size={14} className={styles['icon']} aria-hidden />
      <span className={styles['name']}>
        {highlightRuns(words, ranges).map((run, index) =>
          run.matched ? <mark key={index}>{run.text}</mark> : run.text,
        )}
        {line.kind === 'function' && <span className={styles['arguments']}>({line.routine.arguments})</span>}
      </span>
      {schema !== null && <span className={styles['schema']}>{schema}</span>}
      <span className={styles['amount']}>{amountOf(line)}</span>
    </div>
  );
}

function wordsOf(line: ExplorerLine): string {
  return line.kind === 'group' ? line.name.charAt(0).toUpperCase() + line.name.slice(1) : line.name;
}

function amountOf(line: ExplorerLine): ReactNode {
  switch (line.kind) {
    case 'database':
      return <Bytes bytes={line.sizeBytes} />;
    case 'schema':
    case 'group':
      return formatCount(line.count);
    case 'relation':
      if (line.relation.partitions > 0) return `${formatCount(line.relation.partitions)} parts`;
      return line.relation.kind === 'view' ||
        line.relation.kind === 'foreign table' ||
        line.relation.kind === 'sequence' ? null : (
        <Bytes bytes={line.relation.sizeBytes} />
      );
    case 'function':
      return line.routine.kind === 'function' ? line.routine.language : line.routine.kind;
    case 'type':
      return line.type.kind;
    case 'extension':
      return line.extension.version;
  }
}

function titleOf(line: ExplorerLine): string | undefined {
  if (line.kind === 'relation')
    return [`${line.relation.schema}.${line.relation.name}`, line.relation.kind, line.relation.comment]
      .filter(Boolean)
      .join('\n');
  if (line.kind === 'schema') return [`Owner ${line.owner}`, line.comment].filter(Boolean).join('\n');
  if (line.kind === 'function')
    return `${line.routine.schema}.${line.name}(${line.routine.arguments})${line.routine.result === null ? '' : ` returns ${line.routine.result}`}`;
  return undefined;
}

function iconOf(line: ExplorerLine): LucideIcon {
  switch (line.kind) {
    case 'database':
      return Database;
    case 'schema':
      return Folder;
    case 'group':
      return groupIcons[line.group];
    case 'relation':
      return relationIcons[line.relation.kind];
    case 'function':
      return SquareFunction;
    case 'type':
      return Shapes;
    case 'extension':
      return line.extension.name === 'plpgsql' ? Box : Puzzle;
  }
}
