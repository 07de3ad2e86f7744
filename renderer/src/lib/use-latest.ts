import { useLayoutEffect, useRef } from 'react';
import type { RefObject } from 'react';

/** The value of the last render, for callbacks that outlive it. Not for use while rendering. */
export function useLatest<T>(value: T): RefObject<T> {
  const latest = useRef(value);
  useLayoutEffect(() => {
    latest.current = value;
  });
  return latest;
}
