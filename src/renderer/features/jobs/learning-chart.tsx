/**
 * Training and validation loss and the validation IC per epoch, live: one network in color, the others of the job faint behind it.
 * Plain SVG, so that a frame costs a few strings and neither theme nor zoom needs anything redrawn.
 */
import { useState } from 'react';
import { decimal, plural } from '#renderer/format';
import type { LearningCurve, LearningPoint } from './learning-curves';

const [WIDTH, HEIGHT] = [400, 140];
/** Drawn behind the chosen one; more would be one gray area. */
const MOST_BEHIND = 24;

type Measure = 'loss' | 'validationLoss' | 'validationIc';

interface Frame {
  readonly epochs: number;
  readonly low: number;
  readonly high: number;
}

/** Corners of a curve in the units of the drawing; epochs without the number are left out. */
export function cornersOf(points: readonly LearningPoint[], measure: Measure, { epochs, low, high }: Frame): string {
  return points
    .flatMap((point) => {
      const value = point[measure];
      if (value === null) return [];
      const x = epochs <= 1 ? WIDTH / 2 : (WIDTH * (point.epoch - 1)) / (epochs - 1);
      const y = HEIGHT * (0.96 - 0.92 * ((value - low) / (high - low)));
      return [`${x.toFixed(1)},${y.toFixed(1)}`];
    })
    .join(' ');
}

function frameOf(curves: readonly LearningCurve[], measures: readonly Measure[], withZero: boolean): Frame {
  let [epochs, low, high] = [1, withZero ? 0 : Infinity, withZero ? 0 : -Infinity];
  for (const { points } of curves) {
    for (const point of points) {
      epochs = Math.max(epochs, point.epoch);
      for (const measure of measures) {
        const value = point[measure];
        if (value === null) continue;
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
  }
  if (low > high) return { epochs, low: 0, high: 1 };
  const room = low === high ? Math.max(1e-9, Math.abs(low) * 0.1) : 0;
  return { epochs, low: low - room, high: high + room };
}

interface PlaneProps {
  readonly title: string;
  readonly label: string;
  readonly frame: Frame;
  readonly behind: readonly LearningCurve[];
  readonly chosen: LearningCurve;
  readonly lines: readonly (readonly [measure: Measure, style: 'training' | 'validation'])[];
  readonly zero?: boolean;
}

function Plane({ title, label, frame, behind, chosen, lines, zero = false }: PlaneProps) {
  const { epochs, low, high } = frame;
  const alone = chosen.points.length === 1;
  const at = HEIGHT * (0.96 - 0.92 * ((0 - low) / (high - low)));
  return (
    <figure aria-label={label}>
      <span className="caption">{title}</span>
      <div className="plane">
        <div className="scale caption num" aria-hidden="true">
          <span>{decimal(high, 3)}</span>
          <span>{decimal(low, 3)}</span>
        </div>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
          {zero && <line className="zero" x1="0" x2={WIDTH} y1={at} y2={at} />}
          {behind.map((curve) => (
            <polyline
              key={curve.network}
              className="before"
              points={cornersOf(curve.points, lines[lines.length - 1][0], frame)}
            />
          ))}
          {lines.map(([measure, style]) => {
            const corners = cornersOf(chosen.points, measure, frame);
            // One epoch alone is a short stroke: a line of one corner shows nothing.
            const [x, y] = corners.split(',');
            const shown = alone && corners !== '' ? `${Number(x) - 4},${y} ${Number(x) + 4},${y}` : corners;
            return <polyline key={measure} className={style} points={shown} />;
          })}
        </svg>
      </div>
      <figcaption className="row apart caption num" style={{ paddingLeft: 58 }}>
        <span>epoch 1</span>
        <span>{epochs > 1 ? `epoch ${epochs}` : ''}</span>
      </figcaption>
    </figure>
  );
}

/** Nothing before the first epoch has ended. */
export function LearningChart({ curves }: { readonly curves: readonly LearningCurve[] }) {
  const [wanted, setWanted] = useState<string | null>(null);
  const newest = curves.at(-1);
  if (newest === undefined) return null;
  const chosen = curves.find(({ network }) => network === wanted) ?? newest;
  const behind = curves.filter((curve) => curve !== chosen).slice(-MOST_BEHIND);
  const shown = [...behind, chosen];
  const last = chosen.points[chosen.points.length - 1];
  const state = `${chosen.title}, epoch ${last.epoch}: training loss ${decimal(last.loss, 4)}, validation loss ${decimal(last.validationLoss, 4)}, validation IC ${decimal(last.validationIc, 3, true)}`;
  return (
    <section className="stack" aria-label="Learning curves">
      <div className="row apart">
        <label className="row">
          <span className="caption">Network</span>
          <select value={wanted ?? ''} onChange={(event) => setWanted(event.currentTarget.value || null)}>
            <option value="">the newest of {curves.length}</option>
            {curves.toReversed().map(({ network, title }) => (
              <option key={network} value={network}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <span className="row caption">
          <span className="learning-key training">training</span>
          <span className="learning-key validation">validation</span>
          {behind.length > 0 && <span>in gray {plural(behind.length, 'other network')}</span>}
        </span>
      </div>
      <div className="learning">
        <Plane
          title="Loss"
          label={`Loss per epoch of ${state}`}
          frame={frameOf(shown, ['loss', 'validationLoss'], false)}
          behind={behind}
          chosen={chosen}
          lines={[
            ['loss', 'training'],
            ['validationLoss', 'validation'],
          ]}
        />
        <Plane
          title="Validation IC"
          label={`Validation IC per epoch of ${state}`}
          frame={frameOf(shown, ['validationIc'], true)}
          behind={behind}
          chosen={chosen}
          lines={[['validationIc', 'validation']]}
          zero
        />
      </div>
      <p className="secondary num">{state}.</p>
    </section>
  );
}
