import { useChannelStore } from '../rpc/channel.ts';
import { client } from '../rpc/client.ts';
import type { Json } from './workbench-store.ts';

const pauseMs = 400;
const waiting = new Map<string, { readonly value: Json; readonly timer: number }>();

/** Reads a value that an earlier window left under this key; null where there is none or it cannot be read. */
export async function readUiMemory(key: string): Promise<Json> {
  const pending = waiting.get(key);
  if (pending !== undefined) return pending.value;
  try {
    const { value } = await client.settings.readUiState({ key });
    return value as Json;
  } catch {
    return null;
  }
}

/** Remembers a value across restarts. Writes are gathered for a moment; the last one wins. Null forgets it. */
export function writeUiMemory(key: string, value: Json): void {
  const before = waiting.get(key);
  if (before !== undefined) window.clearTimeout(before.timer);
  const timer = window.setTimeout(() => flush(key), pauseMs);
  waiting.set(key, { value, timer });
}

/** Writes at once what is still waiting. */
export function flushUiMemory(): void {
  for (const key of Array.from(waiting.keys())) flush(key);
}

function flush(key: string): void {
  const pending = waiting.get(key);
  if (pending === undefined) return;
  window.clearTimeout(pending.timer);
  if (useChannelStore.getState().state.kind !== 'open') {
    waiting.set(key, { value: pending.value, timer: window.setTimeout(() => flush(key), 2_000) });
    return;
  }
  waiting.delete(key);
  client.settings.writeUiState({ key, value: pending.value }).catch(() => {
    // Losing a panel's width is not worth a message; the next change tries again.
  });
}

document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') flushUiMemory();
});
window.addEventListener('pagehide', flushUiMemory);
