import { useCallback, useLayoutEffect, useState } from 'react';
import type { RefObject } from 'react';

import { useLatest } from '../lib/use-latest.ts';

import { contentTopAfterScroll, scrollScale, scrollTopOf } from './grid-geometry.ts';
import type { ScrollScale } from './grid-geometry.ts';

export interface GridViewport {
  readonly width: number;
  readonly height: number;
  readonly scrollLeft: number;
  readonly scrollTop: number;
  /** The position in the rows, which differs from `scrollTop` where scrolling is scaled. */
  readonly contentTop: number;
}

export interface GridScroll {
  readonly viewport: GridViewport;
  readonly scale: ScrollScale;
  readonly onScroll: () => void;
  readonly scrollTo: (place: { readonly top?: number; readonly left?: number }) => void;
}

const nowhere: GridViewport = { width: 0, height: 0, scrollLeft: 0, scrollTop: 0, contentTop: 0 };

/** Follows the scrolling and the size of the grid. `bodyHeight` is the height of all rows, `headerHeight` what is sticky above. */
export function useGridScroll(
  scroller: RefObject<HTMLDivElement | null>,
  bodyHeight: number,
  headerHeight: number,
): GridScroll {
  const [viewport, setViewport] = useState(nowhere);
  const bodyViewport = Math.max(0, viewport.height - headerHeight);
  const scale = scrollScale(bodyHeight, bodyViewport);
  const latest = useLatest({ viewport, scale, bodyViewport });

  const read = useCallback(() => {
    const element = scroller.current;
    if (element === null) return;
    const { viewport: before, scale: now, bodyViewport: height } = latest.current;
    const contentTop = contentTopAfterScroll(before, element.scrollTop, height, now);
    let { scrollTop } = element;
    const fitting = scrollTopOf(contentTop, now);
    if (now.contentRange !== now.scrollRange && Math.abs(fitting - scrollTop) > 1) {
      element.scrollTop = fitting;
      ({ scrollTop } = element);
    }
    setViewport((known) => {
      const next = {
        width: element.clientWidth,
        height: element.clientHeight,
        scrollLeft: element.scrollLeft,
        scrollTop,
        contentTop,
      };
      return Object.entries(next).every(([key, value]) => known[key as keyof GridViewport] === value) ? known : next;
    });
  }, [scroller, latest]);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const observer = new ResizeObserver(read);
    observer.observe(element);
    read();
    return () => observer.disconnect();
  }, [scroller, read]);

  const scrollTo = useCallback(
    ({ top, left }: { readonly top?: number; readonly left?: number }) => {
      const element = scroller.current;
      if (element === null) return;
      if (left !== undefined) element.scrollLeft = left;
      if (top === undefined) return;
      const contentTop = Math.max(0, Math.min(latest.current.scale.contentRange, top));
      element.scrollTop = scrollTopOf(contentTop, latest.current.scale);
      const { scrollTop } = element;
      setViewport((known) => ({ ...known, scrollTop, contentTop }));
    },
    [scroller, latest],
  );

  return { viewport, scale, onScroll: read, scrollTo };
}
