import { readFileSync } from 'node:fs';

import { type Browser, type Page, chromium } from '@playwright/test';

import { chromiumArguments, chromiumPath } from '../../support/chromium.ts';

/** A Chromium of its own with one page, so that its memory can be told. */
export async function openWindow(): Promise<AsyncDisposable & { readonly browser: Browser; readonly page: Page }> {
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: [...chromiumArguments],
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  return { browser, page, [Symbol.asyncDispose]: () => browser.close() };
}

/** Resident memory of the largest renderer process, its workers included, MB. Answers also while it is busy. */
export async function residentMb(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const sizes = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? 0));
  return Math.max(0, ...sizes) / 1024;
}

/** Heap of the page's own scripts after a collection, MB. */
export async function heapMb(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  await session.detach();
  return (metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0) / 1024 ** 2;
}

/** Elements below the first match, or of the whole document. */
export function countElements(page: Page, selector?: string): Promise<number> {
  return page.evaluate(
    (within) => (within === undefined ? document : document.querySelector(within))?.querySelectorAll('*').length ?? 0,
    selector,
  );
}
