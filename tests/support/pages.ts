import { mkdirSync } from 'node:fs';
import path from 'node:path';

import { type Browser, type Locator, type Page, expect } from '@playwright/test';

/** Where screenshots of every screen are left to be looked at. */
export const pictures = path.join('test-results', 'pictures');

/**
 * A new window of the app. Whatever goes wrong behind the screen is added to `problems`: a script that the policy stops, an
 * error that nobody catches, a dialog that a script opened. `expected` are messages of the console that the test provokes.
 */
export async function openWindow(
  browser: Browser,
  url: string | null,
  problems: string[],
  expected?: RegExp,
): Promise<StewardPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark' });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' && expected?.test(message.text()) !== true) problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('dialog', (dialog) => problems.push(`a script opened a dialog: ${dialog.message()}`));
  if (url !== null) await page.goto(url);
  return new StewardPage(page);
}

/** The app as a person handles it: by the words on the screen. */
export class StewardPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get rail(): Locator {
    return this.page.getByRole('navigation', { name: 'Sections' });
  }

  async section(name: string): Promise<void> {
    await this.rail.getByRole('button', { name, exact: true }).click();
  }

  /** Puts text into the editor, as typing does, in place of what is there. */
  async writeSql(sql: string): Promise<void> {
    const editor = this.page.locator('.monaco-editor').first();
    await editor.waitFor();
    await editor.locator('.view-lines').click();
    await this.page.keyboard.press('ControlOrMeta+a');
    await this.page.keyboard.press('Delete');
    await this.page.keyboard.insertText(sql);
  }

  /** One picture in each theme, at both sizes that people have. */
  async picture(name: string): Promise<void> {
    mkdirSync(pictures, { recursive: true });
    for (const [width, height] of [
      [1280, 800],
      [1920, 1080],
    ] as const) {
      await this.page.setViewportSize({ width, height });
      for (const colorScheme of ['dark', 'light'] as const) {
        await this.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await expect(this.page.locator('html')).toHaveAttribute('data-theme', colorScheme);
        await this.page.screenshot({
          path: path.join(pictures, `${name}-${colorScheme}-${width}.png`),
          animations: 'disabled',
        });
      }
    }
    await this.page.setViewportSize({ width: 1280, height: 800 });
  }
}
