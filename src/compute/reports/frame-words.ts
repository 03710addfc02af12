/** The words that renderers put around the content of a report. */
import type { FrameWords, SeriesWords } from './model';
import type { Say } from './words';

export function frameWords(say: Say): FrameWords {
  return {
    page: say('Page'),
    of: say('of'),
    generated: say('Made on'),
    contents: say('Contents'),
    derivation: say('How this figure comes about'),
    derivations: say('Derivations'),
    figure: say('Figure'),
    value: say('Value'),
    chartData: say('Chart data'),
    notComputable: say('not computable'),
    total: say('Total'),
    formula: say('Formula'),
    source: say('Source'),
    conventions: say('Conventions'),
    provenance: say('Provenance'),
    howComputed: say('How the figures are computed'),
    undrawable: say('Characters that no bundled font can draw are written as code points: {characters}.'),
    from: say('from'),
    to: say('to'),
  };
}

/** The words of the sheets that recompute the measures. */
export function seriesWords(say: Say): SeriesWords {
  return {
    date: say('Date'),
    equity: say('Equity'),
    returns: say('Returns'),
    drawdown: say('Drawdown'),
    recomputed: say('Recomputed'),
    reported: say('Reported'),
    difference: say('Difference'),
    strategy: say('Strategy'),
    measure: say('Measure'),
    periods: say('Periods a year'),
    total_return: say('Total return'),
    cagr: say('Return a year'),
    volatility: say('Volatility'),
    sharpe: say('Sharpe'),
    max_drawdown: say('Max drawdown'),
  };
}
