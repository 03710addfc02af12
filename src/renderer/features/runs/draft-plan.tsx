/** The plan beside the form: folds on a timeline with purge drawn to scale, and what will be tried. */
import type { RunConfig } from '#contract/runs';
import { useDatasets } from '../datasets/datasets-store';
import { integer, plural } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { Term } from '#renderer/ui/term';
import { useDraft } from './draft-store';
import { NetworkPlans } from './network-plan';
import { type Plan, type PlanInput, planOf } from './plan';

const MOST_DRAWN = 12;

/** Evenly spread folds, the first and the last among them. */
function drawn(plan: Plan): Plan['folds'] {
  const { folds } = plan;
  if (folds.length <= MOST_DRAWN) return folds;
  return Array.from(
    { length: MOST_DRAWN },
    (_, index) => folds[Math.round((index * (folds.length - 1)) / (MOST_DRAWN - 1))],
  );
}

const at = (share: number) => `${(share * 100).toFixed(2)}%`;

function Timeline({ plan, first, last }: { readonly plan: Plan; readonly first: string; readonly last: string }) {
  return (
    <figure aria-label={`${plan.folds.length} folds from ${first} to ${last}; first test ${plan.firstTest}`}>
      <div className="timeline" aria-hidden="true">
        {drawn(plan).map((fold, index) => (
          <div key={index}>
            <i className="train" style={{ left: at(fold.trainFrom), width: at(fold.trainTo - fold.trainFrom) }} />
            <i className="purge" style={{ left: at(fold.trainTo), width: at(fold.testFrom - fold.trainTo) }} />
            <i className="test" style={{ left: at(fold.testFrom), width: at(fold.testTo - fold.testFrom) }} />
          </div>
        ))}
      </div>
      <figcaption className="row apart caption num">
        <span>{first}</span>
        <span className="row">
          <i className="legend train" /> train <i className="legend purge" /> purge <i className="legend test" /> test
        </span>
        <span>{last}</span>
      </figcaption>
    </figure>
  );
}

/** Trading days that the longest feature of the standard set looks back. */
const FEATURE_LOOKBACK = 252;

/** What decides the folds. Without any forecast nothing is trained; then the risk look-back takes its place. */
function scheduleOf({ model, backtest, experiment }: RunConfig): Omit<PlanInput, 'first' | 'last' | 'compared'> {
  const { window, rebalance, lookback, embargo, lag } = backtest;
  const forecasts = model.forecast !== null || experiment.compare.some(({ forecast }) => forecast != null);
  const purge = forecasts ? (backtest.purge ?? model.horizon + lag) + embargo : 0;
  const history = forecasts ? Math.max(FEATURE_LOOKBACK, lookback - window.train - purge) : 0;
  return {
    mode: window.mode,
    refit: window.refit,
    train: forecasts ? window.train : lookback,
    purge,
    warmUp: history,
    rebalance,
  };
}

export function DraftPlan() {
  const config = useDraft((state) => state.config);
  const datasets = useDatasets((state) => state.list.value ?? []);
  if (config === null) {
    return (
      <Card title="Plan">
        <p className="faint">The plan is drawn once the configuration is valid.</p>
      </Card>
    );
  }
  const { data, experiment } = config;
  const dataset = datasets.find(({ id, name }) => name === data.dataset || id === data.dataset);
  if (dataset === undefined) {
    return (
      <Card title="Plan">
        <p className="faint">Dataset {data.dataset} is not in this workspace.</p>
      </Card>
    );
  }
  const { manifest } = dataset;
  const first = data.from !== undefined && data.from > manifest.firstDate ? data.from : manifest.firstDate;
  const last = data.to !== undefined && data.to < manifest.lastDate ? data.to : manifest.lastDate;
  const input = scheduleOf(config);
  const plan = planOf({ first, last, ...input, compared: experiment.compare.length });
  return (
    <Card title="Plan" actions={<span className="caption">estimate by calendar</span>}>
      {plan === null ? (
        <p className="warn">
          {`Expected more than ${integer(input.warmUp + input.train + input.purge)} trading days for the first test, found the span ${first} … ${last}. Shorten the training length or choose a longer range.`}
        </p>
      ) : (
        <div className="stack tight">
          <Timeline plan={plan} first={first} last={last} />
          <dl className="facts">
            <dt>Folds</dt>
            <dd>
              {integer(plan.folds.length)}, first test {plan.firstTest}, about {integer(plan.testDays)} trading days
              tested
            </dd>
            <dt>Rows</dt>
            <dd>
              {integer(manifest.rows)} over {plural(manifest.assets, 'asset')}
            </dd>
            <dt>Strategies</dt>
            <dd>{plan.strategies}, equal weight and the index among them</dd>
            <dt>
              <Term id="trials">Trials</Term>
            </dt>
            <dd>
              {plural(1 + experiment.compare.length, 'strategy is', 'strategies are')} added to the count of this
              dataset, where new
            </dd>
          </dl>
          <NetworkPlans key={JSON.stringify(config)} config={config} />
        </div>
      )}
    </Card>
  );
}
