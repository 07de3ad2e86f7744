/** 0 is no heat at all; 1 to 5 are the steps of the ramp. */
export type HeatStep = 0 | 1 | 2 | 3 | 4 | 5;

const steps: readonly (readonly [share: number, step: HeatStep])[] = [
  [0.5, 5],
  [0.3, 4],
  [0.15, 3],
  [0.05, 2],
  [0.002, 1],
];

/** The step of a node's own part (0 to 1) of the whole. */
export function heatStep(share: number): HeatStep {
  return steps.find(([least]) => share >= least)?.[1] ?? 0;
}

/** A share in words: `83 %`, `0.4 %`; an empty string where it is too small to say. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent < 0.05) return '';
  return `${percent < 0.95 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** How far an estimate was off: `1.2×`, `640×`. Nothing where it means nothing. */
export function formatFactor(factor: number | null | undefined): string | null {
  if (factor === null || factor === undefined) return null;
  if (factor < 9.95) return `${factor < 1.05 ? '1' : factor.toFixed(1)}×`;
  if (factor < 1e4) return `${Math.round(factor)}×`;
  return `${factor.toExponential(0).replace('e+', 'e')}×`;
}

/** An estimate this far off leads to other plans than the right one would. */
export const farOff = 10;
