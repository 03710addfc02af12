/**
 * A report as a workbook: one sheet per topic, equity as numbers and everything computed from it as formulas, native charts, names for ranges, and
 * where every number comes from. Text is text, whatever it begins with. The same report gives the same bytes.
 */
import { writeXlsx } from 'hucre/xlsx';
import type { Report } from '../model';
import { writeBlock, type BlockContext } from './blocks';
import { sheetName } from './names';
import { seriesSheets, type NamedRange } from './series-sheets';
import { SheetWriter, type SheetOptions } from './sheet';

export async function renderXlsx(report: Report, breathe: () => Promise<void> = async () => {}): Promise<Uint8Array> {
  const options: SheetOptions = { currency: report.currency, accent: report.look.accent.slice(1) };
  const takenTitles = new Set<string>();
  const takenNames = new Set(['periods_per_year']);
  const newSheet = (title: string) => new SheetWriter(sheetName(title, takenTitles), options);
  const names: NamedRange[] = [];
  const { words } = report;
  const topics = report.sections.map((section) => ({ section, sheet: newSheet(section.title) }));
  const series =
    report.series === null
      ? null
      : seriesSheets(report.series, {
          labels: report.seriesWords,
          options,
          takenSheets: (title) => sheetName(title, takenTitles),
          takenNames,
        });
  await breathe();
  const data = newSheet(words.chartData);
  const context: BlockContext = { report, names, takenNames, series, data };
  for (const [i, { section, sheet }] of topics.entries()) {
    sheet.heading(0, i === 0 ? `${report.title} – ${report.subtitle}` : section.title, 14);
    sheet.text(1, 0, report.header.join(' · '), { font: { size: 9, color: { rgb: '6B6E74' } } });
    if (i === 0 && report.verdict !== '') sheet.text(2, 0, report.verdict, { font: { bold: true, size: 11 } });
    sheet.widen(0, 30);
    for (const block of section.blocks) {
      writeBlock(sheet, block, context);
      await breathe();
    }
    sheet.freeze(1);
  }
  const made = new Date(report.generatedAt);
  return writeXlsx({
    sheets: [
      ...topics.map(({ sheet }) => sheet.done()),
      ...(series?.sheets.map((sheet) => sheet.done()) ?? []),
      ...(data.next === 0 ? [] : [data.done()]),
      derivationSheet(report, newSheet(words.derivations)).done(),
      provenanceSheet(report, newSheet(words.provenance)).done(),
    ],
    namedRanges: [...names, ...(series?.names ?? [])].map(({ name, range }) => ({ name, range })),
    properties: { title: report.title, subject: report.subtitle, creator: 'Sextant', created: made, modified: made },
  });
}

function derivationSheet({ derivations, words }: Report, sheet: SheetWriter): SheetWriter {
  sheet.header(0, [words.figure, words.formula, words.source, words.conventions], [false, false, false, false]);
  sheet.freeze(1, 1);
  sheet.widen(0, 30);
  Object.values(derivations).forEach(({ title, formula, source, conventions }, i) => {
    [title, formula, source, conventions.join(' ')].forEach((text, j) => sheet.text(1 + i, j, text));
  });
  return sheet;
}

function provenanceSheet({ provenance, words, look }: Report, sheet: SheetWriter): SheetWriter {
  sheet.header(0, [words.provenance, words.value], [false, false]);
  sheet.freeze(1, 1);
  sheet.widen(0, 28);
  provenance.forEach(([name, value], i) => {
    sheet.text(1 + i, 0, name);
    sheet.text(1 + i, 1, value);
  });
  look.disclaimers.forEach((text, i) => sheet.text(provenance.length + 2 + i, 0, text));
  return sheet;
}
