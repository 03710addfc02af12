/**
 * Orders as files for portfolio systems and back: CSV in the manner of Bloomberg AIM and Charles River IMS, and a plain one. Columns are documented in
 * docs/order-files.md. Text that a spreadsheet would run as a formula is made harmless; an acknowledgement file is read whole or not at all.
 */
import { parseCsv, toCsv } from '#base/csv';
import { AppError } from '#base/errors';
import type { OrderFileLayout, OrderList } from '#contract/orders';
import { EXECUTION_KINDS, type Execution } from './broker';

interface Row {
  readonly list: OrderList;
  readonly order: OrderList['plan']['orders'][number];
}
type Column = readonly [title: string, value: (row: Row) => string | number];

const compact = (day: string): string => day.replaceAll('-', '');

const LAYOUTS: Readonly<Record<OrderFileLayout, readonly Column[]>> = {
  generic: [
    ['order', ({ order }) => order.order],
    ['account', ({ list }) => list.account],
    ['asset', ({ order }) => order.asset],
    ['side', ({ order }) => order.side],
    ['shares', ({ order }) => order.shares],
    ['reference_price', ({ order }) => order.price],
    ['price_date', ({ order }) => order.priceDate],
    ['trade_date', ({ list }) => list.plan.fillOn],
  ],
  aim: [
    ['Portfolio', ({ list }) => list.account],
    ['Ticker', ({ order }) => order.asset],
    ['Transaction Type', ({ order }) => (order.side === 'buy' ? 'B' : 'S')],
    ['Quantity', ({ order }) => order.shares],
    ['Order Type', () => 'MKT'],
    ['TIF', () => 'DAY'],
    ['Trade Date', ({ list }) => compact(list.plan.fillOn)],
    ['External Order ID', ({ order }) => order.order],
  ],
  ims: [
    ['ACCT_CD', ({ list }) => list.account],
    ['EXT_SEC_ID', ({ order }) => order.asset],
    ['TRANS_TYPE', ({ order }) => (order.side === 'buy' ? 'BUYL' : 'SELLL')],
    ['TARGET_QTY', ({ order }) => order.shares],
    ['ORDER_TYPE', () => 'MARKET'],
    ['TRADE_DATE', ({ list }) => list.plan.fillOn],
    ['EXT_ORDER_ID', ({ order }) => order.order],
  ],
};

export function orderFile(
  list: OrderList,
  layout: OrderFileLayout,
): { filename: string; mediaType: 'text/csv'; text: string } {
  const columns = LAYOUTS[layout];
  const rows = list.plan.orders.map((order) => columns.map(([, value]) => value({ list, order })));
  const text = toCsv(
    columns.map(([title]) => title),
    rows,
  );
  return { filename: `orders-${layout}-${list.id}.csv`, mediaType: 'text/csv', text };
}

/** Names of the columns of an acknowledgement file, compared without case, spaces and underscores; a mapping names others. */
const ACKNOWLEDGED = {
  order: ['order', 'externalorderid', 'extorderid'],
  execution: ['execution', 'executionid', 'fillid', 'extfillid'],
  status: ['status', 'orderstatus'],
  shares: ['shares', 'filledquantity', 'execqty', 'quantity'],
  price: ['price', 'fillprice', 'execprice'],
  cost: ['cost', 'commission'],
  reason: ['reason', 'text'],
} as const;
export type AcknowledgedColumn = keyof typeof ACKNOWLEDGED;

const plain = (name: string): string => name.toLowerCase().replaceAll(/[\s_]/g, '');

/** Errors: INVALID_DATA with every problem and its line; nothing is then booked. */
export function readAcknowledgements(
  text: string,
  known: ReadonlySet<string>,
  mapping: Readonly<Partial<Record<AcknowledgedColumn, string>>>,
): Execution[] {
  const [heading, ...rows] = parseCsv(text);
  const names = heading?.cells.map(plain) ?? [];
  const at = (column: AcknowledgedColumn): number => {
    const own = mapping[column];
    return names.findIndex((name) =>
      own === undefined ? ACKNOWLEDGED[column].some((one) => one === name) : name === plain(own),
    );
  };
  const problems: { line: number; reason: string }[] = [];
  for (const column of ['order', 'execution', 'status'] as const) {
    if (at(column) < 0)
      problems.push({ line: 1, reason: `Expected a column ${mapping[column] ?? ACKNOWLEDGED[column].join(' or ')}.` });
  }
  const executions =
    problems.length > 0
      ? []
      : rows.flatMap(({ line, cells }): Execution[] => {
          const cell = (column: AcknowledgedColumn) => cells[at(column)] ?? '';
          const number = (column: AcknowledgedColumn) => Number(cell(column).replaceAll(',', '') || '0');
          const kind = EXECUTION_KINDS.find((one) => one === cell('status').toLowerCase().replaceAll(' ', '-'));
          const isFill = kind === 'fill' || kind === 'partial-fill';
          const [shares, price, cost] = [number('shares'), number('price'), number('cost')];
          const report = (reason: string): Execution[] => {
            problems.push({ line, reason });
            return [];
          };
          if (!known.has(cell('order')))
            return report(`Expected an order of this list, found "${cell('order').slice(0, 64)}".`);
          if (cell('execution') === '') return report('Expected an identifier of the execution, found none.');
          if (kind === undefined || kind === 'replaced')
            return report(
              `Expected a status of ${EXECUTION_KINDS.filter((one) => one !== 'replaced').join(', ')}, found "${cell('status').slice(0, 40)}".`,
            );
          if (isFill && !(shares > 0 && price > 0 && Number.isFinite(shares * price)))
            return report(`Expected shares and a price above 0, found ${cell('shares')} at ${cell('price')}.`);
          if (!(cost >= 0 && Number.isFinite(cost)))
            return report(`Expected a cost of at least 0, found ${cell('cost')}.`);
          return [
            {
              broker: 'file',
              execution: cell('execution'),
              order: cell('order'),
              kind,
              shares: isFill ? shares : 0,
              price: isFill ? price : null,
              cost,
              reason: cell('reason') || null,
            },
          ];
        });
  if (problems.length === 0) return executions;
  const told = problems.slice(0, 5).map(({ line, reason }) => `line ${line}: ${reason}`);
  throw new AppError(
    'INVALID_DATA',
    `Expected acknowledgements without problems, found ${problems.length}. Nothing was booked. ${told.join(' ')}`,
    { data: { problems: problems.slice(0, 100) } },
  );
}
