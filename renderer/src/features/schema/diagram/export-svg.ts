import type { Point } from './crows-foot.ts';
import type { DiagramKey, TableKey } from './diagram-graph.ts';
import { keyLine, noIndexLabel } from './key-line.ts';
import { meetingsOf } from './key-meetings.ts';
import type { KeyLine } from './key-line.ts';
import { escapeXml } from '../../../lib/escape-xml.ts';
import { cardHeaderHeight, cardPadding, cardRowHeight } from './table-card.ts';
import type { TableCard } from './table-card.ts';

/** The colours of a picture, as values that any program can read. */
export interface PictureColors {
  readonly background: string;
  readonly card: string;
  readonly header: string;
  readonly border: string;
  readonly strong: string;
  readonly dim: string;
  readonly line: string;
  readonly warning: string;
  readonly accent: string;
  readonly schema: (schema: string) => string;
}

export interface CardPicture {
  readonly cards: readonly TableCard[];
  readonly lines: readonly DiagramKey[];
  readonly positions: ReadonlyMap<TableKey, Point>;
  /** Ways of lines that hold at these positions. */
  readonly routes: ReadonlyMap<string, readonly Point[]>;
}

const margin = 40;
const uiFont = 'Inter, system-ui, sans-serif';
const dataFont = "'JetBrains Mono', ui-monospace, monospace";

/** A diagram as an SVG document of its own, drawn from the same model as the screen. */
export function toSvg(picture: CardPicture, colors: PictureColors): string {
  const placed = picture.cards.map((card) => ({ card, at: picture.positions.get(card.key) ?? { x: 0, y: 0 } }));
  const placeOf = new Map(placed.map((entry) => [entry.card.key, entry]));
  const meetings = meetingsOf(new Map(picture.cards.map((card) => [card.key, card])), picture.lines);
  const strokes = picture.lines.flatMap((line): { readonly line: DiagramKey; readonly drawn: KeyLine }[] => {
    const from = placeOf.get(line.from);
    const to = placeOf.get(line.to);
    const meeting = meetings.get(line.id);
    if (from === undefined || to === undefined || meeting === undefined) return [];
    const drawn = keyLine(
      line,
      { at: from.at, width: from.card.width, y: meeting.from },
      { at: to.at, width: to.card.width, y: meeting.to },
      picture.routes.get(line.id) ?? null,
    );
    return [{ line, drawn }];
  });
  const box = boundsOf(placed, [...picture.routes.values()].flat());
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box.x} ${box.y} ${box.width} ${box.height}" width="${box.width}" height="${box.height}" font-family="${uiFont}">`,
    `<rect x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" fill="${colors.background}"/>`,
    ...strokes.map(({ drawn }) => lineSvg(drawn, colors)),
    ...placed.map(({ card, at }) => cardSvg(card, at, colors)),
    '</svg>',
    '',
  ].join('\n');
}

function lineSvg({ path, child, parent, label }: KeyLine, colors: PictureColors): string {
  const color = label === null ? colors.line : colors.warning;
  const circles = [child.circle, parent.circle].map((circle) =>
    circle === null
      ? ''
      : `<circle cx="${circle.center.x}" cy="${circle.center.y}" r="${circle.radius}" fill="${colors.background}" stroke="${color}" stroke-width="1.4"/>`,
  );
  const words =
    label === null
      ? ''
      : `<rect x="${label.x}" y="${label.y}" width="${noIndexLabel.width}" height="${noIndexLabel.height}" rx="3" fill="${colors.background}" stroke="${color}" stroke-width="0.5"/>` +
        `<text x="${label.x + noIndexLabel.width / 2}" y="${label.y + 12.2}" text-anchor="middle" font-size="11" font-weight="600" fill="${color}">${noIndexLabel.text}</text>`;
  return `<path d="${path}${child.path}${parent.path}" fill="none" stroke="${color}" stroke-width="1.4"/>${circles.join('')}${words}`;
}

function cardSvg(card: TableCard, at: Point, colors: PictureColors): string {
  const right = at.x + card.width - 10;
  const parts = [
    `<rect x="${at.x}" y="${at.y}" width="${card.width}" height="${card.height}" rx="8" fill="${colors.card}" stroke="${colors.border}"/>`,
    `<path d="M${at.x + 0.5} ${at.y + cardHeaderHeight}v${-(cardHeaderHeight - 8)}q0 -7.5 7.5 -7.5h${card.width - 16}q7.5 0 7.5 7.5v${cardHeaderHeight - 8}z" fill="${colors.header}"/>`,
    `<rect x="${at.x + 9}" y="${at.y + 9}" width="3" height="14" rx="1" fill="${colors.schema(card.schema)}"/>`,
    `<text x="${at.x + 19}" y="${at.y + 20}" font-size="13" font-weight="600" fill="${colors.strong}">${escapeXml(card.name)}</text>`,
    `<text x="${right}" y="${at.y + 20}" text-anchor="end" font-family="${dataFont}" font-size="11" fill="${colors.dim}">${escapeXml(card.amount)}</text>`,
  ];
  const top = at.y + cardHeaderHeight + cardPadding;
  for (const [index, row] of card.rows.entries()) {
    const base = top + index * cardRowHeight + 15;
    const mark = row.primary ? ['PK', colors.warning] : row.foreign ? ['FK', colors.accent] : null;
    if (mark !== null)
      parts.push(
        `<text x="${at.x + 9}" y="${base - 0.5}" font-size="9" font-weight="600" fill="${mark[1]}">${mark[0]}</text>`,
      );
    parts.push(
      `<text x="${at.x + 28}" y="${base}" font-family="${dataFont}" font-size="12.5"${row.primary ? ' font-weight="600"' : ''} fill="${colors.strong}">${escapeXml(row.name)}</text>`,
      `<text x="${right}" y="${base}" text-anchor="end" font-family="${dataFont}" font-size="11" fill="${row.hub === null ? colors.dim : colors.accent}">${escapeXml(row.hub === null ? row.type : `→ ${row.hub.name}`)}</text>`,
    );
  }
  if (card.folded > 0) {
    const base = top + card.rows.length * cardRowHeight + 14;
    parts.push(
      `<text x="${at.x + 28}" y="${base}" font-size="11.5" fill="${colors.dim}">+ ${card.folded} ${card.folded === 1 ? 'column' : 'columns'}</text>`,
    );
  }
  return `<g>${parts.join('')}</g>`;
}

function boundsOf(
  placed: readonly { readonly card: TableCard; readonly at: Point }[],
  points: readonly Point[],
): { readonly x: number; readonly y: number; readonly width: number; readonly height: number } {
  const xs = [...placed.map(({ at }) => at.x), ...points.map((point) => point.x)];
  const ys = [...placed.map(({ at }) => at.y), ...points.map((point) => point.y)];
  const rights = [...placed.map(({ card, at }) => at.x + card.width), ...points.map((point) => point.x)];
  const bottoms = [...placed.map(({ card, at }) => at.y + card.height), ...points.map((point) => point.y)];
  const x = least(xs) - margin;
  const y = least(ys) - margin;
  return {
    x,
    y,
    width: -least(rights.map((value) => -value)) + margin - x,
    height: -least(bottoms.map((value) => -value)) + margin - y,
  };
}

function least(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((least, value) => Math.min(least, value));
}
