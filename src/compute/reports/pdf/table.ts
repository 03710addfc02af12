/** Tables in a PDF: columns as wide as they need, headers again on every page, rows that never break, wide tables in parts. */
import type { Cell, Report, Row, Table, Tone } from '../model';
import type { NumberTexts } from '../numbers';
import { columnTotal } from '../totals';
import { INK, type Element, type Flow } from './flow';
import type { TextStyle } from './text';

const PAD = 4;
const SIZES = [8, 7, 6.2] as const;
const LEAST_TEXT = 44;
const MOST_TEXT = 250;
const SAMPLED = 400;
const TONES: Readonly<Record<Tone, string>> = {
  primary: INK.text,
  good: '#1B7F4D',
  bad: '#A32020',
  warn: '#8A5A00',
  quiet: INK.second,
};

interface Layout {
  readonly size: number;
  /** Places of the columns of each part; the first column is in all of them. */
  readonly parts: readonly { readonly columns: readonly number[]; readonly widths: readonly number[] }[];
}

interface Drawn {
  readonly table: Table;
  readonly texts: readonly (readonly CellTexts[])[];
  readonly totals: readonly CellTexts[] | null;
}

interface CellTexts {
  readonly main: string;
  readonly small: string;
}

export function drawTable(flow: Flow, table: Table, report: Report, numbers: NumberTexts): void {
  const drawn = textsOf(table, report, numbers);
  const layout = layoutOf(flow, drawn);
  const title: TextStyle = { size: 9.5, color: INK.text, bold: true };
  flow.ensure(72);
  flow.y += 8;
  flow.paragraph(table.title, { ...title, tag: 'H3', gap: 3 });
  for (const part of layout.parts) {
    drawPart(flow, drawn, layout.size, part);
    flow.y += 6;
  }
  if (table.note !== undefined && table.note !== '') flow.paragraph(table.note, { size: 7, color: INK.faint, gap: 6 });
}

function textsOf(table: Table, report: Report, numbers: NumberTexts): Drawn {
  const text = (cell: Cell): CellTexts => {
    if (cell === null) return { main: '', small: '' };
    if (typeof cell === 'string') return { main: cell, small: '' };
    return { main: numbers.figure(cell), small: numbers.interval(cell) };
  };
  const hasTotals = table.columns.some(({ total }) => total !== undefined);
  return {
    table,
    texts: table.rows.map(({ cells }) => cells.map(text)),
    totals: hasTotals
      ? table.columns.map(({ unit }, j) => {
          const total = columnTotal(table, j);
          const main =
            total === null || unit === undefined ? (j === 0 ? report.words.total : '') : numbers.text(total, unit);
          return { main, small: '' };
        })
      : null,
  };
}

/** The largest size at which everything fits; at the smallest, parts side by side become parts one below the other. */
function layoutOf(flow: Flow, drawn: Drawn): Layout {
  for (const size of SIZES) {
    const natural = naturalWidths(flow, drawn, size);
    const widths = fit(drawn.table, natural, leastWidths(flow, drawn.table, size), flow.width);
    if (widths !== null) return { size, parts: [{ columns: widths.map((_, j) => j), widths }] };
  }
  const size = SIZES[SIZES.length - 1];
  const natural = naturalWidths(flow, drawn, size).map((width, j) => (j === 0 ? Math.min(width, 130) : width));
  const parts: { columns: number[]; widths: number[] }[] = [];
  let current = { columns: [0], widths: [natural[0]] };
  for (let j = 1; j < natural.length; j++) {
    const width = Math.min(natural[j], flow.width - natural[0]);
    const used = current.widths.reduce((sum, value) => sum + value, 0);
    if (used + width > flow.width && current.columns.length > 1) {
      parts.push(current);
      current = { columns: [0], widths: [natural[0]] };
    }
    current.columns.push(j);
    current.widths.push(width);
  }
  parts.push(current);
  return { size, parts };
}

function naturalWidths({ painter }: Flow, { table, texts, totals }: Drawn, size: number): number[] {
  const stride = Math.max(1, Math.ceil(texts.length / SAMPLED));
  const rows = [...texts.filter((_, i) => i % stride === 0), ...(totals === null ? [] : [totals])];
  return table.columns.map(({ title, unit }, j) => {
    const isText = unit === undefined;
    let widest = isText ? painter.width(title, { size, bold: true }) : longestWord(painter, title, size);
    for (const row of rows) {
      const cell = row[j];
      if (cell === undefined) continue;
      widest = Math.max(
        widest,
        painter.width(cell.main, { size, bold: true, tabular: !isText }),
        painter.width(cell.small, { size: size - 1.4 }),
      );
    }
    return widest + 2 * PAD;
  });
}

/** What keeps the words of the heads whole. */
function leastWidths({ painter }: Flow, { columns }: Table, size: number): number[] {
  return columns.map(({ title }) => Math.max(LEAST_TEXT, longestWord(painter, title, size) + 2 * PAD));
}

function longestWord(painter: Flow['painter'], text: string, size: number): number {
  return Math.max(0, ...text.split(' ').map((word) => painter.width(word, { size, bold: true })));
}

/** Numbers keep their width, texts share what is left; null where texts would become unreadable. */
function fit({ columns }: Table, natural: readonly number[], least: readonly number[], width: number): number[] | null {
  const total = natural.reduce((sum, value) => sum + value, 0);
  if (total <= width) {
    // What is left over goes to the text columns, so that every table is as wide as the page.
    const growing = columns.flatMap(({ unit }, j) => (unit === undefined ? [j] : []));
    const share = growing.length === 0 ? 0 : (width - total) / growing.length;
    return natural.map((value, j) => (growing.includes(j) ? value + share : value));
  }
  const numeric = natural.reduce((sum, value, j) => sum + (columns[j].unit === undefined ? 0 : value), 0);
  const textual = natural.map((value, j) => (columns[j].unit === undefined ? Math.min(value, MOST_TEXT) : 0));
  const wanted = textual.reduce((sum, value) => sum + value, 0);
  const room = width - numeric;
  if (wanted === 0 || room <= 0) return null;
  const widths = natural.map((value, j) => {
    if (columns[j].unit !== undefined) return value;
    return wanted <= room ? textual[j] + ((room - wanted) * textual[j]) / wanted : (textual[j] / wanted) * room;
  });
  const readable = widths.every((value, j) => columns[j].unit !== undefined || value >= Math.min(least[j], natural[j]));
  return readable ? widths : null;
}

function drawPart(flow: Flow, drawn: Drawn, size: number, part: Layout['parts'][number]): void {
  const { table, texts, totals } = drawn;
  const element = flow.element('Table', { title: table.title });
  const head = flow.element('THead', {}, element);
  drawHeader(flow, table, size, part, head);
  const body = flow.element('TBody', {}, element);
  table.rows.forEach((row, i) => {
    const lines = rowLines(flow, drawn, texts[i], size, part);
    if (flow.ensure(rowHeight(lines, texts[i], size, part))) drawHeader(flow, table, size, part, null);
    drawRow(flow, { table, row, texts: texts[i], lines, size, part, parent: body });
  });
  if (totals !== null) {
    const foot = flow.element('TFoot', {}, element);
    const lines = rowLines(flow, drawn, totals, size, part);
    if (flow.ensure(rowHeight(lines, totals, size, part))) drawHeader(flow, table, size, part, null);
    drawRow(flow, {
      table,
      row: { cells: totals.map(({ main }) => main), tone: 'primary' },
      texts: totals,
      lines,
      size,
      part,
      parent: foot,
    });
  }
}

/** Again on a following page it is decoration: a reader that hears the table knows its header already. */
function drawHeader(
  flow: Flow,
  table: Table,
  size: number,
  { columns, widths }: Layout['parts'][number],
  parent: Element | null,
): void {
  const { painter } = flow;
  const style: TextStyle = { size, color: INK.second, bold: true };
  const lines = columns.map((j, k) => painter.wrap(table.columns[j].title, style, widths[k] - 2 * PAD));
  const height = Math.max(...lines.map((item) => item.length)) * size * 1.25 + 2 * PAD;
  const rowElement = parent === null ? null : flow.element('TR', {}, parent);
  let x = flow.left;
  columns.forEach((j, k) => {
    const draw = () => {
      lines[k].forEach((line, n) => {
        const isText = table.columns[j].unit === undefined;
        const at = isText ? x + PAD : x + widths[k] - PAD - painter.width(line, style);
        painter.draw(line, at, flow.y + height - PAD - (lines[k].length - 1 - n) * size * 1.25, style);
      });
    };
    if (rowElement === null) flow.artifact(draw);
    else flow.content(flow.element('TH', { scope: 'Column' }, rowElement), 'TH', draw);
    x += widths[k];
  });
  flow.y += height;
  rule(flow, INK.strong);
}

type Lines = readonly (readonly string[])[];

function rowLines(
  { painter }: Flow,
  { table }: Drawn,
  texts: readonly CellTexts[],
  size: number,
  { columns, widths }: Layout['parts'][number],
): Lines {
  return columns.map((j, k) => {
    const main = texts[j]?.main ?? '';
    return table.columns[j].unit === undefined ? painter.wrap(main, { size }, widths[k] - 2 * PAD) : [main];
  });
}

function rowHeight(
  lines: Lines,
  texts: readonly CellTexts[],
  size: number,
  { columns }: Layout['parts'][number],
): number {
  const heights = columns.map(
    (j, k) =>
      lines[k].length * size * 1.3 + (texts[j]?.small === '' || texts[j] === undefined ? 0 : (size - 1.4) * 1.3),
  );
  return Math.max(...heights) + PAD * 1.2;
}

interface DrawnRow {
  readonly table: Table;
  readonly row: Row;
  readonly texts: readonly CellTexts[];
  readonly lines: Lines;
  readonly size: number;
  readonly part: Layout['parts'][number];
  readonly parent: Element;
}

function drawRow(flow: Flow, { table, row, texts, lines, size, part, parent }: DrawnRow): void {
  const { painter } = flow;
  const height = rowHeight(lines, texts, size, part);
  const element = flow.element('TR', {}, parent);
  const style: TextStyle = {
    size,
    color: row.tone === undefined ? INK.text : TONES[row.tone],
    bold: row.tone === 'primary',
  };
  const quiet: TextStyle = { size: size - 1.4, color: INK.faint };
  let x = flow.left;
  part.columns.forEach((j, k) => {
    const width = part.widths[k];
    const { unit, scale } = table.columns[j];
    const cell = row.cells[j];
    if (scale !== undefined && cell !== null && typeof cell === 'object' && cell.value !== null && cell.unit === unit) {
      paint(flow, x, width, height, cell.value, scale);
    }
    const tag = j === 0 ? 'TH' : 'TD';
    const made = flow.element(tag, j === 0 ? { scope: 'Row' } : {}, element);
    flow.content(made, tag, () => {
      lines[k].forEach((line, n) => {
        if (line === '') return;
        const text = unit === undefined ? style : { ...style, tabular: true };
        const at = unit === undefined ? x + PAD : x + width - PAD - painter.width(line, text);
        painter.draw(line, at, flow.y + PAD * 0.6 + size * (1 + n * 1.3), text);
      });
      const { small } = texts[j] ?? { small: '' };
      if (small !== '') {
        const base = flow.y + PAD * 0.6 + size * (1 + (lines[k].length - 1) * 1.3);
        painter.draw(small, x + width - PAD - painter.width(small, quiet), base + quiet.size * 1.35, quiet);
      }
    });
    x += width;
  });
  flow.y += height;
  rule(flow, INK.line);
}

function paint(
  flow: Flow,
  x: number,
  width: number,
  height: number,
  value: number,
  { kind, limit }: { kind: string; limit: number },
): void {
  const share = Math.min(1, Math.abs(value) / limit);
  flow.artifact(() => {
    const { document } = flow;
    document.save();
    if (kind === 'bar') document.rect(x + width * (1 - share), flow.y, width * share, height).fill('#DCE6F4');
    else document.rect(x, flow.y, width, height).fill(mixed(value >= 0 ? [0, 114, 178] : [213, 94, 0], share * 0.5));
    document.restore();
  });
}

/** On white, without transparency: the same on every printer. */
function mixed(color: readonly number[], strength: number): string {
  return `#${color
    .map((part) =>
      Math.round(255 + (part - 255) * strength)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}

function rule(flow: Flow, color: string): void {
  flow.artifact(() => {
    flow.document
      .moveTo(flow.left, flow.y)
      .lineTo(flow.left + flow.width, flow.y)
      .lineWidth(0.4)
      .strokeColor(color)
      .stroke();
  });
}
