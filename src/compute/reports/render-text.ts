/** A report as Markdown for people and as JSON for programs: the same sections, figures and provenance as everywhere. */
import { canonicalJson } from '#base/canonical-json';
import type { Block, Cell, Chart, Report, Table } from './model';
import { numberTexts, type NumberTexts } from './numbers';
import { columnTotal } from './totals';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Text that Markdown leaves alone, on one line, and that starts no HTML. */
function plain(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>#|~]/g, '\\$&').replaceAll(/\s*[\r\n]+\s*/g, ' ');
}

export function renderMarkdown(report: Report): Uint8Array {
  const numbers = numberTexts(report);
  const { words } = report;
  const parts = [
    `# ${plain(report.title)}`,
    plain(report.subtitle),
    `${report.header.map(plain).join(' · ')} · ${words.generated} ${report.generatedAt}`,
    ...(report.verdict === '' ? [] : [`> **${plain(report.verdict)}**`]),
    ...report.sections.flatMap(({ title, blocks }) => [
      `## ${plain(title)}`,
      ...blocks.map((block) => blockText(block, report, numbers)),
    ]),
    `## ${words.howComputed}`,
    Object.values(report.derivations)
      .map(
        ({ title, formula, source, conventions }) =>
          `- **${plain(title)}**: ${plain([formula, source, ...conventions].filter((text) => text !== '').join('; '))}`,
      )
      .join('\n'),
    `## ${words.provenance}`,
    factsText(report.provenance),
    ...report.look.disclaimers.map(plain),
  ];
  return encode(`${parts.filter((part) => part !== '').join('\n\n')}\n`);
}

function factsText(items: readonly (readonly [string, string])[]): string {
  return items.map(([name, value]) => `- ${plain(name)}: ${plain(value)}`).join('\n');
}

function blockText(block: Block, report: Report, numbers: NumberTexts): string {
  switch (block.type) {
    case 'text':
      return plain(block.text);
    case 'list':
      return block.items.map((item) => `- ${plain(item)}`).join('\n');
    case 'headlines':
      return block.items
        .map(
          ({ label, figure, notes }) =>
            `- **${plain(label)}: ${numbers.figure(figure)}** (${notes.map(plain).join('; ')}${figure.reason === undefined ? '' : `; ${plain(figure.reason)}`})`,
        )
        .join('\n');
    case 'facts':
      return factsText(block.items);
    case 'table':
      return tableText(block, report, numbers);
    case 'chart':
      return chartText(block);
  }
}

function cellText(cell: Cell, numbers: NumberTexts): string {
  if (cell === null) return '';
  if (typeof cell === 'string') return plain(cell);
  const interval = numbers.interval(cell);
  return `${numbers.figure(cell)}${interval === '' ? '' : ` (${interval})`}`;
}

function tableText(table: Table, { words }: Report, numbers: NumberTexts): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const totals = table.columns.some(({ total }) => total !== undefined)
    ? [
        line(
          table.columns.map(({ unit }, j) => {
            const total = columnTotal(table, j);
            return total === null || unit === undefined ? (j === 0 ? words.total : '') : numbers.text(total, unit);
          }),
        ),
      ]
    : [];
  return [
    `### ${plain(table.title)}`,
    '',
    line(table.columns.map(({ title }) => plain(title))),
    line(table.columns.map(({ unit }) => (unit === undefined ? '---' : '---:'))),
    ...table.rows.map(({ cells }) => line(cells.map((cell) => cellText(cell, numbers)))),
    ...totals,
    ...(table.note === undefined || table.note === '' ? [] : ['', plain(table.note)]),
  ].join('\n');
}

/** A picture has no place in Markdown; what it says has. */
function chartText({ title, alternative }: Chart): string {
  return `**${plain(title)}**: ${plain(alternative)}`;
}

/** Everything but the bytes of the logo, in canonical order. */
export function renderJson(report: Report): Uint8Array {
  const { look, ...rest } = report;
  const { logo: _logo, ...plainLook } = look;
  return encode(`${canonicalJson(finite({ ...rest, look: plainLook }))}\n`);
}

/** JSON has no NaN; a figure carries its reason, a series a gap. */
function finite(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(finite);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([name, item]) => [name, finite(item)]),
  );
}
