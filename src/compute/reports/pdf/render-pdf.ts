/**
 * A report as PDF: tagged for readers that hear it, fonts embedded, bookmarks, numbered pages, vector charts. The same report gives the same
 * bytes; its one time stamp is that of the report.
 */
import PDFDocument from 'pdfkit';
import type { Report } from '../model';
import { numberTexts } from '../numbers';
import { drawBlock, drawFacts, TONE_INK } from './blocks';
import { createFlow, decoratePages, INK, type Flow } from './flow';
import { loadFonts } from './fonts';
import { createTextPainter } from './text';

/** What pdfkit 0.20 understands and its types do not name. */
interface Options extends PDFKit.PDFDocumentOptions {
  readonly lang: string;
  readonly displayTitle: boolean;
}

export async function renderPdf(report: Report, breathe: () => Promise<void> = async () => {}): Promise<Uint8Array> {
  const made = new Date(report.generatedAt);
  const options: Options = {
    size: report.paper === 'a4' ? 'A4' : 'LETTER',
    margin: 0,
    bufferPages: true,
    tagged: true,
    lang: report.locale,
    displayTitle: true,
    pdfVersion: '1.7',
    subset: 'PDF/UA' as PDFKit.Mixins.PDFSubsets, // pdfkit knows it, its types do not
    info: {
      Title: `${report.title} – ${report.subtitle}`,
      Author: report.look.organization === '' ? 'Sextant' : report.look.organization,
      Subject: report.header.join(' · '),
      Creator: 'Sextant',
      Producer: 'Sextant (pdfkit)',
      CreationDate: made,
      ModDate: made,
    },
  };
  const document = new PDFDocument(options);
  const chunks: Buffer[] = [];
  const finished = new Promise<void>((resolve, reject) => {
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.on('end', resolve);
    document.on('error', reject);
  });
  const { sections, look, words } = report;
  const painter = createTextPainter(
    document,
    await loadFonts(JSON.stringify({ ...report, series: null, look: { ...look, logo: null } })),
  );
  const flow = createFlow(document, painter);
  const numbers = numberTexts(report);
  drawTitle(flow, report);
  for (const { title, blocks } of sections) {
    await breathe();
    drawHeading(flow, title);
    for (const block of blocks) {
      drawBlock(flow, block, report, numbers);
      await breathe();
    }
  }
  if (report.kind !== 'summary') drawDerivations(flow, report);
  if (report.kind !== 'summary') {
    drawHeading(flow, words.provenance);
    drawFacts(flow, report.provenance);
  }
  for (const text of look.disclaimers) flow.paragraph(text, { size: 7, color: INK.second, gap: 4 });
  if (painter.undrawable.size > 0) {
    const characters = [...painter.undrawable].join(' ');
    flow.paragraph(words.undrawable.replace('{characters}', characters), { size: 7, color: TONE_INK.warn });
  }
  decoratePages(flow, report);
  document.end();
  await finished;
  return new Uint8Array(Buffer.concat(chunks));
}

function drawTitle(flow: Flow, report: Report): void {
  const { look } = report;
  const { document } = flow;
  if (look.logo !== null) {
    const figure = flow.element('Figure', { alt: look.organization === '' ? 'Logo' : look.organization });
    flow.content(figure, 'Figure', () => {
      document.image(Buffer.from(look.logo?.bytes ?? []), flow.left + flow.width - 120, flow.y - 6, {
        fit: [120, 34],
        align: 'right',
      });
    });
  }
  document.outline.addItem(report.title);
  flow.paragraph(report.title, { size: 19, color: INK.text, bold: true, tag: 'H1', gap: 0 });
  flow.paragraph(report.subtitle, { size: 10, color: INK.second, gap: 8 });
  if (report.verdict === '') return;
  const top = flow.y;
  const before = document.bufferedPageRange().count;
  flow.paragraph(report.verdict, { size: 11.5, color: INK.text, indent: 12, gap: 8 });
  if (document.bufferedPageRange().count === before) {
    const color = report.verdictTone === 'quiet' ? INK.faint : TONE_INK[report.verdictTone];
    flow.artifact(() => document.rect(flow.left, top, 3, flow.y - top - 8).fill(color));
  }
}

/** With room for the first lines of what follows. */
function drawHeading(flow: Flow, title: string): void {
  flow.ensure(96);
  flow.y += 8;
  flow.document.outline.addItem(title);
  flow.paragraph(title, { size: 13, color: INK.text, bold: true, tag: 'H2', gap: 4 });
}

function drawDerivations(flow: Flow, { derivations, words }: Report): void {
  const entries = Object.values(derivations);
  if (entries.length === 0) return;
  drawHeading(flow, words.howComputed);
  for (const { title, formula, source, conventions } of entries) {
    flow.ensure(34);
    flow.paragraph(title, { size: 8.5, color: INK.text, bold: true, tag: 'H3', gap: 0 });
    const text = [formula, source, ...conventions].filter((part) => part !== '').join(' · ');
    flow.paragraph(text, { size: 7.5, color: INK.second, gap: 5 });
  }
}
