/** The strip itself: one line per asset, one column per month, drawn on a canvas so that thousands of cells stay quick. */
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import { token } from '#renderer/plotly';

export interface StripCell {
  readonly asset: number;
  readonly month: number;
}

export interface CoverageStripProps {
  /** One character per month: '#', '+' or '.'. */
  readonly coverage: readonly string[];
  readonly months: readonly string[];
  readonly height: number;
  readonly onCell: (cell: StripCell | null) => void;
}

const AXIS = 18;

function draw(canvas: HTMLCanvasElement, { coverage, months, height }: CoverageStripProps, width: number): void {
  const scale = window.devicePixelRatio;
  canvas.width = width * scale;
  canvas.height = (height + AXIS) * scale;
  const context = canvas.getContext('2d');
  if (context === null || months.length === 0) return;
  context.scale(scale, scale);
  context.clearRect(0, 0, width, height + AXIS);
  const cellWidth = width / months.length;
  const cellHeight = height / Math.max(coverage.length, 1);
  const gap = cellHeight >= 4 ? 1 : 0;
  const accent = token('accent');
  for (const [row, line] of coverage.entries()) {
    for (let month = 0; month < line.length; month++) {
      if (line[month] === '.') continue;
      context.globalAlpha = line[month] === '#' ? 0.6 : 0.25;
      context.fillStyle = accent;
      context.fillRect(month * cellWidth, row * cellHeight, cellWidth + 0.5, cellHeight - gap);
    }
  }
  context.globalAlpha = 1;
  context.fillStyle = token('faint');
  context.font = `11px ${token('font-text')}`;
  const every = Math.max(1, Math.ceil(months.length / 12 / (width / 60)));
  for (const [index, month] of months.entries()) {
    if (!month.endsWith('-01') || Number(month.slice(0, 4)) % every !== 0) continue;
    context.fillRect(index * cellWidth, height, 1, 4);
    context.fillText(month.slice(0, 4), Math.min(index * cellWidth + 3, width - 28), height + 13);
  }
}

export function CoverageStrip(props: CoverageStripProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { ref, width } = useElementSize();
  const scheme = useComputedColorScheme('light');
  useEffect(() => {
    if (canvas.current !== null && width > 0) draw(canvas.current, props, width);
  }, [props, width, scheme]);
  const { coverage, months, height, onCell } = props;
  return (
    <div ref={ref}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={`Coverage of ${coverage.length} assets over ${months.length} months; the table beside it holds the numbers.`}
        style={{ display: 'block', width: '100%', height: height + AXIS }}
        onMouseMove={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          const month = Math.floor(((event.clientX - box.left) / box.width) * months.length);
          const asset = Math.floor(((event.clientY - box.top) / height) * coverage.length);
          onCell(coverage[asset]?.[month] === undefined ? null : { asset, month });
        }}
        onMouseLeave={() => onCell(null)}
      />
    </div>
  );
}
