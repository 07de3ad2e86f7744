import type { DiagramFont, DiagramShape } from './diagram-shapes.ts';

/** The fonts of the diagram, as CSS writes them. */
export const diagramFonts: Readonly<Record<DiagramFont, string>> = {
  title: "600 12px 'Inter Variable', Inter, system-ui, sans-serif",
  data: "400 11.5px 'JetBrains Mono Variable', 'JetBrains Mono', ui-monospace, monospace",
  small: "400 11px 'JetBrains Mono Variable', 'JetBrains Mono', ui-monospace, monospace",
};

/** Draws shapes on a canvas whose origin and scale are set. */
export function paintShapes(context: CanvasRenderingContext2D, shapes: readonly DiagramShape[]): void {
  context.textBaseline = 'alphabetic';
  for (const shape of shapes) {
    switch (shape.kind) {
      case 'rectangle':
        context.beginPath();
        context.roundRect(shape.left, shape.top, shape.width, shape.height, shape.radius);
        if (shape.fill !== null) {
          context.fillStyle = shape.fill;
          context.fill();
        }
        if (shape.stroke !== null) {
          context.strokeStyle = shape.stroke;
          context.lineWidth = shape.strokeWidth;
          context.stroke();
        }
        break;
      case 'curve': {
        const middle = (shape.fromX + shape.toX) / 2;
        context.beginPath();
        context.moveTo(shape.fromX, shape.fromY);
        context.bezierCurveTo(middle, shape.fromY, middle, shape.toY, shape.toX, shape.toY);
        context.strokeStyle = shape.stroke;
        context.lineWidth = shape.width;
        context.setLineDash(shape.dashed ? [4, 4] : []);
        context.stroke();
        context.setLineDash([]);
        break;
      }
      case 'text':
        context.font = diagramFonts[shape.font];
        context.fillStyle = shape.fill;
        context.textAlign = shape.align;
        context.fillText(fitted(context, shape.text, shape.maxWidth), shape.x, shape.y);
        break;
    }
  }
}

/** Text cut to a width, with an ellipsis. Long text is measured by halves. */
export function fitted(context: CanvasRenderingContext2D, text: string, maxWidth: number): string {
  const flat = text.length > 400 ? text.slice(0, 400) : text;
  if (context.measureText(flat).width <= maxWidth) return flat;
  let low = 0;
  let high = flat.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (context.measureText(`${flat.slice(0, middle)}…`).width <= maxWidth) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? '' : `${flat.slice(0, low)}…`;
}
