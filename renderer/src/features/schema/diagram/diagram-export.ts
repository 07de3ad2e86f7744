import { saveFile } from '../../../lib/save-file.ts';
import { tokenValue } from '../../../theme/theme.ts';
import type { ResolvedTheme } from '../../../theme/theme.ts';
import { showFailureToast, showToast } from '../../../ui/toast.tsx';
import { copyWithWord } from '../schema-actions.ts';

import type { Point } from './crows-foot.ts';
import type { DiagramGraph, DiagramKey, DiagramTable, TableKey } from './diagram-graph.ts';
import type { DiagramLayout } from './diagram-layout.ts';
import { toMermaid } from './export-mermaid.ts';
import { overviewToSvg } from './export-overview-svg.ts';
import { toSvg } from './export-svg.ts';
import type { PictureColors } from './export-svg.ts';
import type { OverviewLayout } from './overview-layout.ts';
import { schemaColor } from './schema-colors.ts';
import type { TableCard } from './table-card.ts';

/** The picture on screen, as a model. */
type Picture =
  | {
      readonly kind: 'cards';
      readonly graph: DiagramGraph;
      readonly cards: readonly TableCard[];
      readonly lines: readonly DiagramKey[];
      readonly layout: DiagramLayout;
      readonly positions: () => ReadonlyMap<TableKey, Point>;
    }
  | {
      readonly kind: 'overview';
      readonly graph: DiagramGraph;
      readonly lines: readonly DiagramKey[];
      readonly layout: OverviewLayout;
    };

let current: Picture | null = null;

/** Says what an export would draw, until the returned function is called. */
export function setExportedPicture(picture: Picture): () => void {
  current = picture;
  return () => {
    if (current === picture) current = null;
  };
}

/** Saves the picture on screen as a file. */
export function saveSvg(): void {
  const svg = currentSvg();
  if (svg === null) return;
  saveFile('schema.svg', new Blob([svg], { type: 'image/svg+xml' }));
  showToast({ kind: 'good', title: 'Saved schema.svg' });
}

/** Copies the picture on screen as SVG text. */
export async function copySvg(): Promise<void> {
  const svg = currentSvg();
  if (svg === null) showFailureToast(new Error('There is no picture yet.'), 'Not copied');
  else await copyWithWord(svg, 'SVG');
}

/** Copies tables and keys as a Mermaid diagram. */
export async function copyMermaid(tables: readonly DiagramTable[], lines: readonly DiagramKey[]): Promise<void> {
  await copyWithWord(toMermaid(tables, lines), 'Mermaid diagram');
}

function currentSvg(): string | null {
  if (current === null) return null;
  const colors = colorsOf(current.graph);
  if (current.kind === 'overview') return overviewToSvg(current.layout, current.graph.tables, current.lines, colors);
  const { cards, lines, layout } = current;
  const positions = current.positions();
  const inPlace = (key: TableKey) => {
    const now = positions.get(key);
    const then = layout.positions.get(key);
    return now !== undefined && then !== undefined && Math.abs(now.x - then.x) < 0.6 && Math.abs(now.y - then.y) < 0.6;
  };
  const routes = new Map(
    lines
      .filter((line) => inPlace(line.from) && inPlace(line.to))
      .flatMap((line) => {
        const route = layout.routes.get(line.id);
        return route === undefined ? [] : [[line.id, route] as const];
      }),
  );
  return toSvg({ cards, lines, positions, routes }, colors);
}

function colorsOf(graph: DiagramGraph): PictureColors {
  const theme: ResolvedTheme = document.documentElement.dataset['theme'] === 'light' ? 'light' : 'dark';
  return {
    background: tokenValue('--surface'),
    card: tokenValue('--raised'),
    header: tokenValue('--well'),
    border: tokenValue('--line-strong'),
    strong: tokenValue('--text-strong'),
    dim: tokenValue('--text-dim'),
    line: tokenValue('--text-dim'),
    warning: tokenValue('--warning'),
    accent: tokenValue('--accent'),
    schema: (schema) => schemaColor(graph.schemas, schema, theme),
  };
}
