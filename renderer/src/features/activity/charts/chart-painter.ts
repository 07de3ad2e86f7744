import { axisEndMs, onBeat, shownMoments, useActivity } from '../activity-store.ts';
import { nearestMoment } from '../sample-memory.ts';

import { charts, seriesOf, unitOf } from './chart-definitions.ts';
import type { Chart } from './chart-definitions.ts';
import { timeLabel, valueLabel } from './chart-scale.ts';
import { drawChart, leftMargin, rightMargin } from './draw-chart.ts';
import type { ChartInk } from './draw-chart.ts';

/** The elements of one chart. */
interface Place {
  readonly chart: Chart;
  readonly canvas: HTMLCanvasElement;
  readonly context: CanvasRenderingContext2D;
  readonly crosshair: HTMLElement;
  readonly time: HTMLElement | null;
  readonly values: ReadonlyMap<string, { readonly value: HTMLElement; readonly entry: HTMLElement }>;
  width: number;
  height: number;
  /** Space on the right of the plot. */
  margin: number;
}

/** Where the crosshair is: below the pointer, wherever the axis moves; or at an instant. */
type Hover =
  | { readonly kind: 'pointer'; readonly fraction: number }
  | { readonly kind: 'instant'; readonly atMs: number };

/**
 * Draws the charts below `root`: once after each look at the server, in one frame, without React. The elements are
 * found by their `data-chart`, `data-series`, `data-value`, `data-crosshair` and `data-time`.
 */
export class ChartPainter {
  readonly #root: HTMLElement;
  readonly #places: readonly Place[];
  readonly #stops: (() => void)[] = [];
  #frame = 0;
  #ink: ChartInk | null = null;
  #hover: Hover | null = null;

  constructor(root: HTMLElement) {
    this.#root = root;
    this.#places = charts.flatMap((chart) => placeOf(root, chart));
    this.#stops.push(onBeat(() => this.#schedule()));
    const sizes = new ResizeObserver((entries) => {
      for (const { target, contentRect } of entries) {
        const place = this.#places.find(({ canvas }) => canvas === target);
        if (place === undefined) continue;
        place.width = contentRect.width;
        place.height = contentRect.height;
      }
      // In the frame of the change itself: a canvas that is resized is empty.
      this.#draw();
    });
    for (const { canvas } of this.#places) sizes.observe(canvas);
    this.#stops.push(() => sizes.disconnect());
    const theme = new MutationObserver(() => {
      this.#ink = null;
      this.#schedule();
    });
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    this.#stops.push(() => theme.disconnect());
    this.#watchRatio();
    // Its labels are drawn with the app's font, which may come later.
    void document.fonts.ready.then(() => this.#schedule());
    this.#schedule();
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame);
    for (const stop of this.#stops) stop();
  }

  /** Puts the crosshair below the pointer; false where it is beside the charts. */
  point(clientX: number, target: EventTarget | null): void {
    const place = this.#places.find(({ canvas }) => canvas.parentElement?.contains(target as Node) === true);
    if (place === undefined) return this.leave();
    const left = place.canvas.getBoundingClientRect().left + leftMargin;
    const width = place.width - leftMargin - place.margin;
    this.#hover = { kind: 'pointer', fraction: Math.min(1, Math.max(0, (clientX - left) / width)) };
    this.#schedule();
  }

  /** Moves the crosshair by looks, or to an end; answers what it stands on, in words. */
  step(by: number): string {
    const moments = shownMoments();
    const now = this.#hover === null ? moments.length : this.#index(moments);
    const index = Math.max(0, Math.min(moments.length - 1, (now === -1 ? moments.length : now) + by));
    const moment = moments[index];
    if (moment === undefined) return 'Nothing is known yet';
    this.#hover = { kind: 'instant', atMs: moment.atMs };
    this.#schedule();
    const words = charts.map((chart) => {
      const parts = seriesOf(chart).map(
        (series) => `${series.label} ${valueLabel(unitOf(chart, series), series.value(moment.sample))}`,
      );
      return `${chart.title}: ${parts.join(', ')}`;
    });
    return `${timeLabel(moment.atMs, true)}. ${words.join('. ')}`;
  }

  /** Takes the crosshair away: the values are those of now. */
  leave(): void {
    if (this.#hover === null) return;
    this.#hover = null;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #window(): { readonly fromMs: number; readonly toMs: number } {
    const { rangeMs, autoRangeMs } = useActivity.getState();
    const toMs = axisEndMs();
    return { fromMs: toMs - (rangeMs ?? autoRangeMs), toMs };
  }

  #hoveredMs(): number | null {
    if (this.#hover === null) return null;
    if (this.#hover.kind === 'instant') return this.#hover.atMs;
    const { fromMs, toMs } = this.#window();
    return fromMs + this.#hover.fraction * (toMs - fromMs);
  }

  #index(moments = shownMoments()): number {
    const atMs = this.#hoveredMs();
    return atMs === null ? moments.length - 1 : nearestMoment(moments, atMs);
  }

  #draw(): void {
    const moments = shownMoments();
    const { fromMs, toMs } = this.#window();
    const ratio = window.devicePixelRatio;
    this.#ink ??= inkOf(this.#root);
    for (const place of this.#places) {
      const { chart, canvas, context, width, height, time } = place;
      place.margin = rightMargin(chart, moments);
      const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
      if (wide === 0 || high === 0) continue;
      if (canvas.width !== wide) canvas.width = wide;
      if (canvas.height !== high) canvas.height = high;
      drawChart(
        context,
        chart,
        { width, height, ratio, hasTimes: time !== null },
        { moments, fromMs, toMs },
        this.#ink,
      );
    }
    const index = this.#index(moments);
    const moment = moments[index] ?? null;
    const hoveredMs = this.#hover === null ? null : (moment?.atMs ?? this.#hoveredMs());
    for (const place of this.#places) {
      this.#showCrosshair(place, hoveredMs === null ? null : (hoveredMs - fromMs) / (toMs - fromMs), hoveredMs);
      for (const series of seriesOf(place.chart)) {
        const element = place.values.get(series.id);
        if (element === undefined) continue;
        const value = moment === null ? null : series.value(moment.sample);
        const isMissing =
          value === null && series.missing !== undefined && moment !== null && moment.sample.spanMs !== null;
        setText(element.value, isMissing ? (series.missing ?? '–') : valueLabel(unitOf(place.chart, series), value));
        element.value.toggleAttribute('data-missing', isMissing);
        if (series.isRare === true) element.entry.hidden = value === null || value === 0;
      }
    }
  }

  #showCrosshair({ crosshair, time, width, margin }: Place, fraction: number | null, atMs: number | null): void {
    const isShown = fraction !== null && atMs !== null && fraction >= 0 && fraction <= 1;
    crosshair.hidden = !isShown;
    if (time !== null) time.hidden = !isShown;
    if (!isShown) return;
    const x = leftMargin + fraction * (width - leftMargin - margin);
    crosshair.style.transform = `translateX(${x}px)`;
    if (time === null) return;
    setText(time, timeLabel(atMs, true));
    // Its own half width stays inside of the chart.
    time.style.transform = `translateX(${Math.min(Math.max(x, 30), width - 30)}px) translateX(-50%)`;
  }

  /** The window may move to a screen with other pixels. */
  #watchRatio(): void {
    let stop = (): void => {};
    const watch = (): void => {
      stop();
      const media = window.matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
      const change = (): void => {
        watch();
        this.#schedule();
      };
      media.addEventListener('change', change);
      stop = () => media.removeEventListener('change', change);
    };
    watch();
    this.#stops.push(() => stop());
  }
}

function placeOf(root: HTMLElement, chart: Chart): Place[] {
  const figure = root.querySelector<HTMLElement>(`[data-chart="${chart.id}"]`);
  const canvas = figure?.querySelector('canvas');
  const context = canvas?.getContext('2d');
  const crosshair = figure?.querySelector<HTMLElement>('[data-crosshair]');
  if (!figure || !canvas || !context || !crosshair) return [];
  const values = new Map<string, { value: HTMLElement; entry: HTMLElement }>();
  for (const { id } of seriesOf(chart)) {
    const entry = figure.querySelector<HTMLElement>(`[data-series="${id}"]`);
    const value = entry?.querySelector<HTMLElement>('[data-value]');
    if (entry && value) values.set(id, { entry, value });
  }
  const time = figure.querySelector<HTMLElement>('[data-time]');
  return [{ chart, canvas, context, crosshair, time, values, width: 0, height: 0, margin: 0 }];
}

function inkOf(root: HTMLElement): ChartInk {
  const style = getComputedStyle(root);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  const colors = new Map<string, string>();
  for (const chart of charts) for (const { color } of seriesOf(chart)) colors.set(color, token(color));
  return {
    colors,
    grid: token('--line'),
    label: token('--text-dim'),
    font: `10px ${token('--font-data')}`,
  };
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
