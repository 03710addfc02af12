/** What a network that is being trained says: epoch, loss, validation, speed, time left, memory and device. */
import type { TrainingProgress } from '#contract/jobs';
import { bytes, decimal, duration, integer } from '#renderer/format';

export function TrainingLine({ training }: { readonly training: TrainingProgress }) {
  const { epoch, epochs, loss, validationIc, rowsPerSecond, secondsLeft, memoryBytes, device } = training;
  return (
    <dl className="facts" aria-label="Training">
      <dt>Epoch</dt>
      <dd className="num">
        {epoch} of {epochs}
      </dd>
      <dt>Loss</dt>
      <dd className="num">{decimal(loss, 4)}</dd>
      <dt>Validation IC</dt>
      <dd className="num">{decimal(validationIc, 3, true)}</dd>
      <dt>Speed</dt>
      <dd className="num">
        {rowsPerSecond === null ? '–' : `${integer(Math.round(rowsPerSecond))} rows/s`}
        {secondsLeft !== null && ` · about ${duration(secondsLeft * 1000)} left for this network`}
      </dd>
      <dt>Device</dt>
      <dd>
        {device} · {bytes(memoryBytes)} planned
      </dd>
    </dl>
  );
}
