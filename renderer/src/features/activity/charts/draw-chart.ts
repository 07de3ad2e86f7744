import type { Moment } from '../sample-memory.ts';

import type { Chart, Series, Stroke } from './chart-definitions.ts';
import { scaleFor, tickLabel, timeLabel, timeTicks } from './chart-scale.ts';
import type { ChartUnit, Scale } from './chart-scale.ts';

/** What all charts share at one instant. */
export interface ChartWindow {
  readonly moments: readonly Moment[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** The place of a chart in CSS pixels, and how many pixels of the screen each of them is. */
export interface ChartBox {
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
  /** Has the labels of the time axis below it. */
  readonly hasTimes: boolean;
}

export interface ChartInk {
  readonly colors: ReadonlyMap<string, string>;
  readonly grid: string;
  readonly label: string;
  readonly font: string;
}

export const leftMargin = 44;
export const timesHeight = 15;
const topMargin = 5;
const bottomMargin = 2;
const labelGap = 5;

/** Space on the right: that of an axis of its own where there is anything on it. */
export function rightMargin(chart: Chart, moments: readonly Moment[]): number {
  const own = chart.series.find((series) => series.rightUnit !== undefined);
  return own !== undefined && moments.some(({ sample }) => own.value(sample) !== null) ? 44 : 6;
}

/** Draws one chart anew. What is not known is left out: never a line across it, never a zero. */
export function drawChart(
  context: CanvasRenderingContext2D,
  chart: Chart,
  box: ChartBox,
  { moments, fromMs, toMs }: ChartWindow,
  ink: ChartInk,
): void {
  const { width, height, ratio } = box;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const area = {
    left: leftMargin,
    right: width - rightMargin(chart, moments),
    top: topMargin,
    bottom: height - bottomMargin - (box.hasTimes ? timesHeight : 0),
  };
  if (area.right - area.left < 8 || area.bottom - area.top < 8) return;
  const first = firstShown(moments, fromMs);
  const x = (atMs: number): number => area.left + ((atMs - fromMs) / (toMs - fromMs)) * (area.right - area.left);
  const yOf = (scale: Scale) => {
    const perUnit = (area.bottom - area.top) / (scale.top - scale.bottom);
    return (value: number): number => area.bottom - (Math.max(scale.bottom, value) - scale.bottom) * perUnit;
  };
  const left = chart.series.filter(({ rightUnit }) => rightUnit === undefined);
  const right = chart.series.filter(({ rightUnit }) => rightUnit !== undefined);
  const scale = scaleOf(chart, left, chart.unit, moments, first);
  drawGrid(context, box, area, scale, chart.unit, ink, timeTicks(fromMs, toMs), x);
  context.save();
  context.beginPath();
  context.rect(area.left, 0, area.right - area.left, height);
  context.clip();
  context.lineJoin = 'round';
  const perPixel = (moments.length - first) / (area.right - area.left);
  const isDense = perPixel > 1.5;
  // Where several looks share a pixel a line goes up and down inside of it: thinner, it does not become a block.
  context.lineWidth = isDense ? 1 : 1.4;
  const bucketMs = isDense ? (bucketWidth * (toMs - fromMs)) / (area.right - area.left) : 0;
  const shown = moments.slice(first);
  if (chart.kind === 'stack') drawStack(context, chart, shown, bucketMs, x, yOf(scale), area.bottom, ink);
  else {
    for (const [index, series] of left.entries()) {
      const isFilled = index === 0 && chart.unit !== 'share';
      drawLine(context, series, traces(shown, series, bucketMs), x, yOf(scale), ink, isFilled ? area.bottom : null);
    }
  }
  for (const series of right) {
    const own = scaleOf(chart, [series], series.rightUnit ?? chart.unit, moments, first);
    drawLine(context, series, traces(shown, series, bucketMs), x, yOf(own), ink, null);
  }
  context.restore();
  for (const series of right) {
    const unit = series.rightUnit ?? chart.unit;
    if (!moments.some(({ sample }) => series.value(sample) !== null)) continue;
    const own = scaleOf(chart, [series], unit, moments, first);
    context.textAlign = 'left';
    context.fillStyle = ink.label;
    for (const tick of own.ticks)
      context.fillText(tickLabel(unit, tick), area.right + labelGap, textMiddle(yOf(own)(tick), area, height));
  }
}

interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The moment just before the window too, so that lines come in from outside. */
function firstShown(moments: readonly Moment[], fromMs: number): number {
  const first = moments.findIndex(({ atMs }) => atMs >= fromMs);
  return first === -1 ? moments.length : Math.max(0, first - 1);
}

function scaleOf(
  chart: Chart,
  series: readonly Series[],
  unit: ChartUnit,
  moments: readonly Moment[],
  first: number,
): Scale {
  let smallest = Number.POSITIVE_INFINITY;
  let greatest = 0;
  for (let index = first; index < moments.length; index += 1) {
    const moment = moments[index];
    if (moment === undefined) continue;
    let sum = 0;
    for (const one of series) {
      const value = one.value(moment.sample);
      if (value === null) continue;
      sum = chart.kind === 'stack' ? sum + value : value;
      if (sum > greatest) greatest = sum;
      if (sum < smallest) smallest = sum;
    }
  }
  return scaleFor(unit, Number.isFinite(smallest) ? smallest : 1, greatest);
}

function drawGrid(
  context: CanvasRenderingContext2D,
  box: ChartBox,
  area: Area,
  scale: Scale,
  unit: ChartUnit,
  ink: ChartInk,
  times: readonly number[],
  x: (atMs: number) => number,
): void {
  context.lineWidth = 1;
  context.setLineDash([]);
  context.strokeStyle = ink.grid;
  context.beginPath();
  const crisp = (at: number): number => (Math.round(at * box.ratio) + 0.5) / box.ratio;
  for (const tick of scale.ticks) {
    const y = crisp(area.bottom - ((tick - scale.bottom) / (scale.top - scale.bottom)) * (area.bottom - area.top) - 1);
    context.moveTo(area.left, y);
    context.lineTo(area.right, y);
  }
  for (const at of times) {
    context.moveTo(crisp(x(at)), area.top);
    context.lineTo(crisp(x(at)), area.bottom);
  }
  context.stroke();
  context.font = ink.font;
  context.fillStyle = ink.label;
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  for (const tick of scale.ticks) {
    const y = area.bottom - ((tick - scale.bottom) / (scale.top - scale.bottom)) * (area.bottom - area.top);
    context.fillText(tickLabel(unit, tick), area.left - labelGap, textMiddle(y, area, box.height));
  }
  if (!box.hasTimes) return;
  context.textAlign = 'center';
  const withSeconds = times.length > 1 && ((times[1] ?? 0) - (times[0] ?? 0)) % 60_000 !== 0;
  for (const at of times) {
    // A label that would be cut off is left out.
    const half = withSeconds ? 26 : 17;
    if (x(at) < area.left + 8 || x(at) + half > box.width) continue;
    context.fillText(timeLabel(at, withSeconds), x(at), box.height - timesHeight / 2 + 1);
  }
}

/** Labels at the ends stand inside of the canvas. */
function textMiddle(y: number, area: Area, height: number): number {
  return Math.min(Math.max(y, area.top), Math.min(area.bottom, height) - 4);
}

const dashes: Readonly<Record<Stroke, readonly number[]>> = { solid: [], dashed: [5, 3], dotted: [1.5, 2.5] };

/** Pixels that are drawn as one where there are more looks than pixels. */
const bucketWidth = 2;

/** A stretch of a line without a gap: the instants, and the values there. */
export interface Trace {
  readonly times: readonly number[];
  readonly values: readonly number[];
}

/**
 * What is known of a series, in stretches without a gap. With a bucket, of what lies in each of them the smallest and
 * the greatest remain: a peak is never lost. Buckets are places on the clock, so that a line keeps its form as it moves.
 */
export function traces(moments: readonly Moment[], series: Series, bucketMs: number): readonly Trace[] {
  const found: { times: number[]; values: number[] }[] = [];
  let trace: { times: number[]; values: number[] } | null = null;
  let bucket = Number.NaN;
  let [lowAt, low, highAt, high] = [0, 0, 0, 0];
  const flush = (): void => {
    if (trace === null || Number.isNaN(bucket)) return;
    const [first, second] = lowAt < highAt ? [lowAt, highAt] : [highAt, lowAt];
    trace.times.push(first);
    trace.values.push(lowAt < highAt ? low : high);
    if (second !== first) {
      trace.times.push(second);
      trace.values.push(lowAt < highAt ? high : low);
    }
    bucket = Number.NaN;
  };
  for (const { atMs, sample, afterGap } of moments) {
    const value = series.value(sample);
    if (value === null || afterGap) {
      flush();
      trace = null;
    }
    if (value === null) continue;
    if (trace === null) {
      trace = { times: [], values: [] };
      found.push(trace);
    }
    const place = bucketMs === 0 ? atMs : Math.floor(atMs / bucketMs);
    if (place !== bucket) {
      flush();
      bucket = place;
      [lowAt, low, highAt, high] = [atMs, value, atMs, value];
    } else if (value < low) [lowAt, low] = [atMs, value];
    else if (value > high) [highAt, high] = [atMs, value];
  }
  flush();
  return found;
}

/** Of the moments in each bucket the one at which a stack is highest. Those that follow a gap remain. */
function thinned(moments: readonly Moment[], { series }: Chart, bucketMs: number): readonly Moment[] {
  if (bucketMs === 0) return moments;
  const kept: Moment[] = [];
  let bucket = Number.NaN;
  let highest = 0;
  for (const moment of moments) {
    let total = 0;
    for (const one of series) total += one.value(moment.sample) ?? 0;
    const place = Math.floor(moment.atMs / bucketMs);
    if (place !== bucket || moment.afterGap) {
      kept.push(moment);
      bucket = place;
      highest = total;
    } else if (total > highest && kept.at(-1)?.afterGap !== true) {
      kept[kept.length - 1] = moment;
      highest = total;
    }
  }
  return kept;
}

/** Draws a line through what is known. With `floor` the place below it is washed down to there. */
function drawLine(
  context: CanvasRenderingContext2D,
  series: Series,
  found: readonly Trace[],
  x: (atMs: number) => number,
  y: (value: number) => number,
  ink: ChartInk,
  floor: number | null,
): void {
  const color = ink.colors.get(series.color) ?? ink.label;
  const path = (isFilled: boolean): void => {
    context.beginPath();
    for (const { times, values } of found) {
      const [start, end] = [x(times[0] ?? 0), x(times.at(-1) ?? 0)];
      if (isFilled) context.moveTo(start, floor ?? 0);
      else context.moveTo(start, y(values[0] ?? 0));
      for (const [index, atMs] of times.entries()) context.lineTo(x(atMs), y(values[index] ?? 0));
      // One look alone is seen too.
      if (times.length === 1) context.lineTo(start + 1, y(values[0] ?? 0));
      if (isFilled) context.lineTo(end, floor ?? 0);
    }
  };
  if (floor !== null) {
    context.fillStyle = color;
    context.globalAlpha = 0.11;
    path(true);
    context.fill();
    context.globalAlpha = 1;
  }
  context.strokeStyle = color;
  context.setLineDash(dashes[series.stroke] as number[]);
  path(false);
  context.stroke();
  context.setLineDash([]);
}

function drawStack(
  context: CanvasRenderingContext2D,
  chart: Chart,
  moments: readonly Moment[],
  bucketMs: number,
  x: (atMs: number) => number,
  y: (value: number) => number,
  floor: number,
  ink: ChartInk,
): void {
  const shown = thinned(moments, chart, bucketMs);
  let below: readonly number[] = shown.map(() => 0);
  for (const one of chart.series) {
    const above = shown.map(({ sample }, index) => (below[index] ?? 0) + (one.value(sample) ?? 0));
    // A series that has been nothing all the time would be a line on top of the one before.
    if (above.some((value, index) => value !== below[index])) drawBand(context, one, shown, below, above, x, y, ink);
    below = above;
  }
  if (chart.marked === undefined) return;
  context.fillStyle = ink.colors.get(chart.marked.color) ?? ink.label;
  // Bars from the floor, one for each look: told from the bands by their form.
  for (const [index, { atMs, sample }] of moments.entries()) {
    const value = chart.marked.value(sample) ?? 0;
    if (value === 0) continue;
    const next = moments[index + 1];
    const at = x(atMs);
    const width = Math.max(1, Math.min(6, (next === undefined || next.afterGap ? at + 2 : x(next.atMs)) - at));
    context.fillRect(at, y(value), width, floor - y(value));
  }
}

function drawBand(
  context: CanvasRenderingContext2D,
  series: Series,
  moments: readonly Moment[],
  below: readonly number[],
  above: readonly number[],
  x: (atMs: number) => number,
  y: (value: number) => number,
  ink: ChartInk,
): void {
  const color = ink.colors.get(series.color) ?? ink.label;
  for (const [start, end] of stretches(moments)) {
    context.beginPath();
    for (let index = start; index < end; index += 1) context.lineTo(x(moments[index]?.atMs ?? 0), y(above[index] ?? 0));
    for (let index = end - 1; index >= start; index -= 1)
      context.lineTo(x(moments[index]?.atMs ?? 0), y(below[index] ?? 0));
    context.closePath();
    context.globalAlpha = 0.24;
    context.fillStyle = color;
    context.fill();
    context.globalAlpha = 1;
    context.beginPath();
    for (let index = start; index < end; index += 1) context.lineTo(x(moments[index]?.atMs ?? 0), y(above[index] ?? 0));
    context.strokeStyle = color;
    context.setLineDash(dashes[series.stroke] as number[]);
    context.stroke();
    context.setLineDash([]);
  }
}

/** From and to of what was looked at without a gap. */
function stretches(moments: readonly Moment[]): readonly (readonly [number, number])[] {
  const found: (readonly [number, number])[] = [];
  let start = 0;
  for (const [index, moment] of moments.entries()) {
    if (index > start && moment.afterGap) {
      found.push([start, index]);
      start = index;
    }
  }
  if (moments.length > start) found.push([start, moments.length]);
  return found;
}
