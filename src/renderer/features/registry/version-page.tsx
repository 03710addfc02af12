/** One registered version: its stage, the checklist that it passed or not, its card, and how it came to be what it is. */
import { Button } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { RegistryVersion } from '#contract/registry';
import { bytes, instant, shortName, words } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { CopyButton } from '#renderer/ui/copy-button';
import { Page } from '#renderer/ui/page';
import { RemoteView } from '#renderer/ui/remote-view';
import { JobPanel } from '../jobs/job-panel';
import { useJobs } from '../jobs/jobs-store';
import { DecisionDialog } from './decision-dialog';
import { GateCard } from './gate-card';
import { readVersion, readVersions, useRegistry } from './registry-store';
import { StageChip } from './stage-chip';

function CardFacts({ version }: { readonly version: RegistryVersion }) {
  const { facts, limits, purpose } = version.card;
  const sections = [...new Set(facts.map(({ section }) => section))];
  return (
    <Card title="Model card" actions={<CopyButton text={JSON.stringify(version.card, null, 2)} label="Copy card" />}>
      <div className="stack">
        <p className="secondary">{purpose}</p>
        {sections.map((section) => (
          <section key={section} className="stack tight">
            <h3>{section}</h3>
            <dl className="facts">
              {facts
                .filter((fact) => fact.section === section)
                .map(({ name, value }) => (
                  <div key={name} style={{ display: 'contents' }}>
                    <dt>{name}</dt>
                    <dd className={/^[0-9a-f]{40,64}$/.test(value) ? 'mono clip' : undefined} title={value}>
                      {value}
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
        <section className="stack tight">
          <h3>Limits</h3>
          <ul style={{ paddingLeft: 18 }}>
            {limits.map((limit) => (
              <li key={limit}>{limit}</li>
            ))}
          </ul>
        </section>
      </div>
    </Card>
  );
}

function HistoryCard({ history }: Pick<RegistryVersion, 'history'>) {
  return (
    <Card title="History" flush>
      <div className="table-scroll" tabIndex={0} role="region" aria-label="History, table">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">What</th>
              <th scope="col">Version</th>
              <th scope="col">Reason</th>
            </tr>
          </thead>
          <tbody>
            {history.map(({ at, action, alias, from, to, actor, reason }) => (
              <tr key={`${at} ${action} ${to ?? ''}`}>
                <td>{instant(at)}</td>
                <td title={`by ${actor}`}>
                  {words(action)} {alias !== null && alias !== 'champion' && <span className="mono">@{alias}</span>}
                </td>
                <td>
                  {to ?? '–'}
                  {from !== null && <span className="faint"> after {from}</span>}
                </td>
                <td className="clip" title={reason}>
                  {reason === '' ? '–' : reason}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function Shown({ version }: { readonly version: RegistryVersion }) {
  const [deciding, setDeciding] = useState<'promote' | 'rollback' | null>(null);
  const running = useJobs((state) =>
    state.active.find(({ kind, subject }) => kind === 'promotion' && subject === version.id),
  );
  const all = useRegistry((state) => state.list.value);
  useEffect(() => {
    void readVersions();
  }, []);
  const champion = all?.find(({ name, stage }) => name === version.name && stage === 'Production')?.label ?? null;
  const isChampion = version.stage === 'Production';
  return (
    <Page
      title={version.label}
      chip={
        (version.stage !== 'None' || version.aliases.length > 0) && (
          <StageChip stage={version.stage} aliases={version.aliases} />
        )
      }
      sentence={
        <>
          From{' '}
          <Link to="/research/$run" params={{ run: version.run }}>
            {shortName(version.runName)}
          </Link>
          , registered {instant(version.createdAt)}. Artifact{' '}
          <span className="mono" title={version.artifact.sha256}>
            {version.artifact.sha256.slice(0, 12)}
          </span>
          , {bytes(version.artifact.bytes)}.
        </>
      }
      actions={
        isChampion ? (
          <Button
            variant="default"
            disabled={version.rollbackTo === null}
            title={version.rollbackTo === null ? 'No earlier champion' : `Back to ${version.rollbackTo}`}
            onClick={() => setDeciding('rollback')}
          >
            Roll back
          </Button>
        ) : (
          <Button disabled={running !== undefined} onClick={() => setDeciding('promote')}>
            Promote
          </Button>
        )
      }
    >
      {running !== undefined && (
        <Card title="Gate is running">
          <JobPanel job={running.id} label={`Promotion of ${version.label}`} kept="The champion stays as it is." />
        </Card>
      )}
      <div className="grid">
        <div className="stack" style={{ gridColumn: 'span 7' }}>
          <GateCard gate={version.lastGate} />
          <HistoryCard history={version.history} />
        </div>
        <div className="stack" style={{ gridColumn: 'span 5' }}>
          <CardFacts version={version} />
        </div>
      </div>
      {deciding !== null && (
        <DecisionDialog version={version} kind={deciding} champion={champion} close={() => setDeciding(null)} />
      )}
    </Page>
  );
}

export function VersionPage() {
  const { version: id } = useParams({ from: '/models/$version' });
  const remote = useRegistry((state) => state.shown[id]);
  useEffect(() => {
    void readVersion(id);
  }, [id]);
  return (
    <RemoteView remote={remote} what="the version" lines={12} retry={() => void readVersion(id)}>
      {(version) => <Shown version={version} />}
    </RemoteView>
  );
}
