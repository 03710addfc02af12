/** Tables over HTTP: which form a caller wants, and the bytes of it. */
import type { IncomingMessage } from 'node:http';
import { AppError } from '#base/errors';
import { toCsv } from '#base/csv';
import type { OperationInfo } from '#contract/derive/operations';
import { isTabular, TABLE_FORMATS, tableOf, type TableFormat } from '#contract/derive/tables';

/**
 * The form that `?format=` or else `Accept` asks for; null is JSON. `format` is taken out of the URL, since no operation knows it.
 * Errors: BAD_REQUEST for a form that there is not.
 */
export function wantedFormat(
  request: IncomingMessage,
  operation: OperationInfo | undefined,
  url: URL,
): TableFormat | null {
  if (operation === undefined || !isTabular(operation.id)) return null;
  const asked = url.searchParams.get('format');
  if (asked === null) return acceptedFormat(request.headers.accept ?? '');
  url.searchParams.delete('format');
  if (asked === 'json') return null;
  if (asked === 'csv' || asked === 'parquet') return asked;
  const names = ['json', ...Object.keys(TABLE_FORMATS)].join(', ');
  throw new AppError('BAD_REQUEST', `format: Expected one of ${names}, found "${asked}".`);
}

/** The first form that is named; what stands for anything (an asterisk) is JSON. */
function acceptedFormat(accept: string): TableFormat | null {
  for (const part of accept.split(',')) {
    const type = part.split(';')[0].trim().toLowerCase();
    if (type === 'application/json' || type === '*/*') return null;
    if (type === TABLE_FORMATS.csv) return 'csv';
    if (type === TABLE_FORMATS.parquet) return 'parquet';
  }
  return null;
}

export async function encodeTable(operation: OperationInfo, answer: unknown, format: TableFormat): Promise<Buffer> {
  const { columns } = tableOf(operation.id, answer);
  if (format === 'csv') {
    const header = columns.map(({ name }) => name);
    const rows = Array.from({ length: columns[0].values.length }, (_, i) => columns.map(({ values }) => values[i]));
    return Buffer.from(toCsv(header, rows));
  }
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const types = { text: 'STRING', number: 'DOUBLE', integer: 'INT32' } as const;
  return Buffer.from(
    parquetWriteBuffer({
      columnData: columns.map(({ name, kind, values }) => ({ name, data: [...values], type: types[kind] })),
    }),
  );
}

export function tableHeaders(operation: OperationInfo, answer: unknown, format: TableFormat): Record<string, string> {
  const total: unknown = Reflect.get(Object(answer), 'total');
  return {
    'Content-Type': format === 'csv' ? `${TABLE_FORMATS.csv}; charset=utf-8` : TABLE_FORMATS[format],
    'Content-Disposition': `attachment; filename="${operation.id.replace('.', '-')}.${format}"`,
    Vary: 'Accept',
    // Of a page, how many rows there are in all.
    ...(typeof total === 'number' ? { 'X-Total-Count': String(total) } : {}),
  };
}
