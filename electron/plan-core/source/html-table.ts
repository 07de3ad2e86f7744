const ROW = /<td(?![^<>]*colspan)[^<>]*>([^<]*(?:<br ?\/?>[^<]*)*)<\/td>/g;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", nbsp: ' ' };

/**
 * psql's `\pset format html`, and what other clients export as HTML: the cells of the table, a line each.
 * Anything else passes through.
 */
export function unwrapHtmlTable(source: string): string {
  if (!source.includes('</td>') || !/<th[^<>]*>\s*QUERY PLAN\s*<\/th>/.test(source)) return source;
  const cells: string[] = [];
  for (const [, cell] of source.matchAll(ROW))
    cells.push(
      (cell ?? '')
        .replaceAll(/<br ?\/?>\n?/g, '\n')
        .replaceAll(/&(?:#(\d{1,7})|(\w{2,4}));/g, (entity, code: string | undefined, name: string | undefined) =>
          code !== undefined && Number(code) <= 0x10ff_ff
            ? String.fromCodePoint(Number(code))
            : (ENTITIES[name ?? ''] ?? entity),
        ),
    );
  return cells.join('\n');
}
