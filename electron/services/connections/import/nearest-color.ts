import type { Connection } from '#contract/connections.ts';

type Color = Connection['color'];

/** Hues in degrees, up to which a colour counts as one of ours. */
const hues: readonly (readonly [number, Color])[] = [
  [20, 'red'],
  [65, 'amber'],
  [170, 'green'],
  [250, 'blue'],
  [325, 'purple'],
  [360, 'red'],
];

/** The nearest of our colours to `#ff9900` or `255,153,0`. Undefined for what is no colour, or near white or black. */
export function nearestColor(text: string | undefined): Color | undefined {
  const hex = /^#(?<red>[\da-f]{2})(?<green>[\da-f]{2})(?<blue>[\da-f]{2})$/i.exec(text ?? '')?.groups;
  const decimal = /^(?<red>\d{1,3}),\s*(?<green>\d{1,3}),\s*(?<blue>\d{1,3})$/.exec(text ?? '')?.groups;
  const groups = hex ?? decimal;
  if (groups === undefined) return undefined;
  const [red = 0, green = 0, blue = 0] = ['red', 'green', 'blue'].map((name) =>
    Number.parseInt(groups[name] ?? '0', hex === undefined ? 10 : 16),
  );
  const most = Math.max(red, green, blue);
  const range = most - Math.min(red, green, blue);
  if (most > 255 || most < 40) return undefined;
  if (range < 24) return most > 235 ? undefined : 'grey';
  const sector =
    most === red
      ? ((green - blue) / range + 6) % 6
      : most === green
        ? (blue - red) / range + 2
        : (red - green) / range + 4;
  return hues.find(([end]) => sector * 60 <= end)?.[1];
}
