/** A look at a source before it is imported: what each file is, how its columns are read, the first rows, and what stands in the way. */
import { AppError } from '#base/errors';
import { COLUMN_ROLES, type ColumnRole } from '#quant/prices/column-roles';
import { cutLine, sampleLines } from '#quant/prices/dialect';
import { detectJson, parseJson, vendorMessage } from '#quant/prices/json-prices';
import { detectLayout, type DelimitedPlan } from '#quant/prices/layouts';
import { readWhole } from './file-stream';
import {
  DEFAULT_LIMITS,
  type ImportContext,
  type ImportLimits,
  type ImportOptions,
  type ImportSource,
  type PreviewProblem,
  type SourcePreview,
} from './import-types';
import { layoutHints } from './layout-hints';
import { withParquet } from './parquet-file';
import { findSourceFiles, type FoundFile } from './source-files';

const PREVIEW_ROWS = 20;
const MOST_JSON_BYTES = 256 << 20;
const MOST_COLUMNS_SHOWN = 200;

type FileView = Omit<SourcePreview, 'files'>;

/**
 * Looks at a source. What would make the import fail is a problem in the answer, not an error, as far as the files can be opened.
 * Errors: NOT_FOUND, IO, TOO_LARGE, NOT_ENOUGH_DATA and INVALID_DATA for files that are no tables; CANCELLED.
 */
export async function previewSource(
  source: ImportSource,
  options: ImportOptions = {},
  context: ImportContext = {},
): Promise<SourcePreview> {
  const limits: ImportLimits = { ...DEFAULT_LIMITS, ...options.limits };
  const { files, ignored } = await findSourceFiles(source, limits);
  const prices = files.filter(({ role }) => role === 'prices');
  const view =
    prices.length > 0
      ? await viewOf(prices[0], options, limits, context)
      : emptyView('Expected at least one price file, found none.');
  const problems = [
    ...view.problems,
    ...ignored.map(({ name, reason }): PreviewProblem => ({
      severity: 'warning',
      message: `${name} is left out: ${reason}`,
    })),
  ];
  return {
    ...view,
    problems,
    files: files.map((file) => ({ name: file.name, role: file.role, layout: file === prices[0] ? view.layout : null })),
  };
}

function emptyView(message: string): FileView {
  return {
    layout: null,
    delimiter: null,
    decimal: null,
    dateFormat: null,
    columns: [],
    mapping: {},
    rows: [],
    problems: [{ severity: 'error', message }],
  };
}

async function viewOf(
  file: FoundFile,
  options: ImportOptions,
  limits: ImportLimits,
  context: ImportContext,
): Promise<FileView> {
  try {
    if (file.format === 'json') return await jsonView(file, limits, context);
    const hints = layoutHints(options, limits);
    if (file.format === 'parquet') {
      return await withParquet(file, limits, hints, (shape) =>
        Promise.resolve(planView(shape.plan, shape.sample.slice(0, PREVIEW_ROWS), null)),
      );
    }
    const plan = detectLayout(file.head, file.name, hints);
    const lines = sampleLines(file.head).slice(plan.headerRecords, plan.headerRecords + PREVIEW_ROWS);
    const rows = lines.map((line) => cutLine(line, plan.dialect.delimiter));
    return planView(plan, rows, plan.dialect.delimiter);
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'CANCELLED' || error.code === 'TOO_LARGE') throw error;
    return { ...emptyView(error.message), ...rawTable(file) };
  }
}

/** The table as it stands, for mapping by hand. */
function rawTable(file: FoundFile): Partial<FileView> {
  if (file.format !== 'text') return {};
  const lines = sampleLines(file.head);
  const counts = [',', ';', '\t', '|'].map((delimiter) => ({
    delimiter,
    count: cutLine(lines[0] ?? '', delimiter).length,
  }));
  const { delimiter } = counts.reduce((best, candidate) => (candidate.count > best.count ? candidate : best));
  const [columns, ...rows] = lines
    .slice(0, PREVIEW_ROWS + 1)
    .map((line) => cutLine(line, delimiter).slice(0, MOST_COLUMNS_SHOWN));
  return { delimiter, columns: (columns ?? []).map((name, i) => (name === '' ? `column ${i + 1}` : name)), rows };
}

function planView(
  plan: DelimitedPlan,
  rows: readonly (readonly (string | null)[])[],
  delimiter: string | null,
): FileView {
  const mapping: Partial<Record<ColumnRole, string>> = {};
  for (const role of COLUMN_ROLES) {
    const column = plan.roles[role];
    if (column !== undefined) mapping[role] = plan.columns[column];
  }
  const problems: PreviewProblem[] = [];
  if (rows.length === 0) problems.push({ severity: 'error', message: 'The file has a header and no rows.' });
  if (plan.dateUndecided) {
    problems.push({
      severity: 'warning',
      message:
        'The first dates could be MM/DD or DD/MM; they are read as MM/DD/YYYY unless later rows say otherwise. State the date format.',
    });
  }
  if (rows.some((row) => row.length < plan.columns.length)) {
    problems.push({
      severity: 'warning',
      message: 'Some of the first rows have too few fields; they will be rejected.',
    });
  }
  return {
    layout: plan.layout,
    delimiter,
    decimal: plan.dialect.decimal,
    dateFormat: plan.dateFormat,
    columns: plan.columns.slice(0, MOST_COLUMNS_SHOWN),
    mapping,
    rows: rows.map((row) => row.slice(0, MOST_COLUMNS_SHOWN)),
    problems,
  };
}

async function jsonView(file: FoundFile, limits: ImportLimits, context: ImportContext): Promise<FileView> {
  const { bytes } = await readWhole(file, limits, context.signal, MOST_JSON_BYTES);
  const document = parseJson(new TextDecoder().decode(bytes));
  const message = vendorMessage(document);
  if (message !== null) return emptyView(`The file holds the vendor's message instead of prices: ${message}`);
  const { layout, bars } = detectJson(document, file.name);
  const roles = COLUMN_ROLES.filter((role) => bars[0] && role in bars[0].cells);
  const text = (value: unknown) => (value === null || value === undefined ? null : String(value));
  return {
    layout,
    delimiter: null,
    decimal: '.',
    dateFormat: null,
    columns: ['date', 'symbol', ...roles],
    mapping: Object.fromEntries(['date', 'symbol', ...roles].map((role) => [role, role])),
    rows: bars
      .slice(0, PREVIEW_ROWS)
      .map(({ date, symbol, cells }) => [date, symbol, ...roles.map((role) => text(cells[role]))]),
    problems: bars.length === 0 ? [{ severity: 'error', message: 'The file has no bars.' }] : [],
  };
}
