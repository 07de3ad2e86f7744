import { existsSync } from 'node:fs';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:/Program Files/Google/Chrome/Application/chrome.exe',
];

/** A Chromium of this machine: `STEWARD_CHROMIUM`, or one in a usual place. */
export function chromiumPath(): string {
  const chosen = process.env['STEWARD_CHROMIUM'] ?? places.find((place) => existsSync(place));
  if (!chosen)
    throw new Error(
      'No Chromium on this machine. Install it (Debian: apt-get install chromium), or set STEWARD_CHROMIUM.',
    );
  return chosen;
}

/** How tests and benchmarks start it: also as root, without a graphics card, asking nothing of the network. */
export const chromiumArguments: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];
