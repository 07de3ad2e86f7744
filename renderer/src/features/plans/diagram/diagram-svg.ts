import { escapeXml } from '../../../lib/escape-xml.ts';

import type { DiagramFont, DiagramShape } from './diagram-shapes.ts';

const fonts: Readonly<Record<DiagramFont, string>> = {
  title: 'font-family="Inter, system-ui, sans-serif" font-size="12" font-weight="600"',
  data: 'font-family="\'JetBrains Mono\', ui-monospace, monospace" font-size="11.5"',
  small: 'font-family="\'JetBrains Mono\', ui-monospace, monospace" font-size="11"',
};
const anchors = { left: 'start', right: 'end', center: 'middle' } as const;

/**
 * Shapes as an SVG document of its own. `fit` cuts text to a width.
 * Names in a plan are anybody's: everything is escaped, and no character is written that XML does not allow.
 */
export function toDiagramSvg(
  shapes: readonly DiagramShape[],
  size: { readonly width: number; readonly height: number; readonly background: string },
  fit: (text: string, maxWidth: number, font: DiagramFont) => string,
): string {
  const { width, height, background } = size;
  const body = shapes.map((shape) => shapeSvg(shape, fit)).join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<rect width="${width}" height="${height}" fill="${background}"/>
${body}
</svg>
`;
}

function shapeSvg(shape: DiagramShape, fit: (text: string, maxWidth: number, font: DiagramFont) => string): string {
  switch (shape.kind) {
    case 'rectangle': {
      const stroke = shape.stroke === null ? '' : ` stroke="${shape.stroke}" stroke-width="${shape.strokeWidth}"`;
      return `<rect x="${shape.left}" y="${shape.top}" width="${round(shape.width)}" height="${shape.height}" rx="${shape.radius}" fill="${shape.fill ?? 'none'}"${stroke}/>`;
    }
    case 'curve': {
      const middle = (shape.fromX + shape.toX) / 2;
      const dash = shape.dashed ? ' stroke-dasharray="4 4"' : '';
      return `<path d="M${shape.fromX} ${shape.fromY}C${middle} ${shape.fromY} ${middle} ${shape.toY} ${shape.toX} ${shape.toY}" fill="none" stroke="${shape.stroke}" stroke-width="${round(shape.width)}"${dash}/>`;
    }
    case 'text':
      return `<text x="${shape.x}" y="${round(shape.y)}" text-anchor="${anchors[shape.align]}" fill="${shape.fill}" ${fonts[shape.font]}>${escapeXml(fit(shape.text, shape.maxWidth, shape.font))}</text>`;
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
