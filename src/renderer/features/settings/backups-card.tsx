/** Settings: what backups there are, whether one would help, and putting one back. */
import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Backup } from '#contract/backups';
import { ago, bytes, instant, integer } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { RemoteView } from '#renderer/ui/remote-view';
import {
  type BackupList,
  drillBackup,
  followBackups,
  makeBackup,
  readBackups,
  restoreBackup,
  useSafety,
} from './safety-store';

const SHOWN = 8;

function Row({ backup }: { readonly backup: Backup }) {
  const [isAsking, ask] = useState(false);
  const doing = useSafety((state) => state.doing);
  return (
    <div className="row apart">
      <span>
        {instant(backup.createdAt)}
        <span className="small">
          {backup.reason.replace('-', ' ')} · {integer(backup.rows)} rows · {integer(backup.objects)} objects ·{' '}
          {bytes(backup.databaseBytes + backup.objectBytes)}
        </span>
      </span>
      {isAsking ? (
        <span className="row">
          <Button size="compact-sm" color="red" disabled={doing !== null} onClick={() => void restoreBackup(backup.id)}>
            Restore this state
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => ask(false)}>
            Cancel
          </Button>
        </span>
      ) : (
        <Button size="compact-sm" variant="default" disabled={doing !== null} onClick={() => ask(true)}>
          Restore…
        </Button>
      )}
    </div>
  );
}

function Listed({ list }: { readonly list: BackupList }) {
  const { backups, lastDrill, problem, intervalMinutes } = list;
  return (
    <div className="stack">
      <p className="secondary">
        Made every {intervalMinutes} minutes while something changes, verified before they are listed; 24 hours, 30 days
        and 12 months are kept. Restoring sets the present state aside in a folder; nothing is deleted.
      </p>
      {problem !== null && <p role="alert">The last automatic backup failed: {problem}</p>}
      <p>
        {lastDrill === null
          ? 'No restore has been tried yet; one is tried every month.'
          : `Restore tried ${ago(lastDrill.at, Date.now())}: ${lastDrill.passed ? 'passed' : 'FAILED'}. ${lastDrill.detail}`}
      </p>
      {backups.slice(0, SHOWN).map((backup) => (
        <Row key={backup.id} backup={backup} />
      ))}
      {backups.length > SHOWN && <p className="small">{backups.length - SHOWN} older ones: sextant backups list</p>}
    </div>
  );
}

export function BackupsCard() {
  const { backups, doing, failure, done } = useSafety();
  useEffect(followBackups, []);
  const newest = backups.value?.backups[0];
  return (
    <Card
      title="Backups"
      actions={
        <span className="row">
          {newest !== undefined && (
            <Button
              size="compact-sm"
              variant="default"
              disabled={doing !== null}
              onClick={() => void drillBackup(newest.id)}
            >
              Try a restore
            </Button>
          )}
          <Button size="compact-sm" disabled={doing !== null} onClick={() => void makeBackup()}>
            Back up now
          </Button>
        </span>
      }
    >
      {doing !== null && <p role="status">{doing}…</p>}
      {failure !== null && <p role="alert">{failure.message}</p>}
      {done !== null && <p role="status">{done}</p>}
      <RemoteView remote={backups} what="the backups" retry={() => void readBackups()}>
        {(list) => <Listed list={list} />}
      </RemoteView>
    </Card>
  );
}
