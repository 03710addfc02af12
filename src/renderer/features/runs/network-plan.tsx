/** Memory and time of the networks of a configuration, measured when asked for: a probe runs on the device that would train. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { NetworkPlan, RunPlan } from '#contract/run-plan';
import type { RunConfig } from '#contract/runs';
import { client, toAppError } from '#renderer/app/client';
import { bytes, duration, integer, plural } from '#renderer/format';

function NetworkFacts({ plan }: { readonly plan: NetworkPlan }) {
  const { memory } = plan;
  return (
    <dl className="facts" aria-label={`Network of ${plan.strategy}`}>
      <dt>{plan.model}</dt>
      <dd>
        {integer(plan.parameters)} parameters, {plural(plan.networks, 'network')} to train on {plan.device}
      </dd>
      <dt>Memory</dt>
      <dd>
        {bytes(memory.total)} of {bytes(plan.budgetBytes)}: inputs {bytes(memory.inputs)}, activations{' '}
        {bytes(memory.activations)}, parameters {bytes(memory.parameters)}, optimizer {bytes(memory.optimizer)},
        workspace {bytes(memory.workspace)}
      </dd>
      <dt>Batch</dt>
      <dd>
        {integer(plan.batchRows)} rows, {integer(plan.microRows)} at a time × {integer(plan.accumulation)}
        {plan.checkpointEvery > 0 && `, hidden states kept every ${plan.checkpointEvery} days`}
      </dd>
      <dt>Time</dt>
      <dd>
        about {duration(plan.secondsInAll * 1000)} at most, {duration(plan.secondsPerNetwork * 1000)} per network
      </dd>
    </dl>
  );
}

/** Give it the configuration as key: what was measured belongs to it. */
export function NetworkPlans({ config }: { readonly config: RunConfig }) {
  const [plan, setPlan] = useState<RunPlan | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const measure = () => {
    setBusy(true);
    client()
      .runs.plan({ config })
      .then(setPlan)
      .catch((error: unknown) => setProblem(toAppError(error).message))
      .finally(() => setBusy(false));
  };
  return (
    <div className="stack tight">
      {plan === null && (
        <Button variant="default" loading={busy} onClick={measure} title="Folds, memory and time by a probe batch">
          Measure memory and time
        </Button>
      )}
      {problem !== null && <p className="warn">{problem}</p>}
      {plan !== null && (
        <>
          <p className="caption">
            {plural(plan.folds, 'fold')} from {plan.firstDecision}, {integer(plan.trainRows.last)} training rows in the
            last, {plan.trials.after} trials on this dataset after this run
          </p>
          {plan.networks.length === 0 && <p className="faint">No network is trained.</p>}
          {plan.networks.map((network) => (
            <NetworkFacts key={network.strategy} plan={network} />
          ))}
        </>
      )}
    </div>
  );
}
