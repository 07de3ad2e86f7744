import { tokenValue } from '../../../theme/theme.ts';

import type { DiagramColors } from './diagram-shapes.ts';

/** The theme's colours as they stand now. */
export function diagramColors(): DiagramColors {
  return {
    background: tokenValue('--surface'),
    box: tokenValue('--raised'),
    border: tokenValue('--line-strong'),
    strong: tokenValue('--text-strong'),
    text: tokenValue('--text'),
    dim: tokenValue('--text-dim'),
    name: tokenValue('--sql-name'),
    warning: tokenValue('--warning'),
    accent: tokenValue('--accent'),
    well: tokenValue('--well'),
    flow: tokenValue('--line-strong'),
    heat: ['transparent', ...([1, 2, 3, 4, 5] as const).map((step) => tokenValue(`--heat-${step}`))],
  };
}
