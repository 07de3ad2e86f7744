import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Page } from '@playwright/test';

import { temporaryFolder } from '../support/app.ts';
import { openPlanFile, openPlansPlace, prepareHosts, scroll, showPlansPlace } from './plans/app-window.ts';
import { generateMixedPlan, generatePartitions } from './plans/generate-plans.ts';
import { servePeerPage } from './plans/peer-page.ts';
import { countElements, heapMb, openWindow, residentMb } from './plans/window.ts';

/** Adds a line to the table: what, ours, the peer's, their ratio, what is wanted, whether it holds. */
export type AddLine = (
  what: string,
  ours: string,
  peer: string,
  compared: string,
  wanted: string,
  holds: boolean | null,
) => void;

const warmRuns = 5;
const paintRuns = 3;
const peerLimitMs = 60_000;
const tree = '[role="treegrid"][aria-label="Nodes"]';
const text = '[role="code"]';
const diagram = '[role="tabpanel"][aria-label="Diagram"]';

/** Plans read, painted and scrolled, here and in pev2, in one Chromium. */
export async function measurePlans(add: AddLine): Promise<void> {
  await using peerPage = await servePeerPage();
  await measureReading(add, peerPage.url);
  await measurePainting(add, peerPage.url);
}

type Format = 'json' | 'text';
type Times = { readonly cold: number; readonly warm: number };

async function measureReading(add: AddLine, url: string): Promise<void> {
  for (const format of ['json', 'text'] as const) {
    const name = format === 'json' ? 'JSON' : 'text';
    const [ours, peer] = await readInTurns(url, format, [
      { reader: 'ours', nodes: 20_000 },
      { reader: 'peer', nodes: 20_000 },
    ]);
    for (const [state, words] of [
      ['warm', `warm (median of ${warmRuns})`],
      ['cold', 'cold (the first in a window, worker started)'],
    ] as const)
      add(
        `20,000 nodes as ${name} read, ${words}`,
        seconds(ours[state]),
        `pev2 before it paints ${seconds(peer[state])}`,
        ratio(ours[state], peer[state]),
        '≤ 0.20 ×',
        ours[state] / peer[state] <= 0.2,
      );
    const [small, large] = await readInTurns(url, format, [
      { reader: 'ours', nodes: 20_000 },
      { reader: 'ours', nodes: 100_000 },
    ]);
    const growth = large.warm / small.warm / 5;
    add(
      `… 100,000 nodes as ${name}, against five times 20,000`,
      seconds(large.warm),
      '–',
      `${growth.toFixed(2)} ×`,
      '≤ 1.3 ×',
      growth <= 1.3,
    );
  }
}

type Turn = { readonly reader: 'ours' | 'peer'; readonly nodes: number };

/**
 * Two readers by turns, so that what else the machine does touches both; each in a window of its own, so that neither
 * pays for the other's garbage.
 */
async function readInTurns(
  url: string,
  format: Format,
  [left, right]: readonly [Turn, Turn],
): Promise<readonly [Times, Times]> {
  await using first = await openWindow();
  await using second = await openWindow();
  const readers = [
    await prepareReader(first.page, url, format, left),
    await prepareReader(second.page, url, format, right),
  ];
  const cold: number[] = [];
  for (const read of readers) cold.push(await read(true));
  const warm: number[][] = [[], []];
  for (let run = 0; run < warmRuns; run += 1)
    for (const [index, read] of readers.entries()) warm[index]?.push(await read(false));
  const times = (index: number): Times => ({ cold: cold[index] ?? Number.NaN, warm: median(warm[index] ?? []) });
  return [times(0), times(1)];
}

/** Makes the plan in a window; then one more reading each time it is asked, with another worker when it is to be fresh. */
async function prepareReader(
  page: Page,
  url: string,
  format: Format,
  { reader, nodes }: Turn,
): Promise<(fresh: boolean) => Promise<number>> {
  page.setDefaultTimeout(0);
  await page.goto(url);
  await page.evaluate((count) => void globalThis.window.bench.generate('mixed', count), nodes);
  return (fresh) =>
    page.evaluate(
      ([who, as, again]) =>
        who === 'ours' ? globalThis.window.bench.read(as, again) : globalThis.window.bench.readWithPeer(as),
      [reader, format, fresh] as const,
    );
}

const painted = [
  { name: '2,500 nodes, wide and deep', kind: 'mixed', count: 2500, wantedMs: 500 },
  { name: '10,000 partitions', kind: 'partitions', count: 10_000, wantedMs: 1000 },
] as const;

async function measurePainting(add: AddLine, url: string): Promise<void> {
  const folder = await temporaryFolder();
  await using hosts = await prepareHosts();
  const small = path.join(folder, 'small.json');
  writeFileSync(small, generateMixedPlan(50));
  for (const { name, kind, count, wantedMs } of painted) {
    const file = path.join(folder, `${kind}-${count}.json`);
    writeFileSync(file, kind === 'mixed' ? generateMixedPlan(count) : generatePartitions(count));
    const peer = await paintPeer(url, kind, count);
    const first: number[] = [];
    const settled: number[] = [];
    const later: number[] = [];
    const longest: number[] = [];
    for (let run = 0; run < paintRuns; run += 1) {
      await using host = await hosts.start();
      await using window = await openWindow();
      await openPlansPlace(window.page, host.url);
      first.push((await openPlanFile(window.page, file)).paintedMs);
    }
    for (let run = 0; run < paintRuns; run += 1) {
      await using host = await hosts.start();
      await using window = await openWindow();
      await openPlansPlace(window.page, host.url);
      await window.page.waitForTimeout(settledMs);
      settled.push((await openPlanFile(window.page, file)).paintedMs);
    }
    for (let run = 0; run < paintRuns; run += 1) {
      await using host = await hosts.start();
      await using window = await openWindow();
      const { page, browser } = window;
      await openPlansPlace(page, host.url);
      await openPlanFile(page, small);
      await showPlansPlace(page);
      const { paintedMs, longestTaskMs } = await openPlanFile(page, file);
      later.push(paintedMs);
      longest.push(longestTaskMs);
      if (run < paintRuns - 1) continue;
      addPaint(
        add,
        `${name}: first paint, in a window that has been open for five seconds`,
        median(settled),
        peer,
        wantedMs,
      );
      addPaint(add, '… at the very moment that the window opens', median(first), peer, null);
      addPaint(add, '… after another plan, all scripts loaded', median(later), peer, wantedMs);
      add('… longest task meanwhile', taskWords(median(longest)), '–', '–', 'for orientation', null);
      add(
        '… memory of the window (heap of its scripts, and the process with its workers)',
        `${(await heapMb(page)).toFixed(0)} MB, ${(await residentMb(browser)).toFixed(0)} MB`,
        peer.memory,
        '–',
        'for orientation',
        null,
      );
      add('… elements in the document', String(await countElements(page)), peer.elements, '–', 'for orientation', null);
      await measureScrolling(add, page);
    }
  }
  rmSync(folder, { recursive: true, force: true });
}

async function measureScrolling(add: AddLine, page: Page): Promise<void> {
  // Partitions come folded into one row: it is all of them that must scroll.
  const folded = page
    .locator(tree)
    .getByRole('button', { name: /^Expand / })
    .first();
  if (await folded.isVisible()) await folded.click();
  await page.waitForTimeout(500);
  for (const [name, selector] of [
    ['tree', tree],
    ['text', text],
  ] as const) {
    const { longestTaskMs, slowestEventMs } = await scroll(page, `${selector} >> visible=true`);
    add(
      `… longest task while its ${name} is scrolled`,
      `${taskWords(longestTaskMs)}; ${eventWords(slowestEventMs)}`,
      '–',
      '–',
      'none over 50 ms',
      longestTaskMs <= 50,
    );
  }
  const inTree = await countElements(page, tree);
  add('… elements in its tree', String(inTree), '–', '–', '≤ 400', inTree <= 400);
  const tab = page.getByRole('tab', { name: 'Diagram', exact: true });
  if ((await tab.count()) === 0) return;
  await tab.first().click();
  await page.locator(diagram).first().waitFor();
  await page.waitForTimeout(1500);
  const { longestTaskMs, slowestEventMs } = await scroll(page, diagram);
  add(
    '… longest task while the wheel turns over its diagram',
    `${taskWords(longestTaskMs)}; ${eventWords(slowestEventMs)}`,
    '–',
    '–',
    'none over 50 ms',
    longestTaskMs <= 50,
  );
  const inDiagram = await countElements(page, diagram);
  add('… elements in its diagram', String(inDiagram), '–', '–', '≤ 400', inDiagram <= 400);
}

type PeerPaint = { readonly ms: number | null; readonly memory: string; readonly elements: string };

/** pev2 with the same plan; it may never come to its end. */
async function paintPeer(url: string, kind: 'mixed' | 'partitions', count: number): Promise<PeerPaint> {
  await using window = await openWindow();
  const { page, browser } = window;
  page.setDefaultTimeout(0);
  await page.goto(url);
  await page.evaluate(([which, nodes]) => void globalThis.window.bench.generate(which, nodes), [kind, count] as const);
  const limit = new AbortController();
  const paint = page.evaluate(() => globalThis.window.bench.paintPeer()).catch(() => null);
  const ms = await Promise.race([
    paint,
    new Promise<null>((resolve) => {
      const timer = setTimeout(() => resolve(null), peerLimitMs);
      limit.signal.addEventListener('abort', () => clearTimeout(timer));
    }),
  ]);
  limit.abort();
  const resident = `${(await residentMb(browser)).toFixed(0)} MB`;
  if (ms === null) return { ms: null, memory: `pev2 ${resident} by then`, elements: 'pev2 unknown' };
  return {
    ms,
    memory: `pev2 ${(await heapMb(page)).toFixed(0)} MB, ${resident}`,
    elements: `pev2 ${await countElements(page)}`,
  };
}

/** As long as somebody looks for the file, who opened the window for it; meanwhile it loads what shows plans. */
const settledMs = 5000;

function addPaint(add: AddLine, what: string, ours: number, peer: PeerPaint, wantedMs: number | null): void {
  add(
    what,
    seconds(ours),
    peer.ms === null ? `pev2 > ${peerLimitMs / 1000} s` : `pev2 ${seconds(peer.ms)}`,
    peer.ms === null ? `< ${ratio(ours, peerLimitMs)}` : ratio(ours, peer.ms),
    wantedMs === null ? 'for orientation' : `≤ ${(wantedMs / 1000).toFixed(1)} s`,
    wantedMs === null ? null : ours <= wantedMs,
  );
}

function taskWords(ms: number): string {
  return ms === 0 ? 'none over 50 ms' : `${ms.toFixed(0)} ms`;
}

/** A browser tells of events that take more than 16 ms. */
function eventWords(ms: number): string {
  return ms === 0 ? 'no slow event' : `slowest event ${ms.toFixed(0)} ms`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function ratio(ours: number, peer: number): string {
  return `${(ours / peer).toFixed(2)} ×`;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}
