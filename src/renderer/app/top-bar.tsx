/** Top bar: where one is, the palette, the theme. */
import { useMantineColorScheme } from '@mantine/core';
import { Link, useRouterState } from '@tanstack/react-router';
import { useDatasets } from '#renderer/features/datasets/datasets-store';
import { usePortfolios } from '#renderer/features/portfolios/portfolios-store';
import { useRegistry } from '#renderer/features/registry/registry-store';
import { useRuns } from '#renderer/features/runs/runs-store';
import { shortName } from '#renderer/format';
import { Icon } from '#renderer/ui/icon';
import { PLACES } from './pages';
import { openPalette } from './palette';

const FIXED: Readonly<Record<string, string>> = { import: 'Import', new: 'New run', compare: 'Compare' };

/** The name behind an identifier in the address, once it is known. */
function useLeafName(section: string, id: string | undefined): string | undefined {
  const dataset = useDatasets((state) => (id === undefined ? undefined : state.shown[id]?.value?.name));
  const run = useRuns((state) => (id === undefined ? undefined : state.shown[id]?.value?.name));
  const portfolio = usePortfolios((state) => (id === undefined ? undefined : state.shown[id]?.value?.runName));
  const version = useRegistry((state) => (id === undefined ? undefined : state.shown[id]?.value?.label));
  if (id === undefined) return undefined;
  const known = { data: dataset, research: run, backtests: run, portfolios: portfolio, models: version };
  return shortName(FIXED[id] ?? known[section as keyof typeof known] ?? id); // other sections have no leaves
}

function Breadcrumb() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const [section = '', id] = path.split('/').filter((part) => part !== '');
  const place = PLACES.find((candidate) => candidate.path === `/${section}`);
  const leaf = useLeafName(section, id);
  return (
    <nav className="grow" aria-label="Breadcrumb">
      <ol className="breadcrumb">
        {place === undefined ? (
          <li>Not found</li>
        ) : leaf === undefined ? (
          <li aria-current="page">{place.word}</li>
        ) : (
          <li>
            <Link to={place.path}>{place.word}</Link>
          </li>
        )}
        {leaf !== undefined && (
          <li aria-current="page">
            <span className="clip">{leaf}</span>
          </li>
        )}
      </ol>
    </nav>
  );
}

export const commandKey = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘ K' : 'Ctrl K';

export function TopBar() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const next = { auto: 'light', light: 'dark', dark: 'auto' } as const;
  return (
    <header className="top-bar">
      <Breadcrumb />
      <button type="button" className="palette-button" onClick={openPalette}>
        <Icon name="search" size={14} />
        <span>Search or command</span>
        <kbd className="key">{commandKey}</kbd>
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={`Theme: ${colorScheme}. Switch to ${next[colorScheme]}.`}
        title={`Theme: ${colorScheme}`}
        onClick={() => setColorScheme(next[colorScheme])}
      >
        {colorScheme === 'auto' ? <AutoMark /> : <Icon name={colorScheme} />}
      </button>
    </header>
  );
}

/** Half light, half dark: the theme follows the system. */
function AutoMark() {
  return (
    <svg aria-hidden="true" width={18} height={18} viewBox="0 0 20 20">
      <circle cx={10} cy={10} r={6.5} fill="none" stroke="currentColor" strokeWidth={1.5} />
      <path d="M10 3.5a6.5 6.5 0 0 1 0 13Z" fill="currentColor" />
    </svg>
  );
}
