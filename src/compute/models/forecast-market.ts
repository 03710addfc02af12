/**
 * Forecasts of an open model from the newest days of a panel. Features are computed as in training and refused where they are not what the
 * model was trained on; where nothing can be said there is no signal, with the reason.
 */
import { AppError } from '#base/errors';
import { whySilent } from '#contract/model-validity';
import { sessionsBetween } from '#quant/calendar/nyse';
import { selectedFeatures } from '#quant/research/pieces';
import { prepareMarket } from '#quant/backtest/market';
import { loadModel } from '#quant/models/load';
import { isPanelModel } from '#quant/models/panel-model';
import type { NetworkTrainer } from '#quant/nn/training';
import type { Panel } from '#quant/panel';
import { returnOver } from '#quant/research/labels';
import type { OpenModel } from './open-model';

export interface Forecasts {
  /** Last close that the forecasts know. */
  readonly decidedOn: string;
  readonly signal: 'forecast' | 'none';
  /** Why there is no signal. */
  readonly reason: string | null;
  /** Assets that can be judged, in the order of the panel. */
  readonly forecasts: readonly { readonly asset: string; readonly forecast: number }[];
  readonly warnings: readonly string[];
}

export interface ForecastOptions {
  /** ISO day for which a signal is wanted; the last day of the data unless told. */
  readonly asOf?: string | undefined;
}

const WARN_SHARE = 0.01;
const REFUSE_SHARE = 0.1;
const SPREADS = 3;

/** Errors: INVALID_DATA where more than a tenth of a feature lies outside of what training saw; NOT_ENOUGH_DATA. */
export async function forecastMarket(
  { manifest, fitted }: OpenModel,
  panel: Panel,
  options: ForecastOptions,
  networks: NetworkTrainer,
): Promise<Forecasts> {
  const { dates } = panel;
  const { asOf = dates[dates.length - 1] } = options;
  const row = dates.findLastIndex((date) => date <= asOf);
  if (row < 0) throw new AppError('NOT_ENOUGH_DATA', `Expected data up to ${asOf}, found none before ${dates[0]}.`);
  const decidedOn = dates[row];
  const none = (reason: string): Forecasts => ({ decidedOn, signal: 'none', reason, forecasts: [], warnings: [] });
  const silence = whySilent(manifest, {
    decidedOn,
    sinceCutoff: dates.filter((date, t) => t <= row && date > manifest.trained.cutoff).length,
    behind: sessionsBetween(decidedOn, asOf),
  });
  if (silence !== null) return none(silence);
  const { model } = await loadModel(manifest.model);
  if (!isPanelModel(model))
    throw new AppError('INVALID_DATA', `Expected a network, found the model "${manifest.model}".`);
  const N = panel.assets.length;
  const known = upTo(panel, row);
  const features = manifest.features.map(({ name }) => name);
  const { table } = await selectedFeatures({ set: features, ...manifest.transform }, known, () => Promise.resolve());
  if (table.names.join('\n') !== features.join('\n')) {
    throw new AppError(
      'INVALID_DATA',
      `Expected data with the features ${features.join(', ')}, found ${table.names.join(', ')}. Import the missing fields.`,
      { data: { expected: features, found: table.names } },
    );
  }
  const { input } = fitted;
  const first = Math.max(0, row + 1 - (input.kind === 'windows' ? input.lookback : input.window));
  const columns = table.columns.map((column) => column.subarray(first * N));
  const judged = input.kind === 'windows' ? columns : columns.map((column) => column.subarray(-N));
  const warnings = checkRanges(manifest, judged);
  const market = prepareMarket(known);
  const returns = new Float64Array((row + 1 - first) * N).map((_, at) =>
    returnOver(market, first + Math.floor(at / N), at % N),
  );
  const slice = {
    names: features,
    assets: panel.assets,
    sectors: panel.sectors ?? panel.assets.map(() => ''),
    dates: dates.slice(first, row + 1),
    columns,
    returns,
  };
  const values = await model.forecast(fitted, slice, networks);
  const forecasts = panel.assets.flatMap((asset, i) =>
    Number.isFinite(values[i]) ? [{ asset, forecast: values[i] }] : [],
  );
  if (forecasts.length === 0) return none(`No asset has every feature on ${decidedOn} and enough history before it.`);
  return { decidedOn, signal: 'forecast', reason: null, forecasts, warnings };
}

/** Errors: INVALID_DATA above a tenth; returns a warning above a hundredth. */
function checkRanges({ features }: OpenModel['manifest'], columns: readonly Float64Array[]): string[] {
  return features.flatMap(({ name, minimum, maximum, deviation }, k) => {
    const [low, high] = [minimum - SPREADS * deviation, maximum + SPREADS * deviation];
    let known = 0;
    let outside = 0;
    for (const value of columns[k]) {
      if (!Number.isFinite(value)) continue;
      known++;
      if (value < low || value > high) outside++;
    }
    const share = known > 0 ? outside / known : 0;
    const percent = `${(share * 100).toFixed(1)} % of ${name}`;
    if (share > REFUSE_SHARE) {
      throw new AppError(
        'INVALID_DATA',
        `Expected ${name} within ${low.toPrecision(4)} … ${high.toPrecision(4)} as in training, found ${percent} outside. Check the data, or train again.`,
        { data: { feature: name, share, low, high } },
      );
    }
    return share > WARN_SHARE ? [`${percent} lie outside of what training saw.`] : [];
  });
}

function upTo(panel: Panel, row: number): Panel {
  const count = (row + 1) * panel.assets.length;
  const { close, ...others } = panel.fields;
  const cut = Object.fromEntries(Object.entries(others).map(([field, values]) => [field, values.subarray(0, count)]));
  return {
    ...panel,
    dates: panel.dates.slice(0, row + 1),
    fields: { close: close.subarray(0, count), ...cut },
    ...(panel.membership && { membership: panel.membership.subarray(0, count) }),
  };
}
