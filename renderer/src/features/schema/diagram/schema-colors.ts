import type { ResolvedTheme } from '../../../theme/theme.ts';

// Twelve hues that hold 3:1 on the surfaces of their theme, told apart by their neighbours' distance. The name beside
// them carries the meaning. Literal values, because canvas and exported SVG cannot read custom properties.
const colors: Readonly<Record<ResolvedTheme, readonly string[]>> = {
  dark: [
    '#62adff',
    '#4cc38a',
    '#b48cf2',
    '#f0b44c',
    '#ff8f6b',
    '#4fc8d6',
    '#f07fb3',
    '#a3c955',
    '#8b98ff',
    '#d6a26b',
    '#6bd0a8',
    '#c9a0dc',
  ],
  light: [
    '#1a66c9',
    '#18794e',
    '#7c3fc4',
    '#9a6200',
    '#b8451f',
    '#0f7a8a',
    '#b02a6f',
    '#5a7a12',
    '#4a58d8',
    '#85581f',
    '#1c7a5e',
    '#8a4ba6',
  ],
};

/** The colour of a schema: by its place among all schemas, so that it does not change with what is in view. */
export function schemaColor(schemas: readonly string[], schema: string, theme: ResolvedTheme): string {
  const palette = colors[theme];
  return palette[Math.max(0, schemas.indexOf(schema)) % palette.length] ?? '#8b94a3';
}
