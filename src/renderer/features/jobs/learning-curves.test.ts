/** Curves from events: every epoch once, in order, whatever is told twice; bounded, and the newest network always whole. */
import { expect, it } from 'vitest';
import fc from 'fast-check';
import type { TrainedEpoch } from '#contract/jobs';
import { addEpochs, type LearningCurve } from './learning-curves';

const told = (network: number, epoch: number): TrainedEpoch => ({
  network: `n${network}`,
  title: `network ${network}`,
  epoch,
  loss: network + 1 / epoch,
  validationLoss: null,
  validationIc: 0.01 * epoch,
});

/** How many epochs each network trains, and where it falls back to a checkpoint and says some again. */
const history = fc.array(
  fc.record({ epochs: fc.integer({ min: 1, max: 30 }), again: fc.integer({ min: 0, max: 10 }) }),
  { minLength: 1, maxLength: 12 },
);
const reports = (networks: { epochs: number; again: number }[]): TrainedEpoch[] =>
  networks.flatMap(({ epochs, again }, n) => {
    const numbers = Array.from({ length: epochs }, (_, i) => i + 1);
    return [...numbers.slice(0, again), ...numbers].map((epoch) => told(n, epoch));
  });
const count = (curves: readonly LearningCurve[]) => curves.reduce((sum, { points }) => sum + points.length, 0);

it('holds every epoch of every network once and in order, in whatever portions it is told', () => {
  fc.assert(
    fc.property(history, fc.integer({ min: 1, max: 9 }), (networks, portion) => {
      const all = reports(networks);
      let curves: readonly LearningCurve[] = [];
      for (let at = 0; at < all.length; at += portion) curves = addEpochs(curves, all.slice(at, at + portion));
      expect(curves.map(({ network }) => network)).toEqual(networks.map((_, n) => `n${n}`));
      curves.forEach(({ points }, n) => {
        expect(points.map(({ epoch }) => epoch)).toEqual(Array.from({ length: networks[n].epochs }, (_, i) => i + 1));
        expect(points.map(({ loss }) => loss)).toEqual(points.map(({ epoch }) => n + 1 / epoch));
      });
    }),
  );
});

it('is bounded: older curves keep their ends, the newest keeps everything', () => {
  fc.assert(
    fc.property(history, fc.integer({ min: 40, max: 80 }), (networks, most) => {
      let curves: readonly LearningCurve[] = [];
      for (const epoch of reports(networks)) {
        curves = addEpochs(curves, [epoch], most);
        expect(count(curves)).toBeLessThanOrEqual(most);
      }
      const newest = networks.length - 1;
      expect(curves.at(-1)?.points).toHaveLength(networks[newest].epochs);
      curves.forEach(({ points, network }) => {
        expect(points[0].epoch).toBe(1);
        expect(points.at(-1)?.epoch).toBe(networks[Number(network.slice(1))].epochs);
      });
    }),
  );
});

it('holds ten thousand epochs whole', () => {
  const events: TrainedEpoch[] = Array.from({ length: 10_000 }, (_, i) => told(Math.floor(i / 100), 1 + (i % 100)));
  const curves = events.reduce<readonly LearningCurve[]>((known, epoch) => addEpochs(known, [epoch]), []);
  expect(curves).toHaveLength(100);
  expect(count(curves)).toBe(10_000);
});
