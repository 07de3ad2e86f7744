import { useLayoutEffect, useRef } from 'react';
import type { KeyboardEvent } from 'react';

import { charts, seriesOf } from './chart-definitions.ts';
import type { Chart, Series } from './chart-definitions.ts';
import styles from './chart-grid.module.css';
import { ChartPainter } from './chart-painter.ts';

const inRow = 4;

/** The charts, one time axis for all. React draws the frames; what moves is drawn by the painter. */
export function ChartGrid() {
  const root = useRef<HTMLDivElement>(null);
  const slider = useRef<HTMLDivElement>(null);
  const painter = useRef<ChartPainter | null>(null);
  useLayoutEffect(() => {
    if (root.current === null) return;
    const made = new ChartPainter(root.current);
    painter.current = made;
    return () => made.dispose();
  }, []);

  function press(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: event.shiftKey ? -10 : -1,
      ArrowRight: event.shiftKey ? 10 : 1,
      PageUp: -60,
      PageDown: 60,
      Home: Number.NEGATIVE_INFINITY,
      End: Number.POSITIVE_INFINITY,
    };
    const by = steps[event.key];
    if (by !== undefined) {
      const words = painter.current?.step(by) ?? '';
      slider.current?.setAttribute('aria-valuetext', words);
    } else if (event.key === 'Escape') leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function leave(): void {
    painter.current?.leave();
    slider.current?.setAttribute('aria-valuetext', 'Now');
  }

  return (
    <div
      ref={root}
      className={styles['grid']}
      role="group"
      aria-label="Charts"
      onPointerMove={(event) => painter.current?.point(event.clientX, event.target)}
      onPointerLeave={() => painter.current?.leave()}
    >
      {charts.map((chart, index) => (
        <ChartFrame key={chart.id} chart={chart} hasTimes={index >= charts.length - inRow} />
      ))}
      <div
        ref={slider}
        className={styles['slider']}
        role="slider"
        tabIndex={0}
        aria-label="Instant that is read from the charts"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={100}
        aria-valuetext="Now"
        onKeyDown={press}
        onBlur={leave}
      />
    </div>
  );
}

function ChartFrame({ chart, hasTimes }: { readonly chart: Chart; readonly hasTimes: boolean }) {
  return (
    <figure className={styles['chart']} data-chart={chart.id} data-times={hasTimes ? '' : undefined}>
      <figcaption className={styles['caption']}>
        <span className={styles['head']}>
          <span className={styles['title']}>{chart.title}</span>
          <span className={styles['rare']}>
            {seriesOf(chart)
              .filter(({ isRare }) => isRare === true)
              .map((series) => (
                <LegendEntry key={series.id} series={series} isMark={series === chart.marked} />
              ))}
          </span>
        </span>
        <span className={styles['legend']}>
          {chart.series
            .filter(({ isRare }) => isRare !== true)
            .map((series) => (
              <LegendEntry key={series.id} series={series} isMark={false} />
            ))}
        </span>
      </figcaption>
      <div className={styles['plot']}>
        <canvas className={styles['canvas']} aria-hidden />
        <div className={styles['crosshair']} data-crosshair hidden />
        {hasTimes && <div className={styles['time']} data-time hidden />}
      </div>
    </figure>
  );
}

function LegendEntry({ series, isMark }: { readonly series: Series; readonly isMark: boolean }) {
  return (
    <span className={styles['entry']} data-series={series.id} hidden={series.isRare === true}>
      <svg className={styles['swatch']} viewBox="0 0 12 8" aria-hidden style={{ color: `var(${series.color})` }}>
        {isMark ? (
          <path d="M2.5 8V3M6 8V0M9.5 8V4" className={styles['bars']} />
        ) : (
          <path d="M0 4H12" className={styles[series.stroke]} />
        )}
      </svg>
      {series.label}
      <span className={styles['value']} data-value>
        –
      </span>
    </span>
  );
}
