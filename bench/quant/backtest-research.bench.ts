/** The whole research pipeline for equal weight and HRP, 500 assets × 3,780 days, statistics included. */
import { createRandom } from '#quant/array/random';
import { tradingDays } from '#quant/calendar/nyse';
import type { Panel } from '#quant/panel';
import { researchConfigSchema } from '#quant/research/config';
import { runResearch } from '#quant/research/run-research';
import { bench } from '../harness';

const ASSETS = 500;
const DAYS = 3_780;

/** One common factor and noise, so that correlations are worth clustering. */
function panel(): Panel {
  const dates = tradingDays('2009-01-02', '2024-12-31').slice(0, DAYS);
  const random = createRandom(1);
  const close = new Float64Array(DAYS * ASSETS).fill(100);
  for (let t = 1; t < DAYS; t++) {
    const market = 0.02 * (random.uniform() - 0.5);
    for (let i = 0; i < ASSETS; i++) {
      const own = 0.04 * (random.uniform() - 0.5);
      close[t * ASSETS + i] = close[(t - 1) * ASSETS + i] * Math.exp(market * (0.5 + i / ASSETS) + own);
    }
  }
  return { dates, assets: Array.from({ length: ASSETS }, (_, i) => `A${i}`), fields: { close } };
}

const data = panel();
const levels = Float64Array.from(data.dates, (_, t) => data.fields.close[t * ASSETS]);
const config = researchConfigSchema.parse({ model: { forecast: null, optimizer: { id: 'hrp' } } });
const stages = new Map<string, number>();

async function research(): Promise<void> {
  stages.clear();
  let stage = 'start';
  let since = performance.now();
  await runResearch(
    config,
    data,
    { name: 'INDEX', levels },
    {
      emit: (progress) => {
        const name = `${progress.stage} ${progress.detail}`;
        if (name === stage) return;
        stages.set(stage, (stages.get(stage) ?? 0) + performance.now() - since);
        stage = name;
        since = performance.now();
      },
      breathe: () => Promise.resolve(),
    },
  );
  stages.set(stage, (stages.get(stage) ?? 0) + performance.now() - since);
}

await bench({ job: `walk-forward equal weight + HRP ${ASSETS} × ${DAYS}`, goalMs: 5_000, rounds: 3 }, [
  { name: 'research pipeline', run: research },
]);
console.log(Object.fromEntries([...stages].map(([name, ms]) => [name, Math.round(ms)])));
