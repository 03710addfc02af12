/** A report in every format that was asked for: facts become one report, and each renderer draws that. The risk of the holdings is computed here. */
import { AppError } from '#base/errors';
import type { ReportFormat } from '#contract/reports';
import { buildReport } from '../reports/build-report';
import type { ReportFacts } from '../reports/facts';
import type { Report } from '../reports/model';
import { renderJson, renderMarkdown } from '../reports/render-text';
import type { JobContext } from '../job';
import { run as riskReport, type RiskReportJobInput } from './risk-report';

export interface RenderReportInput {
  readonly facts: ReportFacts;
  readonly formats: readonly ReportFormat[];
  /** Null where the kind shows no risk, or there is nothing to compute it from. */
  readonly risk: RiskReportJobInput | null;
}

export interface RenderReportResult {
  readonly title: string;
  readonly files: readonly { readonly format: ReportFormat; readonly bytes: Uint8Array }[];
}

export async function run(
  { facts, formats, risk }: RenderReportInput,
  context: JobContext,
): Promise<RenderReportResult> {
  const report = buildReport(await withRisk(facts, risk, context));
  const files: { format: ReportFormat; bytes: Uint8Array }[] = [];
  for (const [step, format] of formats.entries()) {
    context.emit({ stage: 'report', detail: format, step, of: formats.length });
    await context.breathe();
    files.push({ format, bytes: await render(report, format, context) });
  }
  return { title: `${report.title} · ${report.subtitle}`, files };
}

/** The risk of the primary strategy, or the reason why there is none. */
async function withRisk(
  facts: ReportFacts,
  risk: RiskReportJobInput | null,
  context: JobContext,
): Promise<ReportFacts> {
  if (facts.run === null || risk === null) return facts;
  try {
    return { ...facts, run: { ...facts.run, risk: await riskReport(risk, context) } };
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'CANCELLED') throw error;
    return { ...facts, run: { ...facts.run, risk: error.message } };
  }
}

/** Large renderers are loaded only where they are used. */
async function render(report: Report, format: ReportFormat, { breathe }: JobContext): Promise<Uint8Array> {
  switch (format) {
    case 'pdf':
      return (await import('../reports/pdf/render-pdf')).renderPdf(report, breathe);
    case 'xlsx':
      return (await import('../reports/xlsx/render-xlsx')).renderXlsx(report, breathe);
    case 'html':
      return (await import('../reports/html/render-html')).renderHtml(report);
    case 'md':
      return renderMarkdown(report);
    case 'json':
      return renderJson(report);
  }
}
