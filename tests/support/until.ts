import { setTimeout as wait } from 'node:timers/promises';

/** Waits for a state, not for a time. Fails after a minute, with what was waited for. */
export async function until(
  condition: () => Promise<boolean> | boolean,
  what = condition.toString(),
  timeoutMs = 60_000,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not in ${timeoutMs} ms: ${what}`);
    await wait(50);
  }
}
