/** Datasets on screen: the list, and per dataset its report, rejects, assets and prices, read when first shown. */
import { create } from 'zustand';
import type { Dataset, QualityReport } from '#contract/datasets';
import { client, type Client } from '#renderer/app/client';
import { coalesced, onChange } from '#renderer/app/live-store';
import { EMPTY_REMOTE, readInto, type Remote } from '#renderer/app/remote';

export type Assets = Awaited<ReturnType<Client['datasets']['assets']>>;
export type Asset = Assets['assets'][number];
export type Prices = Awaited<ReturnType<Client['datasets']['prices']>>;
export type Rejects = Awaited<ReturnType<Client['datasets']['rejects']>>;
export type Finding = QualityReport['findings'][number];

interface DatasetsState {
  readonly list: Remote<readonly Dataset[]>;
  readonly shown: Readonly<Record<string, Remote<Dataset>>>;
  readonly quality: Readonly<Record<string, Remote<QualityReport>>>;
  readonly assets: Readonly<Record<string, Remote<Assets>>>;
  readonly rejects: Readonly<Record<string, Remote<Rejects>>>;
  /** By `dataset asset`. */
  readonly prices: Readonly<Record<string, Remote<Prices>>>;
}

export const useDatasets = create<DatasetsState>(() => ({
  list: EMPTY_REMOTE,
  shown: {},
  quality: {},
  assets: {},
  rejects: {},
  prices: {},
}));

type Table = 'shown' | 'quality' | 'assets' | 'rejects' | 'prices';
type ValueOf<Name extends Table> = NonNullable<DatasetsState[Name][string]['value']>;

function put<Name extends Table>(name: Name, key: string, remote: Remote<ValueOf<Name>>): void {
  useDatasets.setState((state) => ({ ...state, [name]: { ...state[name], [key]: remote } }));
}

async function readTable<Name extends Table>(
  name: Name,
  key: string,
  read: () => Promise<ValueOf<Name>>,
): Promise<void> {
  const previous = useDatasets.getState()[name][key] as Remote<ValueOf<Name>> | undefined; // indexed by the same name
  await readInto(previous, read, (remote) => put(name, key, remote));
}

export async function readDatasets(): Promise<void> {
  await readInto(
    useDatasets.getState().list,
    async () => (await client().datasets.list({ limit: 500 })).datasets,
    (list) => useDatasets.setState({ list }),
  );
}

export async function readDataset(dataset: string): Promise<void> {
  await readTable('shown', dataset, () => client().datasets.show({ dataset }));
}

export async function readQuality(dataset: string): Promise<void> {
  await readTable('quality', dataset, () => client().datasets.quality({ dataset }));
}

export async function readAssets(dataset: string): Promise<void> {
  await readTable('assets', dataset, () => client().datasets.assets({ dataset }));
}

export async function readRejects(dataset: string): Promise<void> {
  await readTable('rejects', dataset, () => client().datasets.rejects({ dataset, limit: 500 }));
}

export const priceKey = (dataset: string, asset: string) => `${dataset} ${asset}`;

export async function readPrices(dataset: string, asset: string): Promise<void> {
  await readTable('prices', priceKey(dataset, asset), () => client().datasets.prices({ dataset, asset }));
}

export async function removeDataset(dataset: string): Promise<void> {
  await client().datasets.remove({ dataset });
  await readDatasets();
}

onChange(
  'datasets',
  coalesced(() => {
    if (useDatasets.getState().list.value !== null) void readDatasets();
  }),
);
