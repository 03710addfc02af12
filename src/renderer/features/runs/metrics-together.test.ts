/** Which metric over steps is offered first when runs are compared. */
import { expect, it } from 'vitest';
import { metricNames } from './metrics-together';

const tracked = (...names: string[]) => names.map((name) => ({ name, steps: [1], values: [1], times: [null] }));

it('puts the learning curve first, then what all runs tracked, each name once', () => {
  const [network, linear] = [tracked('fold/return', 'epoch/a/loss', 'epoch/validation_loss'), tracked('fold/return')];
  expect(metricNames([linear, network])).toEqual(['epoch/validation_loss', 'fold/return', 'epoch/a/loss']);
  expect(metricNames([])).toEqual([]);
});
