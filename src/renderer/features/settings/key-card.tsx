/** Settings: another passphrase, another key, the key on paper; each with what it does and does not do. */
import { Button, PasswordInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { KeyState } from '#contract/keys';
import { instant } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { CopyButton } from '#renderer/ui/copy-button';
import { RemoteView } from '#renderer/ui/remote-view';
import { changePassphrase, forgetRecoveryKey, makeRecoveryKey, readKeys, rotateKey, useSafety } from './safety-store';

function Passphrase() {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const doing = useSafety((state) => state.doing);
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void changePassphrase(current, next);
        setCurrent('');
        setNext('');
      }}
    >
      <h3>Passphrase</h3>
      <p className="secondary">
        The data is not rewritten. Copies and backups from before still open with the old passphrase; change the key too
        if somebody knows it.
      </p>
      <PasswordInput label="Present passphrase" value={current} onChange={(event) => setCurrent(event.target.value)} />
      <PasswordInput label="New passphrase" value={next} onChange={(event) => setNext(event.target.value)} />
      <Button type="submit" variant="default" disabled={doing !== null || current === '' || next === ''}>
        Change passphrase
      </Button>
    </form>
  );
}

function Rotation({ state }: { readonly state: KeyState }) {
  const [secret, setSecret] = useState('');
  const doing = useSafety((safety) => safety.doing);
  const needsSecret = state.needsPassphrase || state.needsKey;
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void rotateKey(state.needsKey ? { key: secret } : state.needsPassphrase ? { passphrase: secret } : {});
        setSecret('');
      }}
    >
      <h3>Key</h3>
      <p className="secondary">
        A backup is made, the database gets a new key, running jobs go on afterwards. Copies that somebody took before
        stay readable with the old key; stored arrays are not rewritten, new ones are under the new key.
        {state.needsKey && ' Set SEXTANT_KEY to the new key before the next start.'}
      </p>
      {needsSecret && (
        <PasswordInput
          label={state.needsKey ? 'Next key, 64 hexadecimal digits' : 'Passphrase'}
          value={secret}
          onChange={(event) => setSecret(event.target.value)}
        />
      )}
      <Button type="submit" variant="default" disabled={doing !== null || (needsSecret && secret === '')}>
        Change key
      </Button>
    </form>
  );
}

function Recovery({ state }: { readonly state: KeyState }) {
  const { doing, recoveryKey } = useSafety();
  return (
    <div className="stack">
      <h3>Recovery key</h3>
      <p className="secondary">
        A key for paper: it opens the workspace and every backup made after it, also when this machine or its keychain
        is gone, and also after the key has changed. Whoever holds the paper can read everything.
        {state.recoveryMadeAt === null
          ? ' There is none yet: if the key is lost, so is the data.'
          : ` One was made on ${instant(state.recoveryMadeAt)}; a new one takes its place.`}
      </p>
      {recoveryKey !== null && (
        <div className="stack">
          <output className="mono" style={{ overflowWrap: 'anywhere' }}>
            {recoveryKey}
          </output>
          <span className="row">
            <CopyButton text={recoveryKey} />
            <Button size="compact-sm" onClick={forgetRecoveryKey}>
              I have written it down
            </Button>
          </span>
        </div>
      )}
      <Button variant="default" disabled={doing !== null} onClick={() => void makeRecoveryKey()}>
        Make a recovery key
      </Button>
    </div>
  );
}

export function KeyCard() {
  const keys = useSafety((state) => state.keys);
  useEffect(() => void readKeys(), []);
  return (
    <Card title="Key, passphrase and recovery">
      <RemoteView remote={keys} what="the key" retry={() => void readKeys()}>
        {(state) => (
          <div className="stack">
            <Recovery state={state} />
            {state.needsPassphrase && <Passphrase />}
            <Rotation state={state} />
          </div>
        )}
      </RemoteView>
    </Card>
  );
}
