import { useEffect, useState } from 'react';

import { readUiMemory, writeUiMemory } from '../../workbench/ui-memory.ts';

const known = new Map<string, number>();

/** A size in pixels that survives a restart, shared by all that use the same key. */
export function useRememberedSize(key: string, initial: number): readonly [number, (size: number) => void] {
  const [size, setSize] = useState(known.get(key) ?? initial);
  useEffect(() => {
    if (known.has(key)) return;
    void readUiMemory(key).then((memory) => {
      if (typeof memory !== 'number') return;
      known.set(key, memory);
      setSize(memory);
    });
  }, [key]);
  return [
    size,
    (next) => {
      known.set(key, Math.round(next));
      setSize(next);
      writeUiMemory(key, Math.round(next));
    },
  ];
}
