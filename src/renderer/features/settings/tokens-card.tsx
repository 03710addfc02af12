/** Settings: who may call the API, what they may do, when they last did; making, renewing and revoking tokens. */
import { Button, Checkbox, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Scope } from '#contract/operation';
import type { Token } from '#contract/tokens';
import { ago, instant, integer } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { CopyButton } from '#renderer/ui/copy-button';
import { RemoteView } from '#renderer/ui/remote-view';
import {
  createToken,
  followTokens,
  putSecretAway,
  readTokens,
  revokeToken,
  rotateToken,
  useTokens,
} from './tokens-store';

const SCOPES: readonly { readonly scope: Scope; readonly may: string }[] = [
  { scope: 'read', may: 'look at everything' },
  { scope: 'train', may: 'start runs' },
  { scope: 'export', may: 'take data out' },
  { scope: 'execute', may: 'change and remove' },
];

function Row({ token }: { readonly token: Token }) {
  const [asked, ask] = useState<'rotate' | 'revoke' | null>(null);
  const busy = useTokens((state) => state.busy);
  const { name, scopes, perMinute, status, expiresAt, lastUsedAt } = token;
  const act = () => {
    ask(null);
    void (asked === 'rotate' ? rotateToken(token) : revokeToken(token));
  };
  return (
    <div className="row apart">
      <span>
        {name}
        <span className="small">
          {scopes.join(', ')} · {integer(perMinute)} a minute ·{' '}
          {status === 'active'
            ? expiresAt === null
              ? 'without end'
              : `until ${instant(expiresAt)}`
            : status === 'expired'
              ? 'at its end'
              : 'revoked'}{' '}
          · {lastUsedAt === null ? 'never used' : `last used ${ago(lastUsedAt, Date.now())}`}
        </span>
      </span>
      {status !== 'revoked' &&
        (asked === null ? (
          <span className="row">
            <Button size="compact-sm" variant="default" disabled={busy} onClick={() => ask('rotate')}>
              New secret…
            </Button>
            <Button size="compact-sm" variant="default" disabled={busy} onClick={() => ask('revoke')}>
              Revoke…
            </Button>
          </span>
        ) : (
          <span className="row">
            <Button size="compact-sm" color="red" disabled={busy} onClick={act}>
              {asked === 'rotate' ? `Replace the secret of ${name}` : `Revoke ${name}`}
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => ask(null)}>
              Cancel
            </Button>
          </span>
        ))}
    </div>
  );
}

function NewToken() {
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<Scope[]>(['read']);
  const busy = useTokens((state) => state.busy);
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void createToken(name, scopes);
        setName('');
      }}
    >
      <TextInput
        label="Name of a new token"
        placeholder="execution-desk"
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Checkbox.Group
        label="It may"
        value={scopes}
        onChange={(values) => setScopes(values as Scope[] /* the four below */)}
      >
        <div className="row">
          {SCOPES.map(({ scope, may }) => (
            <Checkbox key={scope} value={scope} label={`${scope}: ${may}`} />
          ))}
        </div>
      </Checkbox.Group>
      <Button type="submit" variant="default" disabled={busy || name === '' || scopes.length === 0}>
        Make token
      </Button>
    </form>
  );
}

export function TokensCard() {
  const { tokens, failure, shown } = useTokens();
  useEffect(followTokens, []);
  useEffect(() => putSecretAway, []);
  return (
    <Card title="API tokens">
      <div className="stack">
        <p className="secondary">
          For programs on this machine. A revoked token is refused by its next request, and its open streams end.
          {window.host === undefined && (
            <>
              {' '}
              What they can ask is in the <a href="/reference">API reference</a>.
            </>
          )}
        </p>
        {shown !== null && (
          <div className="stack" role="status">
            <p>The secret of {shown.name}. It is shown this once and stored nowhere.</p>
            <div className="row apart">
              <code>{shown.secret}</code>
              <CopyButton text={shown.secret} />
            </div>
            <Button size="compact-sm" variant="default" onClick={putSecretAway}>
              Put it away
            </Button>
          </div>
        )}
        {failure !== null && <p role="alert">{failure.message}</p>}
        <RemoteView remote={tokens} what="the tokens" retry={() => void readTokens()}>
          {(list) => (
            <div className="stack">
              {list.length === 0 ? <p>No tokens yet.</p> : list.map((token) => <Row key={token.id} token={token} />)}
            </div>
          )}
        </RemoteView>
        <NewToken />
      </div>
    </Card>
  );
}
