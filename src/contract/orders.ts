/**
 * Orders: lists of trades that lead from holdings to target weights. A list is proposed by one person, signed off by another over the hash
 * of its content, released to a broker, and executed; the kill switch stops releases and cancels what is open.
 */
import { z } from 'zod';
import { operation } from './operation';
import { dateField, idField, instantField, pageInput, refField, sha256Field } from './fields';
import { accountField } from './holdings';
import { limitAnswerSchema } from './limits';

export const BROKERS = ['paper', 'fix', 'file'] as const;
export const brokerField = z.enum(BROKERS).meta({ title: 'Broker' });
export type BrokerName = z.infer<typeof brokerField>;

const rules = {
  lot: z.coerce.number().gt(0).max(1e9).default(1).meta({ title: 'Lot', unit: 'shares' }),
  minimumNotional: z.coerce.number().min(0).default(0).meta({
    title: 'Smallest trade',
    unit: 'currency',
    description: 'Smaller trades are left out, unless they close a position.',
  }),
  maxPriceAgeDays: z.coerce
    .number()
    .int()
    .min(0)
    .max(36_500)
    .default(5)
    .meta({ title: 'Oldest price', unit: 'calendar days', description: 'An older last close is refused.' }),
  maxAdvShare: z.coerce.number().gt(0).max(1).nullable().default(0.1).meta({
    title: 'Largest share of daily volume',
    description: 'Of the average of 21 days; an order is cut to it. Empty: no limit.',
  }),
};
export const orderRulesSchema = z.strictObject(rules).meta({ id: 'OrderRules' });

export const plannedOrderSchema = z
  .object({
    order: z
      .string()
      .meta({ description: 'Client order identifier: the same for the same portfolio, account, asset and attempt.' }),
    asset: z.string(),
    side: z.enum(['buy', 'sell']),
    shares: z.number(),
    price: z.number(),
    priceDate: dateField,
    notional: z.number(),
    currentWeight: z.number(),
    targetWeight: z.number(),
    cost: z.number(),
    advShare: z.number().nullable().meta({ description: 'Of average daily notional; null where no volume is known.' }),
    note: z.string(),
  })
  .meta({ id: 'PlannedOrder' });

export const orderPlanSchema = z
  .object({
    portfolio: idField,
    run: idField,
    runName: z.string(),
    account: z.string(),
    broker: brokerField,
    holdings: idField,
    attempt: z.number().int(),
    decidedOn: dateField,
    fillOn: dateField,
    rules: orderRulesSchema,
    orders: z.array(plannedOrderSchema),
    leftOut: z.array(z.object({ asset: z.string(), notional: z.number(), reason: z.string() })),
    unknown: z.array(z.string()).meta({ description: 'Held assets without a price; they are not traded.' }),
    limits: z.array(limitAnswerSchema),
    netAssetValue: z.number(),
    turnover: z.number(),
    cost: z.number(),
    cashBefore: z.number(),
    cashAfter: z.number(),
  })
  .meta({ id: 'OrderPlan' });
export type OrderPlan = z.infer<typeof orderPlanSchema>;

export const LIST_STATES = ['proposed', 'approved', 'released', 'done', 'rejected', 'voided'] as const;
export const ORDER_STATES = [
  'sent',
  'working',
  'partially-filled',
  'filled',
  'cancelled',
  'rejected',
  'expired',
] as const;
export type OrderState = (typeof ORDER_STATES)[number];

export const orderSchema = z
  .object({
    order: z.string(),
    asset: z.string(),
    side: z.enum(['buy', 'sell']),
    shares: z.number(),
    filled: z.number(),
    averagePrice: z.number().nullable(),
    state: z.enum(ORDER_STATES),
    cancelRequested: z.boolean(),
    reason: z.string().nullable(),
    updatedAt: instantField,
  })
  .meta({ id: 'Order' });
export type Order = z.infer<typeof orderSchema>;

const headingShape = {
  id: idField,
  portfolio: idField,
  runName: z.string(),
  account: z.string(),
  broker: brokerField,
  state: z.enum(LIST_STATES),
  contentHash: sha256Field.meta({ description: 'What is signed off; another content has another hash.' }),
  proposedBy: z.string(),
  proposedAt: instantField,
  approvedBy: z.string().nullable(),
  approvedAt: instantField.nullable(),
  releasedBy: z.string().nullable(),
  releasedAt: instantField.nullable(),
  reason: z.string().nullable().meta({ description: 'Why it was rejected, voided or cancelled.' }),
  planned: z.number().int(),
};
export const orderListHeadingSchema = z.object(headingShape).meta({ id: 'OrderListHeading' });
export type OrderListHeading = z.infer<typeof orderListHeadingSchema>;

export const orderListSchema = z
  .object({ ...headingShape, plan: orderPlanSchema, orders: z.array(orderSchema) })
  .meta({ id: 'OrderList' });
export type OrderList = z.infer<typeof orderListSchema>;

export const killSwitchSchema = z
  .object({
    engaged: z.boolean(),
    by: z.string().nullable(),
    at: instantField.nullable(),
    reason: z.string().nullable(),
    cancelled: z.number().int().meta({ description: 'Orders that the last kill cancelled or asked to cancel.' }),
  })
  .meta({ id: 'KillSwitch' });
export type KillSwitch = z.infer<typeof killSwitchSchema>;

export const ORDER_FILE_LAYOUTS = ['generic', 'aim', 'ims'] as const;
export type OrderFileLayout = (typeof ORDER_FILE_LAYOUTS)[number];

const reasonField = z
  .string()
  .trim()
  .min(3)
  .max(1_000)
  .meta({ title: 'Reason', examples: ['wrong prices'] });
const one = z.strictObject({ list: idField });
const hash = sha256Field.meta({ title: 'Content hash', description: 'As it was shown to who signs.' });

const planInput = z.strictObject({
  portfolio: refField.default('latest'),
  account: accountField.default('paper'),
  broker: brokerField.default('paper'),
  ...rules,
});
export type PlanInput = z.infer<typeof planInput>;

export const orders = {
  preview: operation({
    method: 'POST',
    path: '/orders/preview',
    summary:
      'The orders that would lead from the holdings of an account to target weights, and their cost; nothing is stored',
    sensitive: true,
    positional: ['portfolio'],
    input: planInput,
    output: orderPlanSchema,
  }),
  propose: operation({
    method: 'POST',
    path: '/orders',
    summary: 'Store a list of orders for another person to sign off; an account has one open list per portfolio',
    scope: 'execute',
    once: true,
    positional: ['portfolio'],
    input: planInput,
    output: orderListSchema,
  }),
  list: operation({
    method: 'GET',
    path: '/orders',
    summary: 'Lists of orders, the newest first',
    sensitive: true,
    input: z.strictObject({ ...pageInput, portfolio: refField.optional() }),
    output: z.object({ lists: z.array(orderListHeadingSchema), total: z.number().int() }),
  }),
  show: operation({
    method: 'GET',
    path: '/orders/{list}',
    summary: 'A list with its plan, and its orders once it was released',
    sensitive: true,
    positional: ['list'],
    input: one,
    output: orderListSchema,
  }),
  amend: operation({
    method: 'PUT',
    path: '/orders/{list}',
    summary: 'Lower or remove one order of a list before its release; a signature that was given is void',
    scope: 'execute',
    positional: ['list', 'asset', 'shares'],
    input: one.extend({
      asset: z.string().min(1).max(64).meta({ title: 'Asset' }),
      shares: z.coerce
        .number()
        .min(0)
        .meta({ title: 'Shares', description: 'At most what the plan says; 0 removes it.' }),
    }),
    output: orderListSchema,
  }),
  approve: operation({
    method: 'POST',
    path: '/orders/{list}/approve',
    summary: 'Sign a list off: by another person than who proposed it, over the content hash that was seen',
    scope: 'execute',
    positional: ['list', 'hash'],
    input: one.extend({ hash }),
    output: orderListSchema,
  }),
  reject: operation({
    method: 'POST',
    path: '/orders/{list}/reject',
    summary: 'Turn a list down before its release',
    scope: 'execute',
    positional: ['list', 'reason'],
    input: one.extend({ reason: reasonField }),
    output: orderListSchema,
  }),
  release: operation({
    method: 'POST',
    path: '/orders/{list}/release',
    summary: 'Send the orders of a signed list to its broker, each exactly once',
    scope: 'execute',
    once: true,
    positional: ['list'],
    input: one,
    output: orderListSchema,
  }),
  export: operation({
    method: 'GET',
    path: '/orders/{list}/export',
    summary:
      'The orders of a released list as CSV for a portfolio system: plain, Bloomberg AIM or Charles River IMS style',
    scope: 'export',
    positional: ['list'],
    input: one.extend({ layout: z.enum(ORDER_FILE_LAYOUTS).default('generic').meta({ title: 'Layout' }) }),
    output: z.object({ filename: z.string(), mediaType: z.literal('text/csv'), text: z.string() }),
  }),
  acknowledge: operation({
    method: 'POST',
    path: '/orders/{list}/acknowledgements',
    summary:
      'Book what a file says of a list that left as a file; each execution counts once, a file with a problem not at all',
    scope: 'execute',
    positional: ['list'],
    input: one.extend({
      text: z
        .string()
        .min(1)
        .max(8_000_000)
        .meta({ title: 'CSV', examples: ['order,execution,status,shares,price\nSX1,E1,fill,10,9.5\n'] }),
      mapping: z
        .partialRecord(
          z.enum(['order', 'execution', 'status', 'shares', 'price', 'cost', 'reason']),
          z.string().min(1).max(100),
        )
        .default({})
        .meta({ title: 'Columns', description: 'Names of columns that are called otherwise.' }),
    }),
    output: z.object({ booked: z.number().int(), known: z.number().int() }),
  }),
  cancel: operation({
    method: 'POST',
    path: '/orders/{list}/cancel',
    summary: 'Cancel the open orders of a released list, or one of them',
    scope: 'execute',
    positional: ['list', 'reason'],
    input: one.extend({ reason: reasonField, order: z.string().max(64).optional().meta({ title: 'Order' }) }),
    output: orderListSchema,
  }),
  advance: operation({
    method: 'POST',
    path: '/orders/advance',
    summary: 'Let the paper broker fill its open orders at the bars that have arrived',
    scope: 'execute',
    input: z.strictObject({}),
    output: z.object({ executions: z.number().int(), open: z.number().int() }),
  }),
  switch: operation({
    method: 'GET',
    path: '/orders/kill-switch',
    summary: 'Whether the kill switch is engaged, by whom and why',
    input: z.strictObject({}),
    output: killSwitchSchema,
  }),
  kill: operation({
    method: 'POST',
    path: '/orders/kill-switch',
    summary: 'Stop everything: no list is released any more, open orders are cancelled',
    scope: 'execute',
    positional: ['reason'],
    input: z.strictObject({ reason: reasonField.default('stopped by hand') }),
    output: killSwitchSchema,
  }),
  lift: operation({
    method: 'DELETE',
    path: '/orders/kill-switch',
    summary: 'Allow releases again; says why',
    scope: 'execute',
    positional: ['reason'],
    input: z.strictObject({ reason: reasonField }),
    output: killSwitchSchema,
  }),
};
