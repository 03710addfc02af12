/** German sentences of reports, by their English original. */
export const GERMAN_SENTENCES: Readonly<Record<string, string>> = {
  'Its Sharpe ratio is above that of equal weight with p < {level}, Ledoit–Wolf 2008, corrected by Holm for the number of candidates.':
    'Ihre Sharpe Ratio liegt über der der Gleichgewichtung mit p < {level}, Ledoit–Wolf 2008, nach Holm für die Zahl der Kandidaten korrigiert.',
  'If no candidate passes all of this, equal weight is recommended: it needs no model and cannot be overfitted.':
    'Besteht kein Kandidat all dies, wird die Gleichgewichtung empfohlen: Sie braucht kein Modell und kann nicht überangepasst sein.',
  'A drawdown deeper than {drawdown}, a turnover above {turnover}, or a p-value above {level} after more trials.':
    'Ein Drawdown tiefer als {drawdown}, ein Umschlag über {turnover} oder ein p-Wert über {level} nach weiteren Versuchen.',
  'A leakage audit (sextant runs audit): a failed guard excludes every strategy of the run.':
    'Eine Leckprüfung (sextant runs audit): Ein Wächter, der anschlägt, schließt jede Strategie des Laufs aus.',
  'A person signs off every rebalance; the model places no order.':
    'Ein Mensch gibt jede Umschichtung frei; das Modell erteilt keinen Auftrag.',
  'A test that could not be judged does not exclude, and is shown as such.':
    'Eine Prüfung, die nicht beurteilt werden konnte, schließt nicht aus und wird so ausgewiesen.',
  "Above the diagonal: Sharpe ratio of the row minus that of the column, a year. Below: p after Holm's correction; below 0.05 the two are distinguishable.":
    'Über der Diagonale: Sharpe Ratio der Zeile minus die der Spalte, pro Jahr. Darunter: p nach Holm; unter 0,05 sind die beiden unterscheidbar.',
  'After {n} days the account stands inside the 95 % cone ({growth}); nothing contradicts the backtest, and {n} days prove little.':
    'Nach {n} Tagen steht das Konto innerhalb des 95-%-Kegels ({growth}); nichts widerspricht dem Backtest, und {n} Tage beweisen wenig.',
  'After {n} days the account stands outside the 95 % cone ({growth}): find out why before going on.':
    'Nach {n} Tagen steht das Konto außerhalb des 95-%-Kegels ({growth}): Vor dem Weitermachen ist der Grund zu klären.',
  'Among those, the highest Δ Sharpe minus {penalty} a complexity point is recommended.':
    'Unter diesen wird das höchste Δ Sharpe minus {penalty} je Komplexitätspunkt empfohlen.',
  'Capacity is estimated for the primary strategy only.': 'Die Kapazität wird nur für die Hauptstrategie geschätzt.',
  'Cash {cash}. {n} of {all} assets are held.': 'Barbestand {cash}. {n} von {all} Titeln werden gehalten.',
  'Characters that no bundled font can draw are written as code points: {characters}.':
    'Zeichen, die keine mitgelieferte Schrift darstellen kann, stehen als Codepunkte: {characters}.',
  'Compound net return of every calendar year; the first and the last may be short.':
    'Verzinste Nettorendite jedes Kalenderjahrs; das erste und das letzte können kurz sein.',
  'Current weights are the targets of {date}, not drifted. For whole shares from your own holdings: sextant portfolios trades.':
    'Die bisherigen Gewichte sind die Ziele vom {date}, ohne Drift. Für ganze Stücke aus eigenen Beständen: sextant portfolios trades.',
  'DSR of a row counts the strategies of this run; the headline counts every trial on the dataset.':
    'Die DSR einer Zeile zählt die Strategien dieses Laufs; die Kennzahl oben zählt jeden Versuch auf dem Datensatz.',
  'Data: {name} version {version}, content hash {hash}; {errors} errors and {warnings} warnings in its quality report.':
    'Daten: {name} Version {version}, Hash {hash}; {errors} Fehler und {warnings} Warnungen im Qualitätsbericht.',
  'Data: {name} v{version} ends on {last}.': 'Daten: {name} v{version} endet am {last}.',
  'Decided on the close of {decided}, to be filled on {fill}':
    'Entschieden zum Schluss des {decided}, auszuführen am {fill}',
  'Did the risk models keep their promise?': 'Haben die Risikomodelle ihr Versprechen gehalten?',
  'Eligible is what no leakage guard failed, on data without an error in its quality report.':
    'Zulässig ist, wobei kein Leckwächter anschlug, auf Daten ohne Fehler im Qualitätsbericht.',
  'Evidence behind the strategy: {verdict}': 'Belege für die Strategie: {verdict}',
  'Excess return against {name}, before impact': 'Überrendite gegen {name}, vor Marktwirkung',
  'Growth of 1 over the next 30 trading days': 'Wachstum von 1 über die nächsten 30 Handelstage',
  'It earned more than equal weight in at least {folds} of the test windows.':
    'Sie verdiente in mindestens {folds} der Testfenster mehr als die Gleichgewichtung.',
  'Its largest drawdown is at most {drawdown} and its one-way turnover a rebalance at most {turnover}.':
    'Ihr größter Drawdown beträgt höchstens {drawdown} und ihr einfacher Umschlag je Umschichtung höchstens {turnover}.',
  'Kinds of finding in the quality report: {n}.': 'Arten von Befunden im Qualitätsbericht: {n}.',
  'Leak suspected: training and test overlap, or a fill on the bar of its decision.':
    'Leck vermutet: Training und Test überschneiden sich, oder eine Ausführung liegt im Balken ihrer Entscheidung.',
  'Limits: drawdown {drawdown}, turnover {turnover} a rebalance, ahead of equal weight in {folds} of the folds, level {level}.':
    'Grenzen: Drawdown {drawdown}, Umschlag {turnover} je Umschichtung, vor der Gleichgewichtung in {folds} der Faltungen, Niveau {level}.',
  'Market impact is modeled, not observed.': 'Die Marktwirkung ist modelliert, nicht beobachtet.',
  'Median and 95 % band of the expected path; the recorded path where there is one.':
    'Median und 95-%-Band des erwarteten Verlaufs; der aufgezeichnete Verlauf, wo es einen gibt.',
  'Model: identity {identity}; the same identity gives the same result, hash {hash}.':
    'Modell: Identität {identity}; dieselbe Identität ergibt dasselbe Ergebnis, Hash {hash}.',
  'More data: a difference as large as that of {name} would be distinguishable after about {years} years of test; there are {have}.':
    'Mehr Daten: Ein Unterschied wie der von {name} wäre nach etwa {years} Testjahren unterscheidbar; es sind {have}.',
  'Next rebalance: {fill}, decided on the close of {decided}; {n} limits violated.':
    'Nächste Umschichtung: {fill}, entschieden zum Schluss des {decided}; {n} Grenzen verletzt.',
  'No earlier weights are stored: everything is bought from cash.':
    'Frühere Gewichte sind nicht gespeichert: Alles wird aus dem Barbestand gekauft.',
  'No recommendation: the run has no equal-weight baseline to compare with.':
    'Keine Empfehlung: Dem Lauf fehlt die Gleichgewichtung zum Vergleich.',
  'No strategy is recommended: what is distinguishable from {baseline} breaks a limit. Hold {baseline}.':
    'Keine Strategie wird empfohlen: Was von {baseline} unterscheidbar ist, verletzt eine Grenze. {baseline} halten.',
  'None is distinguishable from {baseline}. Hold {baseline}, the simplest of them.':
    'Keine ist von {baseline} unterscheidbar. {baseline} halten, die einfachste von ihnen.',
  "None of {tested} pairs of strategies is distinguishable at 5 % after Holm's correction.":
    'Keines von {tested} Strategiepaaren ist nach Holm auf dem 5-%-Niveau unterscheidbar.',
  'Not audited: the split check passed, the eight guards were not run (sextant runs audit).':
    'Nicht geprüft: Die Trennung von Training und Test hält, die acht Wächter liefen nicht (sextant runs audit).',
  'Not for single trades, other horizons, or assets that the dataset does not hold.':
    'Nicht für einzelne Geschäfte, andere Horizonte oder Titel, die der Datensatz nicht enthält.',
  'Nothing to validate yet: the workspace holds no live or paper record of this strategy.':
    'Noch nichts zu prüfen: Im Arbeitsbereich liegt keine Live- oder Papieraufzeichnung dieser Strategie.',
  'Number of assets with prices in every year.': 'Zahl der Titel mit Kursen in jedem Jahr.',
  'Once a paper or live account is recorded day by day, its path is drawn into this cone and tested against it.':
    'Sobald ein Papier- oder Livekonto Tag für Tag aufgezeichnet wird, wird sein Verlauf in diesen Kegel gezeichnet und daran geprüft.',
  'One fold only: stability over time cannot be judged.':
    'Nur eine Faltung: Die Stabilität über die Zeit lässt sich nicht beurteilen.',
  'One seed only ({seed}): stability over seeds was not tested. Run the same configuration with other seeds.':
    'Nur ein Startwert ({seed}): Die Stabilität über Startwerte wurde nicht geprüft. Dieselbe Konfiguration mit anderen Startwerten laufen lassen.',
  'Orders as share of daily volume, 95 % quantile': 'Aufträge als Anteil am Tagesvolumen, 95-%-Quantil',
  'Past returns are the only evidence; a change of regime is not in them.':
    'Vergangene Renditen sind der einzige Beleg; ein Regimewechsel steckt nicht in ihnen.',
  'Per day unless the name says otherwise. Value at risk and expected shortfall at 95 %.':
    'Pro Tag, wenn der Name nichts anderes sagt. Value at Risk und Expected Shortfall auf dem 95-%-Niveau.',
  'Ranking assets of {dataset} over {horizon} trading days to set weights at each {period}.':
    'Titel aus {dataset} über {horizon} Handelstage ordnen, um Gewichte zu setzen; Takt: {period}.',
  'Recommended: {name}. It is distinguishable from {baseline} (Δ Sharpe {difference} a year, p = {p} after Holm) and passes every limit.':
    'Empfohlen: {name}. Sie ist von {baseline} unterscheidbar (Δ Sharpe {difference} pro Jahr, p = {p} nach Holm) und hält jede Grenze ein.',
  'Sectors are as of the import, not point in time.': 'Sektoren gelten zum Import, nicht stichtagsgenau.',
  'Formulas, names of the field and sentences that the run has stored are in English.':
    'Formeln, Fachnamen und Sätze, die der Lauf gespeichert hat, stehen auf Englisch.',
  'Sextant attests what it has computed and stored; it does not attest that the sources are right.':
    'Sextant bestätigt, was es berechnet und gespeichert hat; nicht, dass die Quellen stimmen.',
  'Stability over seeds, capacity, leakage': 'Stabilität über Startwerte, Kapazität, Datenleck',
  'Target weight of every sector at each rebalance.': 'Zielgewicht jedes Sektors bei jeder Umschichtung.',
  'The audit log holds no waiver of a limit and no alert.':
    'Das Prüfprotokoll enthält keine Ausnahme von einer Grenze und keinen Alarm.',
  'The dataset has no membership dates: survivorship is not removed.':
    'Der Datensatz hat keine Mitgliedschaftsdaten: Der Überlebensfehler ist nicht beseitigt.',
  'The first of the ranking against equal weight and the index':
    'Die erste der Rangfolge gegen Gleichgewichtung und Index',
  'The market was generated: there is no file.': 'Der Markt wurde erzeugt: Es gibt keine Datei.',
  'The run made no portfolio: there is nothing to rebalance.':
    'Der Lauf ergab kein Portfolio: Es gibt nichts umzuschichten.',
  'The stored value is not a finite number.': 'Der gespeicherte Wert ist keine endliche Zahl.',
  'The strategy never traded: there is no turnover and no cost.':
    'Die Strategie hat nie gehandelt: Es gibt weder Umschlag noch Kosten.',
  'The {n} largest of {all}; the total counts all.': 'Die {n} größten von {all}; die Summe zählt alle.',
  'There is no portfolio, so no limit can be checked.': 'Es gibt kein Portfolio, also ist keine Grenze zu prüfen.',
  'Trade on {fill}: {n} changes, turnover {turnover}; every constraint holds.':
    'Handeln am {fill}: {n} Änderungen, Umschlag {turnover}; jede Bedingung ist eingehalten.',
  'Trials counted on this dataset: {n}; none can be taken back.':
    'Gezählte Versuche auf diesem Datensatz: {n}; keiner kann zurückgenommen werden.',
  'Usable with care: {warnings} kinds of warning, no error.':
    'Mit Vorsicht brauchbar: {warnings} Arten von Warnungen, kein Fehler.',
  'Value at risk and expected shortfall, one day': 'Value at Risk und Expected Shortfall, ein Tag',
  'What was tested: {summary}, on {dataset} from {from} to {to}.':
    'Geprüft wurde: {summary}, auf {dataset} von {from} bis {to}.',
  'not distinguishable from {name} {proof}': 'nicht unterscheidbar von {name} {proof}',
  '{errors} kinds of error were found: do not rely on these data before they are resolved.':
    '{errors} Arten von Fehlern wurden gefunden: Vor ihrer Klärung ist auf diese Daten kein Verlass.',
  "{found} of {tested} pairs of strategies are distinguishable at 5 % after Holm's correction.":
    '{found} von {tested} Strategiepaaren sind nach Holm auf dem 5-%-Niveau unterscheidbar.',
  '{mode}, {n} trading days, refitted every {refit}': '{mode}, {n} Handelstage, neu angepasst je {refit}',
  '{name} becomes eligible when it passes: {tests}.': '{name} wird zulässig, wenn sie besteht: {tests}.',
  '{name} is behind equal weight; more of the same data would not help it.':
    '{name} liegt hinter der Gleichgewichtung; mehr solcher Daten würden nicht helfen.',
  '{name}: Sharpe ratio {value} a year{interval}': '{name}: Sharpe Ratio {value} p. a.{interval}',
  '{n} constraints are violated. Do not trade before they are resolved or waived.':
    '{n} Bedingungen sind verletzt. Nicht handeln, bevor sie geklärt oder ausgenommen sind.',
  '{n} of {all} limits are violated: {names}.': '{n} von {all} Grenzen sind verletzt: {names}.',
  '{n} trading days, net of {bps} bps commission and {half} bps half spread on traded notional, annualized with 252 days, risk-free rate 0; intervals by stationary bootstrap ({replications} replications, {confidence}); {trials} trials on this dataset.':
    '{n} Handelstage, nach {bps} Bp Provision und {half} Bp halber Spanne auf den gehandelten Betrag, mit 252 Tagen annualisiert, risikoloser Zins 0; Intervalle durch stationären Bootstrap ({replications} Wiederholungen, {confidence}); {trials} Versuche auf diesem Datensatz.',
};
