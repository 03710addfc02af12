/** German conventions of figures, by their English original. Formulas are in the notation of the field and are not translated. */
export const GERMAN_CONVENTIONS: Readonly<Record<string, string>> = {
  'Annualized with 252 trading days a year; risk-free rate 0.':
    'Mit 252 Handelstagen im Jahr annualisiert; risikoloser Zins 0.',
  'As the import recorded it.': 'Wie der Import es festhielt.',
  'Commission, half spread and impact on traded notional.':
    'Provision, halbe Spanne und Marktwirkung auf den gehandelten Betrag.',
  'Current: target of the last rebalance of the backtest, not drifted.':
    'Bisher: Ziel der letzten Umschichtung des Backtests, ohne Drift.',
  'Days are trading days from peak to recovery.': 'Tage sind Handelstage vom Hoch bis zur Erholung.',
  'Decided on a close, filled no earlier than the next bar.':
    'Zum Schluss entschieden, frühestens im nächsten Balken ausgeführt.',
  'Fractions of net asset value.': 'Anteile am Nettovermögen.',
  'Independent returns are assumed; the cone is an aid, not a promise.':
    'Unabhängige Renditen sind angenommen; der Kegel ist eine Hilfe, kein Versprechen.',
  'Interval at the confidence of the configuration.': 'Intervall auf dem Niveau der Konfiguration.',
  'N is every distinct strategy ever tried on this dataset, from the trial ledger.':
    'N ist jede verschiedene Strategie, die je auf diesem Datensatz versucht wurde, aus dem Versuchsbuch.',
  'One-way, against drifted weights.': 'Einfach gezählt, gegen gedriftete Gewichte.',
  'Points: 0 for an optimizer without forecast, 1 for a linear model, 3 for any other, +1 for tuning.':
    'Punkte: 0 für einen Optimierer ohne Prognose, 1 für ein lineares Modell, 3 für jedes andere, +1 für Abstimmung.',
  'Probability that the true Sharpe ratio is above 0; SR per day, S skewness, K kurtosis, raw (normal = 3).':
    'Wahrscheinlichkeit, dass die wahre Sharpe Ratio über 0 liegt; SR pro Tag, S Schiefe, K Kurtosis, roh (normal = 3).',
  'Simple daily returns net of costs; r_t = V_t / V_{t−1} − 1.':
    'Einfache Tagesrenditen nach Kosten; r_t = V_t / V_{t−1} − 1.',
  'The primary strategy; training rows that reach the test window are purged.':
    'Die Hauptstrategie; Trainingszeilen, die in das Testfenster reichen, sind entfernt.',
  'Tolerance 1e-9.': 'Toleranz 1e-9.',
  'Two-sided p-value; the same days and costs on both sides.':
    'Zweiseitiger p-Wert; dieselben Tage und Kosten auf beiden Seiten.',
  'Per day, as fractions of net asset value.': 'Pro Tag, als Anteile am Nettovermögen.',
  'On the days of the window, with the weights held on the last day.':
    'An den Tagen des Fensters, mit den Gewichten des letzten Tages.',
  'The present weights held through a past window.': 'Die heutigen Gewichte, durch ein früheres Fenster gehalten.',
  'Of the primary strategy.': 'Der Hauptstrategie.',
  'See the audit of the run.': 'Siehe die Prüfung des Laufs.',
};
