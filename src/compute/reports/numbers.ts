/** Numbers of a report as text: one rule per unit, in the report's language, with a true minus sign. */
import type { Figure, Report, Unit } from './model';

export interface NumberTexts {
  text(value: number, unit: Unit): string;
  /** With its sign in front, for differences. */
  signed(value: number, unit: Unit): string;
  /** The figure, or the word for one that cannot be computed. */
  figure(figure: Figure): string;
  /** `0.31 … 1.36`, or '' where there is no interval. */
  interval(figure: Figure): string;
}

const DIGITS: Readonly<Record<Unit, Intl.NumberFormatOptions>> = {
  percent: { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 },
  fine: { style: 'percent', minimumFractionDigits: 3, maximumFractionDigits: 3 },
  decimal: { minimumFractionDigits: 2, maximumFractionDigits: 2 },
  integer: { maximumFractionDigits: 0 },
  money: { minimumFractionDigits: 2, maximumFractionDigits: 2 },
  probability: { minimumFractionDigits: 3, maximumFractionDigits: 3 },
  days: { maximumFractionDigits: 0 },
  exact: { maximumSignificantDigits: 6 },
};

const LOCALES = { en: 'en-US', de: 'de-DE' } as const;

export function numberTexts({ locale, currency, words }: Pick<Report, 'locale' | 'currency' | 'words'>): NumberTexts {
  const formats = new Map<Unit, Intl.NumberFormat>();
  for (const [unit, options] of Object.entries(DIGITS)) {
    formats.set(unit as Unit, new Intl.NumberFormat(LOCALES[locale], options)); // the keys of DIGITS are the units
  }
  const format = (value: number, unit: Unit): string => formats.get(unit)?.format(value) ?? String(value);

  function text(value: number, unit: Unit): string {
    if (unit === 'probability' && value > 0 && value < 0.001) return `< ${format(0.001, unit)}`;
    if (unit === 'exact' && value !== 0 && Math.abs(value) < 1e-6) {
      return value.toExponential(1).replaceAll('-', '−');
    }
    // An amount that shows as zero has no sign.
    const plain = format(Math.abs(value), unit);
    const isZero = !/[1-9]/.test(plain);
    const money = unit === 'money' && currency !== '' ? ` ${currency}` : '';
    return `${value < 0 && !isZero ? '−' : ''}${plain}${money}`;
  }

  return {
    text,
    signed: (value, unit) =>
      value > 0 && /[1-9]/.test(format(value, unit)) ? `+${text(value, unit)}` : text(value, unit),
    figure: ({ value, unit }) => (value === null ? words.notComputable : text(value, unit)),
    interval: ({ low, high, unit }) =>
      low === undefined || high === undefined ? '' : `${text(low, unit)} … ${text(high, unit)}`,
  };
}
