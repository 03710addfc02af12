/**
 * A report as one HTML file: no network, no address outside itself, a strict content policy with the hash of its one script. Every figure opens
 * its derivation. The same report gives the same bytes.
 */
import { createHash } from 'node:crypto';
import type { Block, Cell, Chart, Derivation, Figure, Headline, Report, Row, Table, Unit } from '../model';
import { drawChart } from '../charts/layout';
import { drawingToSvg } from '../charts/svg';
import { columnTotal } from '../totals';
import { numberTexts, type NumberTexts } from '../numbers';
import { interFace } from '../fonts/web-fonts';
import { escapeHtml as e } from './escape';
import { HTML_SCRIPT } from './script';
import { htmlStyle } from './style';

const CHART_WIDTH = 760;
/** Points of a curve that the pointer can ask for. */
const MOST_VALUES = 600;

interface Context {
  readonly report: Report;
  readonly numbers: NumberTexts;
}

/** Without a font at hand, letters are taken for a little wider than they are. */
function roughWidth(text: string, size: number): number {
  return Array.from(text).reduce((sum, letter) => sum + ((letter.codePointAt(0) ?? 0) > 0x2e7f ? 1 : 0.56), 0) * size;
}

export function renderHtml(report: Report): Uint8Array {
  const context: Context = { report, numbers: numberTexts(report) };
  const { look, words, sections } = report;
  const style = `${interFace()}${htmlStyle(look, report.paper)}`;
  const hash = createHash('sha256').update(HTML_SCRIPT).digest('base64');
  const policy = `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'`;
  const logo =
    look.logo === null
      ? ''
      : `<img alt="${e(look.organization)}" src="data:${look.logo.mediaType};base64,${Buffer.from(look.logo.bytes).toString('base64')}">`;
  const contents =
    sections.length < 3
      ? ''
      : `<nav aria-label="${e(words.contents)}">${sections.map(({ id, title }) => `<a href="#s-${e(id)}">${e(title)}</a>`).join('')}</nav>`;
  const verdict = report.verdict === '' ? '' : `<p class="verdict ${report.verdictTone}">${e(report.verdict)}</p>`;
  const body = sections.map(
    ({ id, title, blocks }) =>
      `<section id="s-${e(id)}"><h2>${e(title)}</h2>${blocks.map((block) => blockHtml(block, context)).join('')}</section>`,
  );
  const html = `<!doctype html>
<html lang="${report.locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${e(policy)}"><meta name="generator" content="Sextant">
<title>${e(`${report.title} – ${report.subtitle}`)}</title><style>${style}</style></head><body>
<header><div><h1>${e(report.title)}</h1><p class="subtitle">${e(report.subtitle)}</p><p class="ids">${report.header.map(e).join(' · ')}${look.organization === '' ? '' : ` · ${e(look.organization)}`} · ${e(words.generated)} ${e(report.generatedAt)}</p></div>${logo}</header>
<main>${verdict}${contents}${body.join('')}
<section id="s-provenance"><h2>${e(words.provenance)}</h2>${factsHtml(report.provenance)}${look.disclaimers.map((text) => `<p class="disclaimer">${e(text)}</p>`).join('')}</section></main>
${Object.entries(report.derivations)
  .map(([id, derivation]) => derivationHtml(id, derivation, report))
  .join('')}
<script>${HTML_SCRIPT}</script></body></html>
`;
  return new TextEncoder().encode(html);
}

function blockHtml(block: Block, context: Context): string {
  switch (block.type) {
    case 'text':
      return `<p class="${block.tone ?? ''}">${e(block.text)}</p>`;
    case 'list':
      return `<ul class="${block.tone ?? ''}">${block.items.map((item) => `<li>${e(item)}</li>`).join('')}</ul>`;
    case 'headlines':
      return `<div class="headlines">${block.items.map((item) => headlineHtml(item, context)).join('')}</div>`;
    case 'facts':
      return factsHtml(block.items);
    case 'table':
      return tableHtml(block, context);
    case 'chart':
      return chartHtml(block, context);
  }
}

function factsHtml(items: readonly (readonly [string, string])[]): string {
  return `<dl>${items.map(([name, value]) => `<dt>${e(name)}</dt><dd>${e(value)}</dd>`).join('')}</dl>`;
}

function figureHtml(figure: Figure, unit: Unit, derivation: string | undefined, { numbers, report }: Context): string {
  const target = figure.derivation ?? derivation;
  if (figure.value === null) {
    return `<span class="none" title="${e(figure.reason ?? '')}">${e(report.words.notComputable)}</span>`;
  }
  const text = e(numbers.text(figure.value, unit));
  if (target === undefined || report.derivations[target] === undefined) return text;
  return `<button class="f" popovertarget="d-${e(target)}" data-v="${figure.value}">${text}</button>`;
}

function headlineHtml({ label, figure, notes }: Headline, context: Context): string {
  const value = figureHtml(figure, figure.unit, undefined, context);
  const reason = figure.value === null && figure.reason !== undefined ? `<span>${e(figure.reason)}</span>` : '';
  return `<div><span>${e(label)}</span><span class="big">${value}</span>${reason}${notes.map((note) => `<span>${e(note)}</span>`).join('')}</div>`;
}

function tableHtml(table: Table, context: Context): string {
  const head = table.columns
    .map(({ title, unit }) => `<th scope="col"${unit === undefined ? ' class="t"' : ''}>${e(title)}</th>`)
    .join('');
  const rows = table.rows.map((row) => rowHtml(row, table, context)).join('');
  const totals = table.columns.some(({ total }) => total !== undefined)
    ? `<tfoot><tr>${table.columns
        .map((column, j) => {
          const total = columnTotal(table, j);
          const tag = j === 0 ? 'th' : 'td';
          if (total === null || column.unit === undefined)
            return `<${tag} class="t">${j === 0 ? e(context.report.words.total) : ''}</${tag}>`;
          return `<td>${e(context.numbers.text(total, column.unit))}</td>`;
        })
        .join('')}</tr></tfoot>`
    : '';
  const note = table.note === undefined || table.note === '' ? '' : `<p class="note">${e(table.note)}</p>`;
  return `<div class="scroll"><table id="t-${e(table.id)}"><caption>${e(table.title)}</caption><thead><tr>${head}</tr></thead><tbody>${rows}</tbody>${totals}</table></div>${note}`;
}

function rowHtml(row: Row, table: Table, context: Context): string {
  const cells = row.cells.map((cell, j) => cellHtml(cell, j, table, context)).join('');
  return `<tr${row.tone === undefined ? '' : ` class="${row.tone}"`}>${cells}</tr>`;
}

function cellHtml(cell: Cell, j: number, table: Table, context: Context): string {
  const { unit, scale } = table.columns[j];
  if (cell === null) return '<td></td>';
  if (typeof cell === 'string') {
    if (j === 0) return `<th scope="row" class="t">${e(cell)}</th>`;
    return `<td${unit === undefined ? ' class="t"' : ''}>${e(cell)}</td>`;
  }
  const interval = context.numbers.interval(cell);
  const paint =
    scale === undefined || cell.value === null || cell.unit !== unit
      ? ''
      : ` style="background:${cellPaint(cell.value, scale)}"`;
  return `<td${paint}>${figureHtml(cell, cell.unit, table.derivation, context)}${interval === '' ? '' : `<small>${e(interval)}</small>`}</td>`;
}

function cellPaint(value: number, { kind, limit }: { kind: 'diverging' | 'bar'; limit: number }): string {
  const share = Math.min(1, Math.abs(value) / limit);
  if (kind === 'bar') {
    const width = (share * 100).toFixed(1);
    return `linear-gradient(to left,#DCE6F4 ${width}%,transparent ${width}%)`;
  }
  return `rgba(${value >= 0 ? '0,114,178' : '213,94,0'},${(share * 0.5).toFixed(2)})`;
}

function chartHtml(chart: Chart, context: Context): string {
  const drawing = drawChart(chart, {
    width: CHART_WIDTH,
    look: context.report.look,
    numbers: context.numbers,
    measure: roughWidth,
  });
  const caption = `<figcaption>${e(chart.title)}</figcaption>`;
  if (drawing === null) return `<figure>${caption}<p class="quiet">–</p></figure>`;
  return `<figure>${caption}<div class="chart">${drawingToSvg(drawing, `c-${chart.id}`, chart.alternative)}<script type="application/json">${pointerData(chart, context)}</script></div></figure>`;
}

/** What the pointer shows, already as text; `<` is escaped so that no name can end the element. */
function pointerData({ x, series, kind, unit }: Chart, { numbers }: Context): string {
  const step = Math.max(1, Math.ceil(x.length / MOST_VALUES));
  // From the end, so that the last day is always among them.
  const rows = x.flatMap((_, t) => ((x.length - 1 - t) % step === 0 ? [t] : []));
  const data = {
    x: rows.map((t) => x[t]),
    series: series.map(({ name, values }) => ({
      name,
      values: rows.map((t) => {
        const value = values[t];
        return value === null || !Number.isFinite(value) ? null : numbers.text(value, unit);
      }),
    })),
    bars: kind === 'bars',
  };
  return JSON.stringify(data).replaceAll('<', '\\u003c');
}

function derivationHtml(
  id: string,
  { title, formula, source, conventions }: Derivation,
  { words, provenance }: Report,
): string {
  const sourceText = source === '' ? '' : `<dt>${e(words.source)}</dt><dd>${e(source)}</dd>`;
  const rules =
    conventions.length === 0 ? '' : `<dt>${e(words.conventions)}</dt><dd>${conventions.map(e).join('<br>')}</dd>`;
  return `<div popover id="d-${e(id)}" role="dialog" aria-label="${e(words.derivation)}"><h4>${e(title)}</h4><p class="exact"></p><dl>${formula === '' ? '' : `<dt>${e(words.formula)}</dt><dd><code>${e(formula)}</code></dd>`}${sourceText}${rules}</dl><h4>${e(words.provenance)}</h4>${factsHtml(provenance)}</div>`;
}
