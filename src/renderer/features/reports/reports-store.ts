/** Reports on screen: the history, the document that is shown, and what is asked for. */
import { create } from 'zustand';
import { fromWire } from '#base/errors';
import type { Report, ReportFormat, ReportKind } from '#contract/reports';
import { client } from '#renderer/app/client';
import { coalesced, onChange } from '#renderer/app/live-store';
import { EMPTY_REMOTE, readInto, type Remote } from '#renderer/app/remote';
import { jobEnd } from '../jobs/jobs-store';

interface ReportsState {
  readonly list: Remote<readonly Report[]>;
  /** HTML by report. */
  readonly previews: Readonly<Record<string, Remote<string>>>;
}

export const useReports = create<ReportsState>(() => ({ list: EMPTY_REMOTE, previews: {} }));

export async function readReports(): Promise<void> {
  await readInto(
    useReports.getState().list,
    async () => [...(await client().reports.list({ limit: 100 })).reports],
    (list) => useReports.setState({ list }),
  );
}

/** The document itself, without its script and fonts: the frame that shows it runs nothing and loads nothing. */
export function stillDocument(html: string): string {
  return html.replaceAll(/<script\b[^>]*>[\s\S]*?<\/script>/g, '').replaceAll(/@font-face\{[^}]*\}/g, '');
}

export async function readPreview(report: string): Promise<void> {
  await readInto(
    useReports.getState().previews[report],
    async () => stillDocument((await client().reports.preview({ report })).html),
    (remote) => useReports.setState(({ previews }) => ({ previews: { ...previews, [report]: remote } })),
  );
}

export interface ReportOrder {
  readonly run: string;
  readonly kind: ReportKind;
  readonly formats: readonly ReportFormat[];
  readonly locale: 'en' | 'de';
  readonly paper: 'a4' | 'letter';
}

/** Makes a report and waits for it; HTML is always among its formats, since it is what the page shows. @returns its identifier */
export async function makeReport({ run, kind, formats, locale, paper }: ReportOrder): Promise<string> {
  const format = [...new Set<ReportFormat>(['html', ...formats])];
  const { report, job } = await client().reports.create({ run, kind, format, locale, paper });
  const { error } = await jobEnd(job);
  await readReports();
  if (error !== null) throw fromWire(error);
  return report;
}

export interface ReportFile {
  readonly filename: string;
  readonly content: string | Uint8Array<ArrayBuffer>;
  readonly mediaType: string;
}

export async function exportReport(report: string, format: ReportFormat): Promise<ReportFile> {
  const { filename, mediaType, encoding, text } = await client().reports.download({ report, format });
  if (encoding === 'utf8') return { filename, mediaType, content: text };
  return { filename, mediaType, content: Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)) };
}

export async function removeReport(report: string): Promise<void> {
  await client().reports.remove({ report });
  await readReports();
}

onChange(
  'reports',
  coalesced(() => {
    if (useReports.getState().list.value !== null) void readReports();
  }),
);
