/**
 * Named declines of the US market since 1987: last close before the fall to the close of its low, by the S&P 500.
 * Facts of public record (index closes); a window outside a dataset is skipped by whoever uses the list.
 */
export interface CrisisWindow {
  readonly id: string;
  readonly title: string;
  /** ISO days of the first and the last close. */
  readonly from: string;
  readonly to: string;
}

export const CRISIS_WINDOWS: readonly CrisisWindow[] = [
  { id: 'black-monday-1987', title: 'Black Monday', from: '1987-10-13', to: '1987-10-19' },
  { id: 'gulf-war-1990', title: 'Gulf War', from: '1990-07-16', to: '1990-10-11' },
  { id: 'asia-1997', title: 'Asian crisis', from: '1997-10-22', to: '1997-10-27' },
  { id: 'russia-ltcm-1998', title: 'Russia and LTCM', from: '1998-07-17', to: '1998-08-31' },
  { id: 'dot-com-2000', title: 'Dot-com bust', from: '2000-03-24', to: '2002-10-09' },
  { id: 'september-11-2001', title: 'September 11', from: '2001-09-10', to: '2001-09-21' },
  { id: 'quant-quake-2007', title: 'Quant quake', from: '2007-07-19', to: '2007-08-15' },
  { id: 'financial-crisis-2007', title: 'Global financial crisis', from: '2007-10-09', to: '2009-03-09' },
  { id: 'lehman-2008', title: 'Lehman', from: '2008-09-12', to: '2008-11-20' },
  { id: 'euro-2010', title: 'Flash crash and Greece', from: '2010-04-23', to: '2010-07-02' },
  { id: 'us-downgrade-2011', title: 'US downgrade and euro crisis', from: '2011-07-22', to: '2011-10-03' },
  { id: 'china-2015', title: 'China devaluation', from: '2015-08-17', to: '2015-08-25' },
  { id: 'oil-2016', title: 'Oil and credit scare', from: '2015-12-29', to: '2016-02-11' },
  { id: 'volatility-2018', title: 'Volatility spike', from: '2018-01-26', to: '2018-02-08' },
  { id: 'fourth-quarter-2018', title: 'Fourth quarter 2018', from: '2018-09-20', to: '2018-12-24' },
  { id: 'covid-2020', title: 'COVID-19', from: '2020-02-19', to: '2020-03-23' },
  { id: 'inflation-2022', title: 'Inflation and rates', from: '2022-01-03', to: '2022-10-12' },
  { id: 'regional-banks-2023', title: 'Regional banks', from: '2023-03-06', to: '2023-03-13' },
  { id: 'carry-2024', title: 'Yen carry unwind', from: '2024-07-16', to: '2024-08-05' },
  { id: 'tariffs-2025', title: 'Tariffs', from: '2025-02-19', to: '2025-04-08' },
];
