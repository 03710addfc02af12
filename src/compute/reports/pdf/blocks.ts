/** The other blocks in a PDF: headlines, texts, facts and charts. */
import type { Block, Chart, Headline, Report, Tone } from '../model';
import { drawChart, type Shape } from '../charts/layout';
import type { NumberTexts } from '../numbers';
import { INK, type Flow } from './flow';
import { drawTable } from './table';
import type { TextStyle } from './text';

export const TONE_INK: Readonly<Record<Tone, string>> = {
  primary: INK.text,
  good: '#1B7F4D',
  bad: '#A32020',
  warn: '#8A5A00',
  quiet: INK.second,
};

export function drawBlock(flow: Flow, block: Block, report: Report, numbers: NumberTexts): void {
  switch (block.type) {
    case 'text':
      flow.paragraph(block.text, {
        size: block.tone === 'quiet' ? 7.5 : 9,
        color: TONE_INK[block.tone ?? 'primary'],
        gap: 5,
      });
      return;
    case 'list':
      drawList(flow, block.items, TONE_INK[block.tone ?? 'primary']);
      return;
    case 'headlines':
      drawHeadlines(flow, block.items, numbers);
      return;
    case 'facts':
      drawFacts(flow, block.items);
      return;
    case 'table':
      drawTable(flow, block, report, numbers);
      return;
    case 'chart':
      drawFigure(flow, block, report, numbers);
  }
}

function drawList(flow: Flow, items: readonly string[], color: string): void {
  const list = flow.element('L');
  for (const item of items) {
    const element = flow.element('LI', {}, list);
    flow.ensure(14);
    const label = flow.element('Lbl', {}, element);
    flow.content(label, 'Lbl', () => flow.painter.draw('•', flow.left + 2, flow.y + 9, { size: 9, color }));
    flow.paragraph(item, { tag: 'LBody', size: 9, color, indent: 12, gap: 2, parent: element });
  }
  flow.y += 4;
}

/** Up to five in a row, each with its small lines below. */
function drawHeadlines(flow: Flow, items: readonly Headline[], numbers: NumberTexts): void {
  const { painter } = flow;
  const gap = 12;
  const perRow = Math.min(5, Math.max(1, items.length));
  const width = (flow.width - gap * (perRow - 1)) / perRow;
  const label: TextStyle = { size: 7.5, color: INK.second };
  const note: TextStyle = { size: 6.8, color: INK.faint };
  for (let first = 0; first < items.length; first += perRow) {
    const row = items.slice(first, first + perRow).map(({ label: text, figure, notes }) => {
      const value = numbers.figure(figure);
      const natural = painter.width(value, { size: 19 });
      return {
        labels: painter.wrap(text, label, width),
        value,
        size: figure.value === null ? 11 : Math.min(19, (19 * width) / natural),
        notes: [...(figure.value === null && figure.reason !== undefined ? [figure.reason] : []), ...notes].flatMap(
          (line) => painter.wrap(line, note, width),
        ),
      };
    });
    const labelLines = Math.max(...row.map(({ labels }) => labels.length));
    const height = 6 + labelLines * 9.5 + 24 + Math.max(...row.map(({ notes }) => notes.length)) * 8.8 + 8;
    flow.ensure(height);
    row.forEach((item, k) => {
      const x = flow.left + k * (width + gap);
      flow.artifact(() => {
        flow.document
          .moveTo(x, flow.y)
          .lineTo(x + width, flow.y)
          .lineWidth(1)
          .strokeColor(INK.strong)
          .stroke();
      });
      flow.content(flow.element('P'), 'P', () => {
        let y = flow.y + 11;
        for (const line of item.labels) {
          painter.draw(line, x, y, label);
          y += 9.5;
        }
        y = flow.y + 6 + labelLines * 9.5 + 18;
        painter.draw(item.value, x, y, { size: item.size, color: INK.text, tabular: true });
        y += 12;
        for (const line of item.notes) {
          painter.draw(line, x, y, note);
          y += 8.8;
        }
      });
    });
    flow.y += height;
  }
}

export function drawFacts(flow: Flow, items: readonly (readonly [string, string])[]): void {
  const { painter } = flow;
  const name: TextStyle = { size: 8, color: INK.second };
  const value: TextStyle = { size: 8, color: INK.text };
  const offset = Math.min(flow.width * 0.4, Math.max(...items.map(([text]) => painter.width(text, name)), 40) + 14);
  const list = flow.element('L');
  for (const [title, text] of items) {
    const lines = painter.wrap(text, value, flow.width - offset);
    const titles = painter.wrap(title, name, offset - 8);
    const height = Math.max(lines.length, titles.length) * 11;
    flow.ensure(Math.min(height, flow.bottom - 60));
    const item = flow.element('LI', {}, list);
    flow.content(flow.element('Lbl', {}, item), 'Lbl', () => {
      titles.forEach((line, i) => painter.draw(line, flow.left, flow.y + 8 + i * 11, name));
    });
    flow.content(flow.element('LBody', {}, item), 'LBody', () => {
      lines.forEach((line, i) => painter.draw(line, flow.left + offset, flow.y + 8 + i * 11, value));
    });
    flow.y += height + 1;
  }
  flow.y += 6;
}

function drawFigure(flow: Flow, chart: Chart, report: Report, numbers: NumberTexts): void {
  const { painter, document } = flow;
  const drawing = drawChart(chart, {
    width: flow.width,
    look: report.look,
    numbers,
    measure: (text, size) => painter.width(text, { size }),
  });
  const height = drawing?.height ?? 16;
  flow.ensure(height + 34);
  flow.y += 8;
  flow.paragraph(chart.title, { size: 9.5, color: INK.text, bold: true, tag: 'H3', gap: 4 });
  const { left, width, y } = flow;
  const figure = flow.element('Figure', { alt: chart.alternative, bbox: [left, y, left + width, y + height] });
  flow.content(figure, 'Figure', () => {
    if (drawing === null) painter.draw('–', left, y + 10, { size: 9, color: INK.second });
    for (const shape of drawing?.shapes ?? []) drawShape(flow, shape, left, y);
    document.strokeColor(INK.text);
  });
  flow.y += height + 8;
}

function drawShape({ document, painter }: Flow, shape: Shape, x0: number, y0: number): void {
  switch (shape.kind) {
    case 'line':
    case 'area': {
      shape.points.forEach(([x, y], i) =>
        i === 0 ? document.moveTo(x0 + x, y0 + y) : document.lineTo(x0 + x, y0 + y),
      );
      if (shape.kind === 'line') document.lineWidth(shape.width).lineJoin('round').strokeColor(shape.color).stroke();
      else document.fill(shape.color);
      return;
    }
    case 'rect':
      document.rect(x0 + shape.x, y0 + shape.y, shape.width, shape.height).fill(shape.color);
      return;
    case 'text': {
      const style: TextStyle = { size: shape.size, color: shape.color, bold: shape.bold === true };
      const width = painter.width(shape.text, style);
      const shift = shape.anchor === 'start' ? 0 : shape.anchor === 'middle' ? width / 2 : width;
      painter.draw(shape.text, x0 + shape.x - shift, y0 + shape.y, style);
    }
  }
}
