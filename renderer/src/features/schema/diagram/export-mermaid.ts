import type { DiagramKey, DiagramTable } from './diagram-graph.ts';

/**
 * The tables and keys as a Mermaid entity relationship diagram. Mermaid's names and types are narrower than PostgreSQL's:
 * names are quoted, types written as one word. https://mermaid.js.org/syntax/entityRelationshipDiagram.html
 */
export function toMermaid(tables: readonly DiagramTable[], lines: readonly DiagramKey[]): string {
  const repeated = namesThatRepeat(tables);
  const nameOf = new Map(
    tables.map((table) => [table.key, quoted(repeated.has(table.name) ? `${table.schema}.${table.name}` : table.name)]),
  );
  const entities = tables.map((table) => {
    const columns = table.columns.map((column) => `    ${typeWord(column.type)} ${word(column.name)}${marks(column)}`);
    return [`  ${nameOf.get(table.key) ?? ''} {`, ...columns, '  }'].join('\n');
  });
  const relations = lines.flatMap((line) => {
    const from = nameOf.get(line.from);
    const to = nameOf.get(line.to);
    if (from === undefined || to === undefined) return [];
    // A parent may have no child; a child has one parent, or may have none.
    const child = line.foreignKey.unique ? '|o' : '}o';
    const parent = line.foreignKey.optional ? 'o|' : '||';
    return [`  ${from} ${child}--${parent} ${to} : ${quoted(line.foreignKey.fromColumns.join(', '))}`];
  });
  return `${['erDiagram', ...entities, ...relations].join('\n')}\n`;
}

function namesThatRepeat(tables: readonly DiagramTable[]): Set<string> {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const { name } of tables) {
    if (seen.has(name)) repeated.add(name);
    seen.add(name);
  }
  return repeated;
}

function marks(column: DiagramTable['columns'][number]): string {
  const keys = [column.primary ? 'PK' : '', column.foreign ? 'FK' : ''].filter((mark) => mark !== '');
  return keys.length === 0 ? '' : ` ${keys.join(', ')}`;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', "'").replaceAll('\n', ' ')}"`;
}

function word(name: string): string {
  const plain = name.replaceAll(/[^\p{L}\p{N}_-]/gu, '_');
  return /^[\p{L}_]/u.test(plain) ? plain : `_${plain}`;
}

function typeWord(type: string): string {
  return word(type.replaceAll(' ', '_')).replace(/_+$/, '') || 'unknown';
}
