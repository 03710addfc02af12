/** Learning curves of a run's networks: mean over seeds of training and validation loss per epoch, fit by fit, and how seeds differ. */
import { useCallback, useEffect, useState } from 'react';
import type { TrainingCurves } from '#contract/run-plan';
import { client } from '#renderer/app/client';
import { decimal, plural } from '#renderer/format';
import { token } from '#renderer/plotly';
import { Card } from '#renderer/ui/card';
import { Plot } from '#renderer/ui/plot';

type Network = TrainingCurves['networks'][number];
type Fit = Network['fits'][number];

/** Mean over the seeds that reached an epoch; null where none has the number. */
function meanCurve(
  { members }: Fit,
  of: (epoch: Fit['members'][number]['epochs'][number]) => number | null,
): (number | null)[] {
  const most = Math.max(0, ...members.map(({ epochs }) => epochs.length));
  return Array.from({ length: most }, (_, e) => {
    const known = members.flatMap(({ epochs }) => {
      const value = e < epochs.length ? of(epochs[e]) : null;
      return value === null ? [] : [value];
    });
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
  });
}

function Curves({ network, fit }: { readonly network: Network; readonly fit: Fit }) {
  const figure = useCallback(() => {
    const line = (name: string, y: readonly (number | null)[], color: string) => ({
      type: 'scatter',
      mode: 'lines+markers',
      name,
      x: y.map((_, e) => e + 1),
      y,
      line: { color, width: 1.5 },
    });
    return {
      data: [
        line(
          'training loss',
          meanCurve(fit, ({ loss }) => loss),
          token('faint'),
        ),
        line(
          'validation loss',
          meanCurve(fit, ({ validationLoss }) => validationLoss),
          token('series-ours'),
        ),
      ],
      layout: { xaxis: { title: { text: 'epoch' } }, showlegend: true },
    };
  }, [fit]);
  return (
    <Plot
      label={`Training and validation loss of ${network.model} per epoch, fitted on ${fit.fittedOn}, mean of ${fit.members.length} seeds`}
      height={220}
      figure={figure}
    />
  );
}

/** Nothing where the run has no network. */
export function TrainingCard({ run }: { readonly run: string }) {
  const [curves, setCurves] = useState<TrainingCurves | null>(null);
  const [shown, setShown] = useState<number | null>(null);
  useEffect(() => {
    let gone = false;
    client()
      .runs.training({ run })
      .then((answer) => {
        if (!gone) setCurves(answer);
      })
      .catch(() => setCurves(null)); // a run of an earlier version has none
    return () => {
      gone = true;
    };
  }, [run]);
  return curves?.networks.map((network) => {
    const { model, fits, strategies, validationIc } = network;
    const at = Math.min(shown ?? fits.length - 1, fits.length - 1);
    const fit = fits[at];
    return (
      <Card key={strategies.join()} title={`Learning curves · ${model}`}>
        <div className="stack">
          <label className="row">
            <span className="caption">Fit</span>
            <select value={at} onChange={(event) => setShown(Number(event.currentTarget.value))}>
              {fits.map(({ fittedOn }, k) => (
                <option key={fittedOn} value={k}>
                  {fittedOn}
                </option>
              ))}
            </select>
          </label>
          <Curves network={network} fit={fit} />
          <p className="secondary">
            {`Validation IC ${decimal(validationIc.mean, 3, true)} over ${plural(fits.length, 'fit')}, ± ${decimal(validationIc.deviationBetweenSeeds, 3)} between seeds. Trained on ${fit.device}.`}
          </p>
        </div>
      </Card>
    );
  });
}
