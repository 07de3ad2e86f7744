import type { PlanIndex } from '../reader/plan-index.ts';
import { treeRows } from '../tree/tree-rows.ts';
import type { PlanFolding } from '../tree/tree-rows.ts';

import { diagramColors } from './diagram-colors.ts';
import { layoutDiagram } from './diagram-layout.ts';
import { diagramShapes } from './diagram-shapes.ts';
import type { DiagramShape } from './diagram-shapes.ts';
import { toDiagramSvg } from './diagram-svg.ts';
import { diagramFonts, fitted, paintShapes } from './paint-shapes.ts';

/** A canvas of a browser has no more pixels than this on a side. */
const mostPixels = 16_000;
/** Smaller than this nobody could read it. */
const leastScale = 0.5;
const tooLarge = 'The diagram is too large for a PNG. Fold a part of it, or save it as SVG.';

/** The whole diagram as an SVG document, folded as it is on screen. */
export function diagramAsSvg(index: PlanIndex, folding: PlanFolding): string {
  const { width, height, shapes, background } = wholeDiagram(index, folding);
  const context = document.createElement('canvas').getContext('2d');
  return toDiagramSvg(shapes, { width, height, background }, (text, maxWidth, font) => {
    if (context === null) return text;
    context.font = diagramFonts[font];
    return fitted(context, text, maxWidth);
  });
}

/** The whole diagram as a PNG, at twice its size where that fits. Rejects where it is too large for any canvas. */
export async function diagramAsPng(index: PlanIndex, folding: PlanFolding): Promise<Blob> {
  const { width, height, shapes, background } = wholeDiagram(index, folding);
  const scale = Math.min(2, mostPixels / Math.max(width, height));
  if (scale < leastScale) throw new Error(tooLarge);
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil(width * scale);
  canvas.height = Math.ceil(height * scale);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('This browser draws no pictures.');
  context.scale(scale, scale);
  context.fillStyle = background;
  context.fillRect(0, 0, width, height);
  paintShapes(context, shapes);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob === null) reject(new Error(tooLarge));
      else resolve(blob);
    }, 'image/png');
  });
}

function wholeDiagram(
  index: PlanIndex,
  folding: PlanFolding,
): { width: number; height: number; shapes: DiagramShape[]; background: string } {
  const diagram = layoutDiagram(treeRows(index, folding));
  const colors = diagramColors();
  const { width, height } = diagram;
  const shapes = diagramShapes(
    diagram,
    index,
    colors,
    { left: 0, top: 0, right: width, bottom: height },
    { scale: 1, chosen: -1 },
  );
  return { width, height, shapes, background: colors.background };
}
