/** Shown while the host does not answer: what is happening, and that nothing is lost. */
import { useLive } from './live-store';

export function ConnectionBanner() {
  const connection = useLive((state) => state.connection);
  if (connection !== 'lost') return null;
  return (
    <div className="banner" role="status">
      <strong>Reconnecting</strong>
      <span>The host does not answer. Running jobs go on; what is shown here is the last known state.</span>
    </div>
  );
}
