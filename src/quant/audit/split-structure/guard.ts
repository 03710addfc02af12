/** G3: every fold of the run audited from its rows alone, and the rows that models were handed against the rows that are stated. */
import { auditSplits } from '#quant/validation/split-audit';
import type { Range } from '#quant/validation/splits';
import { type Finding, figure } from '../guard';
import type { AuditSubject, Study, Trace, TracedFold } from '../study';
import { countOverlaps } from './row-sets';

interface Reach {
  readonly horizon: number;
  readonly lag: number;
  readonly embargo: number;
}

interface Checked {
  readonly fold: TracedFold;
  /** Training dates whose label meets what is tested. */
  readonly overlaps: number;
  /** Rows between the last training label and the first test; null in cross-validation. */
  readonly clearance: number | null;
  readonly ok: boolean;
}

export function checkSplitStructure({ config }: AuditSubject, study: Study, base: Trace): Finding {
  const { lag, embargo } = config.backtest;
  const { folds } = base;
  // Strategies that only look back train on no label: nothing of theirs reaches beyond the fit.
  const looksBack = study.labelReach === 0;
  const reach: Reach = looksBack
    ? { horizon: 0, lag: 0, embargo: 0 }
    : { horizon: study.labelReach - lag, lag, embargo };
  const checked = folds.map((fold) => checkFold(fold, reach));
  const broken = checked.filter(({ ok }) => !ok).length;
  const overlaps = checked.reduce((sum, { overlaps: count }) => sum + count, 0);
  const clearances = checked.flatMap(({ clearance }) => (clearance === null ? [] : [clearance]));
  return {
    status: folds.length > 0 && broken === 0 ? 'passed' : 'failed',
    summary:
      broken === 0
        ? `0 of ${folds.length} folds overlap${clearances.length > 0 ? `: labels end ${Math.min(...clearances)} or more rows before the test` : ''}.`
        : `${broken} of ${folds.length} folds train on labels that reach into what they are tested on (${overlaps} training dates), ` +
          'or on other rows than stated.',
    figures: [
      figure('folds', folds.length),
      figure(
        'training dates checked',
        folds.reduce((sum, { train }) => sum + sizeOf(train), 0),
      ),
      figure('overlapping training dates', overlaps),
      figure('folds not in order', broken),
      figure('label reach', study.labelReach, 'rows'),
      figure('embargo', embargo, 'rows'),
    ],
    table: {
      columns: [
        'train from',
        'train to',
        'fit',
        'test from',
        'test to',
        'clearance',
        'overlaps',
        'rows stated',
        'rows fitted',
        'ok',
      ],
      rows: checked.map((row) => tableRow(row, base.dates)),
    },
    notes: looksBack
      ? ['No strategy of this run forecasts: its folds only look back, and have no label to purge.']
      : [],
  };
}

function checkFold(fold: TracedFold, { horizon, lag, embargo }: Reach): Checked {
  const { fitRow, train, test, statedRows, fittedRows } = fold;
  const rows = { train: rowsOf(train), test: rowsOf(test), horizon, lag };
  const isHonest = fittedRows === null || fittedRows === statedRows;
  if (fitRow === null) {
    const overlaps = countOverlaps({ ...rows, embargoBefore: 0, embargoAfter: embargo });
    return { fold, overlaps, clearance: null, ok: overlaps === 0 && isHonest };
  }
  const overlaps = horizon === 0 ? 0 : countOverlaps({ ...rows, embargoBefore: embargo, embargoAfter: 0 });
  const plan = auditSplits(
    [
      {
        fitRow,
        firstTrainRow: train[0][0],
        lastTrainRow: train[train.length - 1][1],
        firstTestRow: test[0][0],
        lastTestRow: test[test.length - 1][1],
      },
    ],
    horizon,
    lag,
    embargo,
  );
  return { fold, overlaps, clearance: plan.folds[0].clearance, ok: plan.ok && overlaps === 0 && isHonest };
}

function tableRow({ fold, overlaps, clearance, ok }: Checked, dates: readonly string[]): (string | number | null)[] {
  const { fitRow, train, test, statedRows, fittedRows } = fold;
  return [
    dates[train[0][0]],
    dates[train[train.length - 1][1]],
    fitRow === null ? null : dates[fitRow],
    dates[test[0][0]],
    dates[test[test.length - 1][1]],
    clearance,
    overlaps,
    statedRows,
    fittedRows,
    ok ? 'yes' : 'no',
  ];
}

function sizeOf(ranges: readonly Range[]): number {
  return ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

function rowsOf(ranges: readonly Range[]): number[] {
  return ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, k) => first + k));
}
