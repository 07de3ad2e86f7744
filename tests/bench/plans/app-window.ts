import { execFileSync, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import type { Page } from '@playwright/test';

import { places } from '../../../electron/hosts/places.ts';
import { temporaryFolder } from '../../support/app.ts';

/** Starts headless hosts as they are built, each on a data folder of its own that has seen no plan yet. */
export async function prepareHosts(): Promise<AsyncDisposable & { readonly start: () => Promise<RunningHost> }> {
  const template = await temporaryFolder();
  const first = await startHost(template);
  // The first start makes the local server, which would be measured along.
  await wait(6000);
  await first[Symbol.asyncDispose]();
  return {
    async start() {
      const data = await temporaryFolder();
      // With its owners: the local server belongs to a user of its own.
      execFileSync('cp', ['-a', `${template}/.`, data]);
      const host = await startHost(data);
      return {
        url: host.url,
        async [Symbol.asyncDispose]() {
          await host[Symbol.asyncDispose]();
          rmSync(data, { recursive: true, force: true });
        },
      };
    },
    async [Symbol.asyncDispose]() {
      rmSync(template, { recursive: true, force: true });
    },
  };
}

/** `url` lets one window in. */
type RunningHost = AsyncDisposable & { readonly url: string };

async function startHost(data: string): Promise<RunningHost> {
  const host = spawn(process.execPath, [path.join(places.root, 'out/main/headless.js'), '--data-dir', data], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    host.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().split('\n')[0] ?? ''));
    host.once('exit', () => reject(new Error('The headless host has ended')));
  });
  return {
    url,
    async [Symbol.asyncDispose]() {
      if (host.exitCode !== null) return;
      host.kill('SIGTERM');
      await new Promise((resolve) => host.once('exit', resolve));
    },
  };
}

/** Opens the app at its place for plans. */
export async function openPlansPlace(page: Page, url: string): Promise<void> {
  await page.addInitScript(watchPlans);
  await page.goto(url);
  await page
    .getByRole('button', { name: /add connection/i })
    .first()
    .waitFor();
  await showPlansPlace(page);
}

/** Comes back to where a plan is given. */
export async function showPlansPlace(page: Page): Promise<void> {
  await page.getByRole('navigation', { name: 'Sections' }).getByRole('button', { name: 'Plans', exact: true }).click();
  await page.getByLabel('Plan file').waitFor({ state: 'attached' });
}

/** Gives a file; ms from the choice until its rows and its text are painted, and the longest task meanwhile. */
export async function openPlanFile(page: Page, file: string): Promise<{ paintedMs: number; longestTaskMs: number }> {
  await page.evaluate(() => window.planWatch.forget());
  await page.getByLabel('Plan file').setInputFiles(file);
  const found = await page.waitForFunction(() => window.planWatch.painted(), undefined, { timeout: 120_000 });
  const paintedMs = Number(await found.jsonValue());
  await page.waitForTimeout(1000);
  return { paintedMs, longestTaskMs: await page.evaluate(() => window.planWatch.longestTaskMs()) };
}

/** Turns the wheel over an element that a person would scroll; ms of the longest task and of the slowest event. */
export async function scroll(page: Page, selector: string): Promise<{ longestTaskMs: number; slowestEventMs: number }> {
  await page.locator(selector).first().hover();
  await page.evaluate(() => window.planWatch.forget());
  for (const step of [120, 120, 480, 480, 1200, 1200, -480, 4800, 4800, -9600])
    for (let turn = 0; turn < 8; turn += 1) {
      await page.mouse.wheel(0, step);
      await page.waitForTimeout(16);
    }
  await page.waitForTimeout(500);
  return page.evaluate(() => ({
    longestTaskMs: window.planWatch.longestTaskMs(),
    slowestEventMs: window.planWatch.slowestEventMs(),
  }));
}

interface PlanWatch {
  forget(): void;
  /** Ms from the choice of a file until its plan is on the screen; 0 while it is not. */
  painted(): number;
  /** 0 where none was longer than 50 ms, which is what a browser tells. */
  longestTaskMs(): number;
  slowestEventMs(): number;
}

declare global {
  interface Window {
    planWatch: PlanWatch;
  }
}

/** Runs in the page, before anything of the app. */
function watchPlans(): void {
  let chosenAt = 0;
  let paintedMs = 0;
  let longestTaskMs = 0;
  let slowestEventMs = 0;
  const isShown = (element: Element | undefined): boolean => (element?.getClientRects().length ?? 0) > 0;
  const shown = (selector: string): Element | undefined =>
    [...document.querySelectorAll(selector)].find((element) => isShown(element));
  const look = (): void => {
    const rows = shown('[role="treegrid"][aria-label="Nodes"]')?.querySelectorAll('[role="row"]').length ?? 0;
    const hasText = shown('[role="code"]')?.textContent.includes('cost=') ?? false;
    // The frame in which both are there is painted before the next one begins.
    if (rows > 3 && hasText) requestAnimationFrame(() => (paintedMs = performance.now() - chosenAt));
    else requestAnimationFrame(look);
  };
  document.addEventListener(
    'change',
    (event) => {
      if (!(event.target instanceof HTMLInputElement) || event.target.type !== 'file') return;
      chosenAt = performance.now();
      requestAnimationFrame(look);
    },
    { capture: true },
  );
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestTaskMs = Math.max(longestTaskMs, duration);
  }).observe({ type: 'longtask' });
  const events: PerformanceObserverInit & { durationThreshold: number } = { type: 'event', durationThreshold: 16 };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) slowestEventMs = Math.max(slowestEventMs, duration);
  }).observe(events);
  window.planWatch = {
    forget() {
      paintedMs = 0;
      longestTaskMs = 0;
      slowestEventMs = 0;
    },
    painted: () => paintedMs,
    longestTaskMs: () => longestTaskMs,
    slowestEventMs: () => slowestEventMs,
  };
}
