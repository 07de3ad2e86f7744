import type { StoreApi } from 'zustand';

import { readUiMemory, writeUiMemory } from './ui-memory.ts';
import type { Json } from './workbench-store.ts';

/** What of a store survives a restart, and how what was kept is read: whatever does not fit is left out. */
export interface Remembered<State> {
  readonly toMemory: (state: State) => Json;
  readonly fromMemory: (memory: Json) => Partial<State>;
}

/** Restores a part of a store under this key, and keeps each change of it. What was changed meanwhile stays as it is. */
export async function rememberState<State>(
  key: string,
  store: Pick<StoreApi<State>, 'getState' | 'setState' | 'subscribe'>,
  { toMemory, fromMemory }: Remembered<State>,
): Promise<void> {
  const kept = (): string => JSON.stringify(toMemory(store.getState()));
  let written = kept();
  store.subscribe(() => {
    const now = kept();
    if (now === written) return;
    written = now;
    writeUiMemory(key, JSON.parse(now) as Json);
  });
  const initial = written;
  const memory = await readUiMemory(key);
  if (written !== initial) return;
  const restored = fromMemory(memory);
  written = JSON.stringify(toMemory({ ...store.getState(), ...restored }));
  store.setState(restored);
}
