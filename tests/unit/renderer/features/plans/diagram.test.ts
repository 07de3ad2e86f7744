import { expect, test } from 'vitest';

import { boxContent, boxWords } from '../../../../../renderer/src/features/plans/diagram/box-content.ts';
import {
  boxAt,
  boxHeight,
  boxWidth,
  layoutDiagram,
} from '../../../../../renderer/src/features/plans/diagram/diagram-layout.ts';
import { diagramShapes } from '../../../../../renderer/src/features/plans/diagram/diagram-shapes.ts';
import type { DiagramColors } from '../../../../../renderer/src/features/plans/diagram/diagram-shapes.ts';
import { toDiagramSvg } from '../../../../../renderer/src/features/plans/diagram/diagram-svg.ts';
import { nothingFolded, treeRows } from '../../../../../renderer/src/features/plans/tree/tree-rows.ts';

import { indexOf, joinText } from './plan-fixture.ts';

const colors: DiagramColors = {
  background: '#fff',
  box: '#fff',
  border: '#ccc',
  strong: '#000',
  text: '#555',
  dim: '#777',
  name: '#00f',
  warning: '#a60',
  accent: '#44f',
  well: '#eee',
  flow: '#ccc',
  heat: ['none', '#1', '#2', '#3', '#4', '#5'],
};

const plain = (text: string) => text.replaceAll('\u202f', ' ');

test('each level is a column, and a parent stands halfway between its first and its last child', () => {
  const index = indexOf(joinText);
  const { boxes, width, height } = layoutDiagram(treeRows(index, nothingFolded));
  expect(boxes.map(({ parent }) => parent)).toEqual([-1, 0, 1, 1, 3]);
  const columns = boxes.map(({ left }) => left);
  expect(columns[2]).toBe(columns[3]);
  expect(new Set(columns).size).toBe(4);
  const [, join, scan, hash] = boxes;
  expect(join?.top).toBe(((scan?.top ?? 0) + (hash?.top ?? 0)) / 2);
  for (const { left, top } of boxes) {
    expect(left + boxWidth).toBeLessThanOrEqual(width);
    expect(top + boxHeight).toBeLessThanOrEqual(height);
  }
});

test('boxes of one column never overlap, however bushy the plan is', () => {
  const text = `Append  (cost=0.00..1.00 rows=1 width=4)\n${Array.from(
    { length: 30 },
    (_, at) =>
      `  ->  Nested Loop  (cost=0.00..1.00 rows=1 width=4)\n${'        ->  Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)\n'.repeat(1 + (at % 3))}`,
  ).join('')}`;
  const { boxes } = layoutDiagram(treeRows(indexOf(text), nothingFolded));
  const byColumn = Map.groupBy(boxes, ({ left }) => left);
  for (const column of byColumn.values()) {
    const tops = column.map(({ top }) => top).toSorted((a, b) => a - b);
    for (let at = 1; at < tops.length; at += 1)
      expect((tops[at] ?? 0) - (tops[at - 1] ?? 0)).toBeGreaterThanOrEqual(boxHeight);
  }
});

test('a box is found where it is drawn, and nothing beside it', () => {
  const diagram = layoutDiagram(treeRows(indexOf(joinText), nothingFolded));
  const [root] = diagram.boxes;
  expect(boxAt(diagram, (root?.left ?? 0) + 5, (root?.top ?? 0) + 5)).toBe(root);
  expect(boxAt(diagram, 1, 1)).toBeNull();
});

test('a box says what it does, what it took, what it gave, and how far the planner was off', () => {
  const index = indexOf(joinText);
  const rows = treeRows(index, nothingFolded);
  const contents = rows.map((row) => boxContent(index, row));
  expect(contents[2]).toMatchObject({
    title: 'Seq Scan',
    subject: 'public.holdings h',
    amount: '542 ms · 88 %',
    heat: 5,
    warning: '18× more rows',
    rows: '18.2 k',
    dimmed: false,
  });
  expect(contents[1]).toMatchObject({ title: 'Hash Join', subject: 'h.portfolio_id = p.id' });
  expect(contents[4]).toMatchObject({ amount: 'never executed', heat: 0, dimmed: true });
  expect(rows.map((row) => plain(boxWords(index, row)))[2]).toBe(
    'Seq Scan, public.holdings h; 542 ms · 88 %; 18.2 k rows; 18× more rows',
  );
});

test('only what is in sight is drawn, and no words where they could not be read', () => {
  const index = indexOf(joinText);
  const diagram = layoutDiagram(treeRows(index, nothingFolded));
  const all = { left: 0, top: 0, right: diagram.width, bottom: diagram.height };
  const draw = (part: typeof all, scale: number) => diagramShapes(diagram, index, colors, part, { scale, chosen: 2 });
  const texts = (shapes: ReturnType<typeof draw>) => shapes.filter(({ kind }) => kind === 'text').length;
  expect(texts(draw(all, 1))).toBeGreaterThan(10);
  expect(texts(draw(all, 0.1))).toBe(0);
  const [root] = diagram.boxes;
  const corner = { left: 0, top: root?.top ?? 0, right: 20, bottom: (root?.top ?? 0) + 10 };
  expect(draw(corner, 1).filter((shape) => shape.kind === 'text' && shape.text === 'Seq Scan')).toEqual([]);
});

test('from afar and among ten thousand boxes, no more is drawn than a screen can show', () => {
  const wide = `Append  (cost=0.00..1.00 rows=1 width=4)\n${'  ->  Seq Scan on p  (cost=0.00..1.00 rows=1 width=4)\n'.repeat(10_000)}`;
  const index = indexOf(wide);
  const diagram = layoutDiagram(treeRows(index, { collapsed: new Set(), openRuns: new Set([1]) }));
  const all = { left: 0, top: 0, right: diagram.width, bottom: diagram.height };
  const scale = 0.05;
  const height = 800;
  const part = { ...all, bottom: height / scale };
  expect(diagramShapes(diagram, index, colors, part, { scale, chosen: 0 }).length).toBeLessThan(1500);
  // In the middle nearly every line from the parent to a child passes through.
  const middle = { ...all, top: diagram.height / 2, bottom: diagram.height / 2 + height };
  expect(diagramShapes(diagram, index, colors, middle, { scale: 1, chosen: 0 }).length).toBeLessThan(1500);
});

test('in the SVG names are text, whatever is in them', () => {
  const index = indexOf(
    'Seq Scan on "<script>alert(1)</script>&\u0001"  (cost=0.00..1.00 rows=1 width=4)\n  Filter: (a = \'"><img src=x onerror=alert(1)>\'::text)\n',
  );
  const diagram = layoutDiagram(treeRows(index, nothingFolded));
  const { width, height } = diagram;
  const part = { left: 0, top: 0, right: width, bottom: height };
  const svg = toDiagramSvg(
    diagramShapes(diagram, index, colors, part, { scale: 1, chosen: -1 }),
    { width, height, background: '#fff' },
    (text) => text,
  );
  expect(svg).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&amp;');
  expect(svg).not.toMatch(/<script|<img/);
  expect(svg).not.toContain('\u0001');
});
