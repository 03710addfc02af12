/** The registry: which version of each model is champion, what was checked, and what else there is. */
import { Button } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import type { VersionSummary } from '#contract/registry';
import { ago, decimal, instant, plural, shortName } from '#renderer/format';
import { Chip, type Tone } from '#renderer/ui/chip';
import { type Column, DataTable } from '#renderer/ui/data-table';
import { EmptyState } from '#renderer/ui/empty-state';
import { MeasureText } from '#renderer/ui/measure-text';
import { Page } from '#renderer/ui/page';
import { RemoteView } from '#renderer/ui/remote-view';
import { readVersions, useRegistry } from './registry-store';
import { DecisionChip, StageChip } from './stage-chip';

const LEAKAGE_TONES: Readonly<Record<VersionSummary['leakage'], Tone>> = {
  passed: 'gain',
  warning: 'warn',
  failed: 'danger',
  none: 'neutral',
};

function columns(now: number): Column<VersionSummary>[] {
  return [
    {
      id: 'version',
      title: 'Version',
      clip: true,
      value: ({ label }) => label,
      cell: ({ id, label }) => (
        <Link to="/models/$version" params={{ version: id }}>
          {label}
        </Link>
      ),
    },
    {
      id: 'stage',
      title: 'Stage',
      width: 200,
      value: ({ stage }) => stage,
      cell: ({ stage, aliases }) => <StageChip stage={stage} aliases={aliases} />,
    },
    {
      id: 'gate',
      title: 'Gate',
      width: 170,
      value: ({ gate }) => gate?.decision ?? null,
      cell: ({ gate }) => <DecisionChip decision={gate?.decision ?? null} />,
    },
    {
      id: 'leakage',
      title: 'Leakage',
      width: 100,
      value: ({ leakage }) => leakage,
      cell: ({ leakage }) => <Chip tone={LEAKAGE_TONES[leakage]}>{leakage === 'none' ? 'not audited' : leakage}</Chip>,
    },
    {
      id: 'sharpe',
      title: 'Sharpe, net',
      right: true,
      width: 96,
      value: ({ sharpe }) => sharpe.value,
      cell: ({ sharpe }) => <MeasureText measure={sharpe} format={(value) => decimal(value)} />,
    },
    {
      id: 'run',
      title: 'Run',
      clip: true,
      value: ({ runName }) => runName,
      cell: ({ run, runName }) => (
        <Link to="/research/$run" params={{ run }}>
          {shortName(runName)}
        </Link>
      ),
    },
    {
      id: 'created',
      title: 'Registered',
      width: 100,
      value: ({ createdAt }) => createdAt,
      cell: ({ createdAt }) => <span title={instant(createdAt)}>{ago(createdAt, now)}</span>,
    },
  ];
}

export function ModelsPage() {
  const list = useRegistry((state) => state.list);
  const navigate = useNavigate();
  const table = useMemo(() => columns(Date.now()), []);
  useEffect(() => {
    void readVersions();
  }, []);
  const champions = list.value?.filter(({ stage }) => stage === 'Production').length ?? 0;
  return (
    <Page
      title="Models"
      fill
      sentence={
        list.value === null
          ? undefined
          : `${plural(list.value.length, 'registered version')}, ${plural(champions, 'champion')}.`
      }
    >
      <section className="card fill" style={{ overflow: 'hidden' }}>
        <RemoteView remote={list} what="the registry" lines={8} retry={() => void readVersions()}>
          {(versions) =>
            versions.length === 0 ? (
              <EmptyState
                title="Nothing is registered"
                text="A finished run becomes a version of its model; a version becomes champion when its gate holds."
                actions={
                  <Button component={Link} to="/research">
                    Choose a run
                  </Button>
                }
              />
            ) : (
              <DataTable
                label="Registered versions"
                rows={versions}
                columns={table}
                rowId={({ id }) => id}
                open={({ id }) => void navigate({ to: '/models/$version', params: { version: id } })}
              />
            )
          }
        </RemoteView>
      </section>
    </Page>
  );
}
