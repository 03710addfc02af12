/**
 * Equity curves as numbers and everything after them as formulas: returns, drawdowns and the measures, beside the values that Sextant computed. Who
 * changes a cell of the equity sees all of it move.
 */
import { colToLetter } from 'hucre/xlsx';
import type { SeriesSheet, SeriesWords } from '../model';
import { rangeName } from './names';
import { absoluteRange, numberFormat, quoted, type SheetOptions, SheetWriter } from './sheet';

export interface NamedRange {
  readonly name: string;
  readonly range: string;
}

export interface SeriesSheets {
  readonly sheets: readonly SheetWriter[];
  readonly names: readonly NamedRange[];
  /** `sheet!range` of the dates and of one strategy's equity or drawdown, for charts. */
  source(kind: 'equity' | 'drawdown', strategy: string): { readonly values: string; readonly dates: string } | null;
}

const FIRST = 1;
/** The measures with the formula that gives them; `e`, `r`, `d` name the ranges of equity, returns and drawdowns. */
const MEASURES = [
  { id: 'total_return', unit: 'percent', formula: (e: string) => `INDEX(${e},ROWS(${e}))/INDEX(${e},1)-1` },
  {
    id: 'cagr',
    unit: 'percent',
    formula: (e: string, r: string) => `(INDEX(${e},ROWS(${e}))/INDEX(${e},1))^(periods_per_year/COUNT(${r}))-1`,
  },
  { id: 'volatility', unit: 'percent', formula: (_: string, r: string) => `STDEV(${r})*SQRT(periods_per_year)` },
  {
    id: 'sharpe',
    unit: 'decimal',
    formula: (_: string, r: string) => `AVERAGE(${r})/STDEV(${r})*SQRT(periods_per_year)`,
  },
  { id: 'max_drawdown', unit: 'percent', formula: (_: string, _r: string, d: string) => `MIN(${d})` },
] as const;

export function seriesSheets(
  series: SeriesSheet,
  {
    labels,
    options,
    takenSheets,
    takenNames,
  }: {
    readonly labels: SeriesWords;
    readonly options: SheetOptions;
    readonly takenSheets: (title: string) => string;
    readonly takenNames: Set<string>;
  },
): SeriesSheets {
  const rows = series.dates.length;
  const last = FIRST + rows - 1;
  const equity = new SheetWriter(takenSheets(labels.equity), options);
  const returns = new SheetWriter(takenSheets(labels.returns), options);
  const drawdown = new SheetWriter(takenSheets(labels.drawdown), options);
  const measures = new SheetWriter(takenSheets(labels.recomputed), options);
  const titles = [labels.date, ...series.items.map(({ name }) => name)];
  for (const sheet of [equity, returns, drawdown]) {
    sheet.header(
      0,
      titles,
      titles.map((_, j) => j > 0),
    );
    sheet.freeze(1, 1);
    series.dates.forEach((day, t) => sheet.date(FIRST + t, 0, day));
  }
  const names: NamedRange[] = [];
  const address = quoted(equity.name);
  const ranges = series.items.map(({ name, equity: values }, i) => {
    const column = i + 1;
    const letter = colToLetter(column);
    let depth = 0;
    values.forEach((value, t) => {
      const row = FIRST + t;
      equity.number(row, column, value, '0.000000');
      const cell = `${address}!${letter}${row + 1}`;
      const before = `${address}!${letter}${row}`;
      if (t === 0) {
        drawdown.number(row, column, 0, '0.0%');
        return;
      }
      const change = value / values[t - 1] - 1;
      depth = Math.min(0, (1 + depth) * (1 + change) - 1);
      returns.formula(row, column, `${cell}/${before}-1`, change, '0.000%');
      drawdown.formula(row, column, `MIN(0,(1+${letter}${row})*${cell}/${before}-1)`, depth, '0.0%');
    });
    const made = {
      equity: {
        name: rangeName(`equity_${name}`, takenNames),
        range: `${address}!${absoluteRange(FIRST, column, last)}`,
      },
      returns: {
        name: rangeName(`returns_${name}`, takenNames),
        range: `${quoted(returns.name)}!${absoluteRange(FIRST + 1, column, last)}`,
      },
      drawdown: {
        name: rangeName(`drawdown_${name}`, takenNames),
        range: `${quoted(drawdown.name)}!${absoluteRange(FIRST, column, last)}`,
      },
    };
    names.push(made.equity, made.returns, made.drawdown);
    return made;
  });
  names.push(writeMeasures(measures, series, labels, ranges));
  return {
    sheets: [equity, returns, drawdown, measures],
    names,
    source(kind, strategy) {
      const i = series.items.findIndex(({ name }) => name === strategy);
      if (i < 0) return null;
      const sheet = quoted(kind === 'equity' ? equity.name : drawdown.name);
      return {
        values: `${sheet}!${absoluteRange(FIRST, i + 1, last)}`,
        dates: `${sheet}!${absoluteRange(FIRST, 0, last)}`,
      };
    },
  };
}

type Ranges = Readonly<Record<'equity' | 'returns' | 'drawdown', NamedRange>>;

/** One row per strategy and measure: the formula, the value of the report, their difference. @returns the name of the periods per year */
function writeMeasures(
  sheet: SheetWriter,
  series: SeriesSheet,
  labels: SeriesWords,
  ranges: readonly Ranges[],
): NamedRange {
  sheet.text(0, 0, labels.periods);
  sheet.number(0, 1, series.periodsPerYear, '0');
  sheet.header(
    2,
    [labels.strategy, labels.measure, labels.recomputed, labels.reported, labels.difference],
    [false, false, true, true, true],
  );
  sheet.freeze(3, 1);
  sheet.widen(0, 26);
  let row = 3;
  series.items.forEach(({ name, measures }, i) => {
    const { equity, returns, drawdown } = ranges[i];
    for (const { id, unit, formula } of MEASURES) {
      const reported = measures[id];
      sheet.text(row, 0, name);
      sheet.text(row, 1, labels[id]);
      if (reported === null || reported === undefined) sheet.text(row, 2, '–');
      else {
        const format = numberFormat(unit, '');
        sheet.formula(row, 2, formula(equity.name, returns.name, drawdown.name), reported, format);
        sheet.number(row, 3, reported, format);
        sheet.formula(row, 4, `C${row + 1}-D${row + 1}`, 0, '0.0E+00');
      }
      row++;
    }
  });
  sheet.rule({
    type: 'expression',
    formula: 'AND(ISNUMBER($E4),ABS($E4)>0.000000001)',
    range: `A4:E${Math.max(4, row)}`,
    style: {
      font: { color: { rgb: 'A32020' } },
      fill: { type: 'pattern', pattern: 'solid', bgColor: { rgb: 'FBE3E1' }, fgColor: { rgb: 'FBE3E1' } },
    },
  });
  return { name: 'periods_per_year', range: `${quoted(sheet.name)}!$B$1` };
}
