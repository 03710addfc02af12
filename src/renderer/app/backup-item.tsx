/** Status bar: how old the newest verified backup is, always true. */
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { followBackups, useSafety } from '#renderer/features/settings/safety-store';
import { ago } from '#renderer/format';

const MINUTE_MS = 60_000;

export function BackupItem() {
  const list = useSafety((state) => state.backups.value);
  const [now, setNow] = useState(() => Date.now());
  useEffect(followBackups, []);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE_MS);
    return () => clearInterval(timer);
  }, []);
  if (list === null) return null;
  const newest = list.backups[0];
  const failed = list.problem !== null || list.lastDrill?.passed === false;
  return (
    <Link className="status-item" to="/settings" title={list.problem ?? 'Newest verified backup'}>
      {failed && <span className="status-dot off" />}
      {newest === undefined
        ? 'No backup yet'
        : `Backup ${ago(newest.createdAt, Math.max(now, Date.parse(newest.createdAt)))}`}
    </Link>
  );
}
