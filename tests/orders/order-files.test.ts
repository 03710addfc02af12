/** Orders leave as CSV that no spreadsheet runs, with one identifier each; fills come back once, and a file with a problem books nothing. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCsv } from '#base/csv';
import { ORDER_FILE_LAYOUTS, type OrderList } from '#contract/orders';
import { orderFile, readAcknowledgements } from '#engine/brokers/order-files';
import { INPUT, planFor } from './light-desk';

function listOf(assets: readonly string[]): OrderList {
  const plan = planFor({ ...INPUT, portfolio: 'P', broker: 'file' }, 1);
  const orders = assets.map((asset, i) => ({ ...plan.orders[0], asset, order: `SX${i}`, shares: i + 1 }));
  return {
    id: 'L',
    portfolio: 'P',
    runName: 'r',
    account: 'core',
    broker: 'file',
    state: 'released',
    contentHash: '',
    proposedBy: 'a',
    proposedAt: '',
    approvedBy: 'b',
    approvedAt: '',
    releasedBy: 'a',
    releasedAt: '',
    reason: null,
    planned: orders.length,
    plan: { ...plan, orders },
    orders: [],
  };
}

test('every layout names each order once, and no cell begins a formula', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[=+@A-Z-][A-Z"=]{0,6}$/), { minLength: 1 }),
      fc.constantFrom(...ORDER_FILE_LAYOUTS),
      (assets, layout) => {
        const { text } = orderFile(listOf(assets), layout);
        const [heading, ...rows] = parseCsv(text);
        const column = heading.cells.findIndex((name) => /^(order|External Order ID|EXT_ORDER_ID)$/.test(name));
        expect(rows.map(({ cells }) => cells[column])).toEqual(assets.map((_asset, i) => `SX${i}`));
        expect(text).not.toMatch(/(^|,|\n)"?[=+@-]/);
      },
    ),
  );
});

test.each(['generic', 'aim', 'ims'] as const)('the columns of %s are those that are documented', async (layout) => {
  const { readFileSync } = await import('node:fs');
  const documented = readFileSync('docs/order-files.md', 'utf8');
  for (const name of parseCsv(orderFile(listOf(['A']), layout).text)[0].cells)
    expect(documented).toContain(`\`${name}\``);
});

const KNOWN = new Set(['SX1', 'SX2']);

test('fills are read with other names and a mapping', () => {
  const text =
    'Ext_Order_Id;Fill Id;Status;Exec Qty;Exec Price;Commission\nSX1;E1;Partial Fill;1,000;9.5;2\nSX2;E2;REJECTED;;;\n';
  expect(readAcknowledgements(text, KNOWN, {})).toEqual([
    {
      broker: 'file',
      execution: 'E1',
      order: 'SX1',
      kind: 'partial-fill',
      shares: 1_000,
      price: 9.5,
      cost: 2,
      reason: null,
    },
    { broker: 'file', execution: 'E2', order: 'SX2', kind: 'rejected', shares: 0, price: null, cost: 0, reason: null },
  ]);
  expect(readAcknowledgements('Mine,execution,status\nSX1,E,new\n', KNOWN, { order: 'mine' })).toHaveLength(1);
});

test.each([
  ['order,execution,status\nSX9,E,new\n', /line 2: Expected an order of this list/],
  ['order,execution,status\nSX1,,new\n', /line 2: Expected an identifier/],
  ['order,execution,status\nSX1,E,done\n', /line 2: Expected a status/],
  ['order,execution,status,shares,price\nSX1,E,fill,5,0\n', /line 2: Expected shares and a price/],
  ['order,execution,status,shares,price\nSX1,E,fill,-5,1\n', /line 2/],
  ['order,execution,status,shares,price,cost\nSX1,E,fill,5,1,-1\n', /line 2: Expected a cost/],
  ['order,status\nSX1,new\n', /Expected a column execution/],
  ['', /Expected a column order/],
])('%j is refused whole', (text, told) => {
  expect(() => readAcknowledgements(text, KNOWN, {})).toThrow(told);
});
