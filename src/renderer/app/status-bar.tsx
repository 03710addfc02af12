/** Status bar: always true, always clickable. Where data goes, the GPU or why there is none, the running job, the key. */
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { followJob, useJobs } from '#renderer/features/jobs/jobs-store';
import { bytes, percent, words } from '#renderer/format';
import { shareOf } from '#renderer/ui/progress-line';
import { BackupItem } from './backup-item';
import { useLive } from './live-store';
import { readLoad, useSystem } from './system-store';
import { VramMeter, vramTitle } from './vram-meter';

const KEY_WORDS = {
  keychain: 'Key in the system keychain',
  passphrase: 'Key from passphrase',
  'key-file': 'Key in a private file',
  environment: 'Key from SEXTANT_KEY',
} as const;

function LocalItem() {
  const connection = useLive((state) => state.connection);
  const local = useSystem((state) => state.info.value?.localOnly ?? true);
  const word = connection === 'lost' ? 'reconnecting' : local ? 'local only' : 'network on';
  return (
    <Link className="status-item" to="/settings" title="Data stays on this machine; nothing is sent anywhere.">
      <span className={connection === 'lost' ? 'status-dot off' : 'status-dot'} />
      {word}
    </Link>
  );
}

function DeviceItem() {
  const load = useSystem((state) => state.load.value);
  const isWorking = useJobs((state) => state.active.length > 0);
  useEffect(() => {
    const read = () => {
      if (!document.hidden) void readLoad();
    };
    read();
    const timer = setInterval(read, isWorking ? 1000 : 5000);
    return () => clearInterval(timer);
  }, [isWorking]);
  if (load === null) return <span className="status-item">Device …</span>;
  const { vram } = load;
  return (
    <Link className="status-item" to="/settings" title={vramTitle(vram)}>
      {vram.usedBytes === null ? (
        <span className="clip" style={{ maxWidth: 260 }}>
          GPU · {vram.reason ?? 'not in use'}
        </span>
      ) : (
        <>
          GPU {bytes(vram.usedBytes)} / {bytes(vram.budgetBytes)}
          <VramMeter vram={vram} />
        </>
      )}
    </Link>
  );
}

function JobItem() {
  const jobs = useJobs((state) => state.active);
  const job = jobs.find(({ status }) => status === 'running') ?? jobs[0];
  const followed = useJobs((state) => (job === undefined ? undefined : state.followed[job.id]));
  const id = job?.id;
  useEffect(() => (id === undefined ? undefined : followJob(id)), [id]);
  if (job === undefined) {
    return (
      <Link className="status-item" to="/research">
        No job running
      </Link>
    );
  }
  const progress = followed?.progress ?? job.progress;
  const share = shareOf(progress);
  const content = (
    <>
      <span className="clip" style={{ maxWidth: 360 }}>
        {job.title}
        {progress !== null && ` · ${words(progress.stage)}`}
      </span>
      <span className="meter">
        <i style={{ width: `${share * 100}%` }} />
      </span>
      {percent(share, 0)}
      {jobs.length > 1 && <span className="faint">+{jobs.length - 1}</span>}
    </>
  );
  return job.kind === 'run' || job.kind === 'audit' ? (
    <Link className="status-item" to="/research/$run" params={{ run: job.subject }}>
      {content}
    </Link>
  ) : (
    <Link className="status-item" to="/data">
      {content}
    </Link>
  );
}

export function StatusBar() {
  const info = useSystem((state) => state.info.value);
  return (
    <footer className="status-bar">
      <LocalItem />
      <DeviceItem />
      <JobItem />
      <span className="grow" />
      <BackupItem />
      {info !== null && (
        <Link className="status-item" to="/settings" title={`Workspace ${info.workspace}`}>
          {KEY_WORDS[info.keySource]}
        </Link>
      )}
    </footer>
  );
}
