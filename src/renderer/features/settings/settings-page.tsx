/** Settings: where the workspace is and how its key is kept, what this program is, and how it looks. */
import { SegmentedControl, useMantineColorScheme } from '@mantine/core';
import { useEffect } from 'react';
import type { SystemInfo } from '#contract/system';
import { type Density, setDensity, useAppearance } from '#renderer/app/appearance-store';
import { readInfo, readLoad, type SystemLoad, useSystem } from '#renderer/app/system-store';
import { bytes, decimal, instant, percent } from '#renderer/format';
import { AuditLogCard, PrivacyCard, RetentionCard } from '../privacy/privacy-cards';
import { Card } from '#renderer/ui/card';
import { CopyButton } from '#renderer/ui/copy-button';
import { Page } from '#renderer/ui/page';
import { RemoteView } from '#renderer/ui/remote-view';
import { BackupsCard } from './backups-card';
import { KeyCard } from './key-card';
import { DevicesCard } from './devices-card';
import { TokensCard } from './tokens-card';

const KEY_TEXT = {
  keychain: 'The system keychain keeps the key. Whoever can unlock this account can open the workspace.',
  passphrase: 'The key comes from a passphrase that is asked for at every start. It is stored nowhere.',
  'key-file': 'A file that only this account can read keeps the key. A backup of the workspace needs that file too.',
  environment: 'The environment variable SEXTANT_KEY gives the key. It is stored nowhere.',
} as const;

function Facts({ facts }: { readonly facts: readonly (readonly [string, string])[] }) {
  return (
    <dl className="facts">
      {facts.map(([term, value]) => (
        <div key={term} style={{ display: 'contents' }}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function WorkspaceCard({ info }: { readonly info: SystemInfo }) {
  return (
    <Card title="Workspace and key">
      <div className="stack">
        <Facts
          facts={[
            ['Folder', info.workspace],
            ['Encryption', info.cipher],
            ['Key', info.keySource],
            ['Schema', `version ${info.schemaVersion}`],
          ]}
        />
        <p className="secondary">{KEY_TEXT[info.keySource]}</p>
      </div>
    </Card>
  );
}

function ProgramCard({ info }: { readonly info: SystemInfo }) {
  return (
    <Card title="Program" actions={<CopyButton text={JSON.stringify(info, null, 2)} />}>
      <Facts
        facts={[
          ['Version', `${info.version}${info.gitCommit === null ? '' : ` · ${info.gitCommit.slice(0, 12)}`}`],
          ['Host', info.host],
          ...(info.hostReason === null ? [] : ([['Desktop window', info.hostReason]] as const)),
          ['Node', `${info.node} · ${info.platform}`],
          ['Lock file', info.lockHash.slice(0, 16)],
          ['Started', instant(info.startedAt)],
        ]}
      />
    </Card>
  );
}

function DeviceCard({ load }: { readonly load: SystemLoad }) {
  const { vram } = load;
  return (
    <Card title="Machine now">
      <Facts
        facts={[
          [
            'GPU',
            vram.usedBytes === null || vram.foreignBytes === null
              ? (vram.reason ?? 'not in use')
              : `${bytes(vram.usedBytes)} of VRAM in use, ${bytes(vram.foreignBytes)} of it by other programs`,
          ],
          ['VRAM budget', bytes(vram.budgetBytes)],
          ['Processor', load.cpuShare === null ? 'not measured yet' : percent(load.cpuShare, 0)],
          ['Memory', `${bytes(load.memoryUsedBytes)} of ${bytes(load.memoryTotalBytes)}`],
          ['Event loop p99', `${decimal(load.eventLoopP99Ms, 1)}\u202fms`],
        ]}
      />
    </Card>
  );
}

function AppearanceCard() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const density = useAppearance((state) => state.density);
  return (
    <Card title="Appearance">
      <div className="stack">
        <div className="row apart">
          <span>
            Theme
            <span className="small">Auto follows the system.</span>
          </span>
          <SegmentedControl
            aria-label="Theme"
            data={['auto', 'light', 'dark']}
            value={colorScheme}
            onChange={(value) => setColorScheme(value as typeof colorScheme /* one of the three */)}
          />
        </div>
        <div className="row apart">
          <span>
            Density
            <span className="small">Height of table rows: 28 or 36 pixels.</span>
          </span>
          <SegmentedControl
            aria-label="Density"
            data={['compact', 'comfortable']}
            value={density}
            onChange={(value) => setDensity(value as Density /* one of the two */)}
          />
        </div>
      </div>
    </Card>
  );
}

export function SettingsPage() {
  const { info, load } = useSystem();
  useEffect(() => {
    void readInfo();
    void readLoad();
  }, []);
  return (
    <Page title="Settings" sentence="Appearance is kept on this machine, everything else belongs to the workspace.">
      <div className="grid">
        <div className="stack" style={{ gridColumn: 'span 7' }}>
          <RemoteView remote={info} what="the workspace" retry={() => void readInfo()}>
            {(value) => (
              <>
                <WorkspaceCard info={value} />
                <ProgramCard info={value} />
              </>
            )}
          </RemoteView>
          <BackupsCard />
          <KeyCard />
          <TokensCard />
          <PrivacyCard />
          <DevicesCard />
        </div>
        <div className="stack" style={{ gridColumn: 'span 5' }}>
          <AppearanceCard />
          <RemoteView remote={load} what="the load of the machine" retry={() => void readLoad()}>
            {(value) => <DeviceCard load={value} />}
          </RemoteView>
          <RetentionCard />
          <AuditLogCard />
        </div>
      </div>
    </Page>
  );
}
