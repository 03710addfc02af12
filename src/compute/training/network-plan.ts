/** Memory plan and time of a network by a probe: one real update of synthetic numbers on the device that will train. */
import type { NetworkPlan } from '#contract/run-plan';
import { createRandom, deriveSeed } from '#quant/array/random';
import type { PanelModel, PanelWork } from '#quant/models/panel-model';
import type { Batch, NetworkEngine } from '#quant/nn/engine';
import { parameterCount } from '#quant/nn/network';
import type { ForecastPlan } from '#quant/research/strategies';
import { memoryBudget } from './job-networks';
import { type MemoryPlan, planMemory, sessionOptions, type SessionShape } from './memory-plan';
import type { Trainer } from './trainer';

/**
 * The plan of a model's fits, the search for its parameters included: every combination is probed, memory is that of the largest one, and
 * the final fits are counted as the slowest one. Errors: DEVICE_UNAVAILABLE, TOO_LARGE.
 */
export async function planSearch(
  model: PanelModel,
  { params, tuning }: Pick<ForecastPlan, 'params' | 'tuning'>,
  shape: Parameters<PanelModel['work']>[1],
  fits: number,
  trainer: Trainer,
): Promise<Omit<NetworkPlan, 'strategy' | 'model'>> {
  if (tuning === null) return planNetwork(model.work(params, shape), fits, trainer);
  const days = Math.ceil((shape.days * (tuning.folds - 1)) / tuning.folds);
  let largest = await planNetwork(model.work(tuning.candidates[0], shape), fits, trainer);
  let [networks, seconds, slowest] = [0, 0, largest];
  for (const candidate of tuning.candidates) {
    const whole = await planNetwork(model.work(candidate, shape), fits, trainer);
    const search = await planNetwork(model.work(candidate, { ...shape, days }), fits * tuning.folds, trainer);
    networks += search.networks;
    seconds += search.secondsInAll;
    if (whole.memory.total > largest.memory.total) largest = whole;
    if (whole.secondsInAll > slowest.secondsInAll) slowest = whole;
  }
  return {
    ...largest,
    networks: slowest.networks + networks,
    secondsPerNetwork: slowest.secondsPerNetwork,
    secondsInAll: slowest.secondsInAll + seconds,
  };
}

/** Errors: DEVICE_UNAVAILABLE, TOO_LARGE. */
async function planNetwork(
  work: PanelWork,
  fits: number,
  trainer: Trainer,
): Promise<Omit<NetworkPlan, 'strategy' | 'model'>> {
  const { recipe, network, members, updates, largest, table } = work;
  const engine = await trainer.engineFor(recipe.device);
  const isPointwise = recipe.loss.id === 'mse' || recipe.loss.id === 'huber';
  const shape: SessionShape = {
    network,
    table: { ...table, inputs: network.inputs },
    largest,
    leastRows: isPointwise && network.kind === 'lstm' ? 1 : Math.min(largest.rows, table.series),
    options: { seed: 0, precision: recipe.device.precision, strict: recipe.device.strict },
  };
  const plan = planMemory(engine, shape, memoryBudget(engine.id));
  const perUpdate = work.kind === 'graph' ? Math.round(recipe.batchRows / largest.rows) : plan.accumulation;
  const seconds = await probe(engine, work, shape, plan);
  const secondsPerNetwork = seconds * perUpdate * updates * recipe.epochs;
  return {
    device: engine.device,
    parameters: parameterCount(network),
    networks: members * fits,
    epochs: recipe.epochs,
    updatesPerEpoch: updates,
    batchRows: recipe.batchRows,
    microRows: plan.microRows,
    accumulation: perUpdate,
    checkpointEvery: plan.checkpointEvery,
    memory: { ...plan.memory },
    budgetBytes: plan.budget,
    secondsPerNetwork,
    secondsInAll: secondsPerNetwork * members * fits,
  };
}

/** Seconds of one micro-batch, the second time. */
async function probe(engine: NetworkEngine, work: PanelWork, shape: SessionShape, plan: MemoryPlan): Promise<number> {
  const { network, table, recipe } = work;
  const random = createRandom(deriveSeed(0, 'probe'));
  const values = new Float32Array(table.series * table.days * network.inputs).map(() => random.uniform() - 0.5);
  const options = sessionOptions(shape, plan.microRows, plan.checkpointEvery);
  const session = await engine.open(network, { values, ...table, inputs: network.inputs }, options);
  try {
    const batch = probeBatch(work, plan.microRows);
    const update = {
      learningRate: 0,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      weightDecay: 0,
      clipNorm: recipe.clipNorm,
    };
    let seconds = 0;
    for (let round = 0; round < 2; round++) {
      const begun = performance.now();
      // The Sharpe loss needs two dates, and costs what a squared error costs.
      await session.accumulate(batch, recipe.loss.id === 'sharpe' ? { id: 'mse' } : recipe.loss, 1);
      await session.update(update);
      await session.measured();
      seconds = (performance.now() - begun) / 1000;
    }
    return seconds;
  } finally {
    session.dispose();
  }
}

function probeBatch({ kind, largest, table, network }: PanelWork, rows: number): Batch {
  const random = createRandom(deriveSeed(1, 'probe'));
  const series = Uint32Array.from({ length: rows }, (_, row) => row % table.series);
  const { steps } = largest;
  const draws = (n: number) => Float32Array.from({ length: n }, () => random.normal());
  if (kind === 'graph' && network.kind === 'gat') {
    const degree = Math.max(1, Math.floor(largest.edges / rows));
    return {
      kind,
      series,
      day: table.days - 1,
      rowStart: Uint32Array.from({ length: rows + 1 }, (_, i) => i * degree),
      columns: Uint32Array.from({ length: rows * degree }, (_, e) => (Math.floor(e / degree) + (e % degree)) % rows),
      targets: draws(rows),
    };
  }
  if (kind === 'sequences') {
    const burnIn = Math.max(0, steps - 63);
    const length = Math.min(steps, table.days);
    return {
      kind,
      series,
      start: new Uint32Array(rows),
      length,
      burnIn: Math.min(burnIn, length - 1),
      targets: draws(rows * (length - Math.min(burnIn, length - 1))),
    };
  }
  const groups = [0];
  while (groups[groups.length - 1] < rows) groups.push(Math.min(rows, groups[groups.length - 1] + table.series));
  return {
    kind: 'windows',
    series,
    end: new Uint32Array(rows).fill(table.days - 1),
    lookback: steps,
    targets: draws(rows),
    groups: Uint32Array.from(groups),
  };
}
