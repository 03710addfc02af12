/** Four eyes, the kill switch and executions, over random sequences of commands; each protection is also seen to be missed where it is off. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '#base/errors';
import type { OrderPlan } from '#contract/orders';
import { hashOfPlan } from '#engine/orders/order-list';
import { createDatabase } from '#engine/store/database';
import { migrations } from '#engine/store/schema';
import { scratchFolder } from '../support/scratch';
import { INPUT, lightDesk, NOW, type LightDesk, type LightDeskOptions } from './light-desk';

const PEOPLE = ['ann', 'bob', 'cy'] as const;

function open(options: LightDeskOptions = {}) {
  const database = createDatabase({ file: join(scratchFolder(), 'o.db'), key: randomBytes(32), migrations });
  return { database, desk: lightDesk(database, options) };
}

/** The code of the refusal, or null where it worked. */
async function refusal(work: () => unknown): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

async function proposed({ orders }: LightDesk, portfolio = '01JDA3N6X7Q8R9S0T1V2W3X4Y7', actor = 'ann') {
  return orders.propose({ ...INPUT, portfolio }, actor);
}

async function released(desk: LightDesk, portfolio?: string) {
  const { id, contentHash } = await proposed(desk, portfolio);
  desk.orders.approve(id, contentHash, 'bob');
  return desk.orders.release(id, 'ann');
}

test('a list is signed by another person over what they saw, and then leaves once', async () => {
  const { database, desk } = open();
  const list = await proposed(desk);
  expect(await refusal(() => desk.orders.release(list.id, 'bob'))).toBe('CONFLICT');
  expect(await refusal(() => desk.orders.approve(list.id, list.contentHash, 'ann'))).toBe('FORBIDDEN');
  expect(await refusal(() => desk.orders.approve(list.id, '0'.repeat(64), 'bob'))).toBe('PRECONDITION_FAILED');
  desk.orders.approve(list.id, list.contentHash, 'bob');
  const shown = desk.orders.release(list.id, 'ann');
  expect(shown).toMatchObject({ state: 'released', approvedBy: 'bob', releasedBy: 'ann' });
  expect(await refusal(() => desk.orders.release(list.id, 'ann'))).toBe('CONFLICT');
  expect(desk.sent).toEqual(list.plan.orders.map(({ order }) => order));
  expect(desk.outbox.after(0, 10).map(({ topic }) => topic)).toEqual(['weights.approved']);
  expect(desk.audited.map(({ action }) => action)).toEqual(['orders.proposed', 'orders.approved', 'orders.released']);
  database.close();
});

test('sabotage: a row that skips the second person or changes behind its signature is refused by the store itself', async () => {
  const { database, desk } = open();
  const list = await proposed(desk);
  const set = (sql: string) => database.exec(`UPDATE order_lists SET ${sql} WHERE id = '${list.id}'`);
  expect(() => set(`approved_by = 'ann'`)).toThrow('CHECK');
  expect(() => set(`state = 'approved'`)).toThrow('CHECK');
  expect(() => set(`state = 'approved', approved_by = 'bob', approved_hash = 'other'`)).toThrow('CHECK');
  desk.orders.approve(list.id, list.contentHash, 'bob');
  // The hash column stays and the content changes: the release computes the hash anew.
  const forged: OrderPlan = {
    ...list.plan,
    orders: list.plan.orders.map((order) => ({ ...order, shares: order.shares + 1 })),
  };
  database.prepare('UPDATE order_lists SET plan = ? WHERE id = ?').run(JSON.stringify(forged), list.id);
  expect(hashOfPlan(forged)).not.toBe(list.contentHash);
  expect(await refusal(() => desk.orders.release(list.id, 'ann'))).toBe('PRECONDITION_FAILED');
  expect(desk.orders.show(list.id)).toMatchObject({
    state: 'voided',
    reason: expect.stringContaining('not what was signed'),
  });
  expect(desk.sent).toEqual([]);
  database.close();
});

test.each([
  ['other holdings', (desk: LightDesk) => (desk.holdings = '01JDA3N6X7Q8R9S0T1V2W3X4Y9'), /holdings/],
  ['an amendment', (desk: LightDesk, id: string) => desk.orders.amend(id, 'AAA', 10, 'bob'), /proposed/],
  ['days that pass', (_desk: LightDesk, _id: string, wait: () => void) => wait(), /days old/],
])('%s voids a signature', async (_what, change, told) => {
  let now = NOW;
  const { database, desk } = open({ now: () => now });
  const list = await proposed(desk);
  desk.orders.approve(list.id, list.contentHash, 'bob');
  change(desk, list.id, () => (now += 6 * 86_400_000));
  expect(() => desk.orders.release(list.id, 'ann')).toThrow(told);
  expect(desk.sent).toEqual([]);
  database.close();
});

test('an amendment only lowers, keeps lots and cash, and makes the amender the one who cannot sign', async () => {
  const { database, desk } = open();
  const { id } = await proposed(desk);
  const { amend, approve, show } = desk.orders;
  expect(await refusal(() => amend(id, 'AAA', 51, 'bob'))).toBe('INVALID_DATA');
  expect(await refusal(() => amend(id, 'AAA', 1.5, 'bob'))).toBe('INVALID_DATA');
  expect(await refusal(() => amend(id, 'ZZZ', 1, 'bob'))).toBe('NOT_FOUND');
  const after = amend(id, 'AAA', 0, 'bob');
  expect(after.plan.orders.map(({ asset }) => asset)).toEqual(['OLD', 'BBB']);
  expect(after.plan.cashAfter).toBe(1_000 + 200 - 300 - 2);
  expect(await refusal(() => approve(id, show(id).contentHash, 'bob'))).toBe('FORBIDDEN');
  expect(approve(id, show(id).contentHash, 'ann').state).toBe('approved');
  database.close();
});

test('the kill switch stops a release in its transaction, cancels what is open, warns, and needs a reason to lift', async () => {
  const { database, desk } = open({ cancel: () => 'cancelled' });
  const first = await released(desk);
  const second = await proposed(desk, '01JDA3N6X7Q8R9S0T1V2W3X4Y8');
  desk.orders.approve(second.id, second.contentHash, 'bob');
  expect(desk.orders.kill('bad prices', 'cy')).toMatchObject({ engaged: true, by: 'cy', cancelled: 3 });
  expect(desk.orders.show(first.id)).toMatchObject({ state: 'done' });
  expect(new Set(desk.orders.show(first.id).orders.map(({ state }) => state))).toEqual(new Set(['cancelled']));
  expect(await refusal(() => desk.orders.release(second.id, 'ann'))).toBe('CONFLICT');
  expect(desk.orders.show(second.id)).toMatchObject({ state: 'approved', orders: [] });
  // A new service on the same store: it was kept.
  expect(lightDesk(database).orders.switch().engaged).toBe(true);
  const topics = desk.outbox.after(0, 100).map(({ topic }) => topic);
  expect(topics.filter((topic) => topic === 'orders.execution')).toHaveLength(3);
  expect(topics).toContain('risk.alerts');
  expect(desk.orders.lift('prices mended', 'ann').engaged).toBe(false);
  expect(await refusal(() => desk.orders.lift('again', 'ann'))).toBe('CONFLICT');
  expect(desk.orders.release(second.id, 'ann').state).toBe('released');
  database.close();
});

test('sabotage: with the trigger gone and the question unasked an order is written while killed; with it, never', async () => {
  const { database, desk } = open();
  const { id } = await released(desk);
  desk.orders.kill('stop', 'cy');
  const write = () => desk.table.insertOrder({ ...desk.table.ordersOf(id)[0], id: `X${Math.random()}` });
  expect(write).toThrow('kill switch');
  database.exec('DROP TRIGGER no_order_while_killed');
  expect(write).not.toThrow();
  database.close();
});

test('executions count once, in any order, and fills are booked whatever the state', async () => {
  const { database, desk } = open();
  const { id, orders: rows } = await released(desk);
  const fill = (order: string, execution: string, shares: number, kind: 'fill' | 'partial-fill' = 'partial-fill') =>
    desk.orders.execute({ broker: 'paper', execution, order, kind, shares, price: 11, cost: 1, reason: null });
  const { order } = rows[0];
  expect(fill(order, 'e1', 5)).toBe(true);
  expect(fill(order, 'e1', 5)).toBe(false);
  expect(desk.orders.show(id).orders[0]).toMatchObject({ filled: 5, state: 'partially-filled', averagePrice: 11 });
  desk.orders.execute({
    broker: 'paper',
    execution: 'e2',
    order,
    kind: 'cancelled',
    shares: 0,
    price: null,
    cost: 0,
    reason: 'asked',
  });
  expect(fill(order, 'late', 3)).toBe(true);
  expect(desk.orders.show(id).orders[0]).toMatchObject({ filled: 8, state: 'cancelled', reason: 'asked' });
  expect(fill('NOBODY', 'e3', 1)).toBe(false);
  for (const { order: other, shares } of rows.slice(1)) fill(other, `f${other}`, shares, 'fill');
  expect(desk.orders.show(id).state).toBe('done');
  expect(fill(rows[1].order, 'too much', 1)).toBe(true);
  const alerts = desk.outbox.after(0, 100).filter(({ topic }) => topic === 'risk.alerts');
  expect(alerts.map(({ payload }) => String(JSON.parse(payload).rule)).sort()).toEqual([
    'orders.overfill',
    'orders.unknown',
  ]);
  database.close();
});

const person = fc.constantFrom(...PEOPLE);
const command = fc.oneof(
  fc.record({ do: fc.constant('propose' as const), by: person }),
  fc.record({ do: fc.constant('approve' as const), by: person, seen: fc.boolean() }),
  fc.record({ do: fc.constant('amend' as const), by: person, shares: fc.integer({ min: 0, max: 60 }) }),
  fc.record({
    do: fc.constantFrom('reject' as const, 'release' as const, 'cancel' as const, 'kill' as const, 'lift' as const),
    by: person,
  }),
  fc.record({
    do: fc.constant('fill' as const),
    by: person,
    at: fc.integer({ min: 0, max: 2 }),
    shares: fc.integer({ min: 1, max: 60 }),
  }),
  fc.record({ do: fc.constant('book' as const), by: person }),
);

test('no sequence of commands sends an order that two people did not sign as it is, nor one while killed, nor one twice', async () => {
  const { database } = open();
  let round = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 30 }), async (commands) => {
      const desk = lightDesk(database);
      if (desk.orders.switch().engaged) desk.orders.lift('next round', 'ann');
      const portfolio = `01JDA3N6X7Q8R9S0T1V2W3${String(++round).padStart(4, '0')}`;
      let id = '';
      let seen = '';
      let changes = 0;
      let author = '';
      let signature: { by: string; hash: string } | null = null;
      for (const step of commands) {
        const before = desk.sent.length;
        const killed = desk.orders.switch().engaged;
        const work = async () => {
          if (step.do === 'propose') {
            const list = await proposed(desk, portfolio, step.by);
            [id, seen, author, signature] = [list.id, list.contentHash, step.by, null];
          } else if (step.do === 'kill') desk.orders.kill('stop now', step.by);
          else if (step.do === 'lift') desk.orders.lift('go on', step.by);
          else if (step.do === 'book') desk.holdings = randomBytes(13).toString('hex').toUpperCase();
          else if (id === '') return;
          else if (step.do === 'approve') {
            const hash = step.seen ? desk.orders.show(id).contentHash : seen;
            desk.orders.approve(id, hash, step.by);
            signature = { by: step.by, hash };
          } else if (step.do === 'amend') {
            desk.orders.amend(id, 'AAA', step.shares, step.by);
            [author, signature, changes] = [step.by, null, changes + 1];
          } else if (step.do === 'reject') desk.orders.reject(id, 'no good', step.by);
          else if (step.do === 'cancel') desk.orders.cancel(id, undefined, 'changed our mind', step.by);
          else if (step.do === 'release') desk.orders.release(id, step.by);
          else if (step.do === 'fill') {
            const orders = desk.orders.show(id).orders;
            const { order } = orders[step.at] ?? {};
            if (order !== undefined) {
              desk.orders.execute({
                broker: 'paper',
                execution: randomBytes(8).toString('hex'),
                order,
                kind: 'partial-fill',
                shares: step.shares,
                price: 10,
                cost: 0,
                reason: null,
              });
            }
          }
        };
        await refusal(work);
        if (desk.sent.length > before) {
          expect(step.do).toBe('release');
          expect(killed).toBe(false);
          const list = desk.orders.show(id);
          expect(signature).toEqual({ by: list.approvedBy, hash: hashOfPlan(list.plan) });
          expect(list.approvedBy).not.toBe(author);
          expect(desk.holdings).toBe(list.plan.holdings);
        }
      }
      expect(new Set(desk.sent).size).toBe(desk.sent.length);
      if (id !== '') {
        const { state, orders } = desk.orders.show(id);
        const open = orders.some((order) => ['sent', 'working', 'partially-filled'].includes(order.state));
        expect(state === 'released').toBe(orders.length > 0 && open);
      }
    }),
    { numRuns: 60 },
  );
  database.close();
});
