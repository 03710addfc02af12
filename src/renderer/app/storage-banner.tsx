/** Shown while the disk does not take what is written, or soon will not: what that means, what is safe, and what to do. */
import { useSystem } from './system-store';

const TITLES = { full: 'The disk is full', low: 'The disk is nearly full', 'read-only': 'Read-only' } as const;

export function StorageBanner() {
  const storage = useSystem((state) => state.storage.value);
  if (storage === null || storage.state === 'ok') return null;
  return (
    <div className="banner" role={storage.state === 'full' ? 'alert' : 'status'}>
      <strong>{TITLES[storage.state]}</strong>
      <span style={{ overflowWrap: 'anywhere' }}>{storage.message}</span>
    </div>
  );
}
