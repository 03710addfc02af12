/** A drawing as SVG text, for HTML. */
import type { Drawing, Shape } from './layout';
import { escapeHtml } from '../html/escape';

const n = (value: number): string => String(Math.round(value * 10) / 10);

function shapeText(shape: Shape): string {
  const series = shape.series === undefined ? '' : ` data-s="${shape.series}"`;
  const path = (points: readonly (readonly [number, number])[]) => points.map(([x, y]) => `${n(x)},${n(y)}`).join(' ');
  switch (shape.kind) {
    case 'line':
      return `<polyline${series} points="${path(shape.points)}" fill="none" stroke="${shape.color}" stroke-width="${shape.width}"/>`;
    case 'area':
      return `<polygon${series} points="${path(shape.points)}" fill="${shape.color}"/>`;
    case 'rect':
      return `<rect${series} x="${n(shape.x)}" y="${n(shape.y)}" width="${n(shape.width)}" height="${n(shape.height)}" fill="${shape.color}"/>`;
    case 'text':
      return `<text${series} x="${n(shape.x)}" y="${n(shape.y)}" font-size="${shape.size}" fill="${shape.color}" text-anchor="${shape.anchor}"${shape.bold === true ? ' font-weight="600"' : ''}>${escapeHtml(shape.text)}</text>`;
  }
}

export function drawingToSvg(drawing: Drawing, id: string, alternative: string): string {
  const { left, right, top, bottom } = drawing.plot;
  return `<svg id="${id}" viewBox="0 0 ${n(drawing.width)} ${n(drawing.height)}" role="img" aria-label="${escapeHtml(alternative)}" data-plot="${[left, right, top, bottom].map(n).join(' ')}">${drawing.shapes.map(shapeText).join('')}</svg>`;
}
