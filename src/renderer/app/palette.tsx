/** The command palette: pages, datasets, runs, portfolios and actions under one field, on Ctrl/Cmd-K. */
import { useMantineColorScheme } from '@mantine/core';
import { createSpotlight, Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useDatasets } from '#renderer/features/datasets/datasets-store';
import { usePortfolios } from '#renderer/features/portfolios/portfolios-store';
import { useRuns } from '#renderer/features/runs/runs-store';
import { instant, shortName } from '#renderer/format';
import { Icon } from '#renderer/ui/icon';
import { PLACES } from './pages';

const [store, spotlight] = createSpotlight();

export function openPalette(): void {
  spotlight.open();
}

const MOST_RUNS = 200;

function useActions(): SpotlightActionGroupData[] {
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme();
  const datasets = useDatasets((state) => state.list.value);
  const runs = useRuns((state) => state.list.value);
  const portfolios = usePortfolios((state) => state.list.value);
  return useMemo(() => {
    const go = (to: string) => () => void navigate({ to });
    const theme = (scheme: 'light' | 'dark' | 'auto') => ({
      id: `theme-${scheme}`,
      label: `Theme: ${scheme}`,
      onClick: () => setColorScheme(scheme),
    });
    return [
      {
        group: 'Actions',
        actions: [
          { id: 'new-run', label: 'New run', keywords: 'start research', onClick: go('/research/new') },
          { id: 'import', label: 'Import prices', keywords: 'dataset csv parquet', onClick: go('/data/import') },
          theme('light'),
          theme('dark'),
          theme('auto'),
        ],
      },
      {
        group: 'Places',
        actions: PLACES.map((place) => ({
          id: place.path,
          label: place.word,
          description: place.purpose,
          leftSection: <Icon name={place.icon} size={16} />,
          onClick: go(place.path),
        })),
      },
      {
        group: 'Datasets',
        actions: (datasets ?? []).map((dataset) => ({
          id: `dataset-${dataset.id}`,
          label: `${dataset.name} v${dataset.version}`,
          description: `${dataset.manifest.firstDate} … ${dataset.manifest.lastDate}`,
          onClick: go(`/data/${dataset.id}`),
        })),
      },
      {
        group: 'Runs',
        actions: (runs ?? []).slice(0, MOST_RUNS).map((run) => ({
          id: `run-${run.id}`,
          label: shortName(run.name),
          keywords: run.name,
          description: `${run.status} · ${instant(run.createdAt)}`,
          onClick: go(`/research/${run.id}`),
        })),
      },
      {
        group: 'Portfolios',
        actions: (portfolios ?? []).slice(0, MOST_RUNS).map((portfolio) => ({
          id: `portfolio-${portfolio.id}`,
          label: `${portfolio.strategy} for ${portfolio.fillOn}`,
          description: shortName(portfolio.runName),
          onClick: go(`/portfolios/${portfolio.id}`),
        })),
      },
    ].filter(({ actions }) => actions.length > 0);
  }, [navigate, setColorScheme, datasets, runs, portfolios]);
}

export function Palette() {
  const actions = useActions();
  return (
    <Spotlight
      store={store}
      actions={actions}
      shortcut="mod + K"
      tagsToIgnore={[]}
      limit={14}
      scrollable
      maxHeight={420}
      overlayProps={{ blur: 0, backgroundOpacity: 0.4 }}
      nothingFound="Nothing found. Search for a page, a dataset, a run or an action."
      searchProps={{ placeholder: 'Search or command', 'aria-label': 'Search or command' }}
      transitionProps={{ duration: 80 }}
    />
  );
}
