import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { formatConfigProblems, parseRunConfig } from './config-file';

const problemsOf = (text: string) => formatConfigProblems(parseRunConfig(text, 'run.yaml').problems).split('\n');

test('the demo configuration is valid', () => {
  const file = 'configs/experiments/demo.yaml';
  const { config, problems } = parseRunConfig(readFileSync(file, 'utf8'), file);
  expect(problems).toEqual([]);
  expect(config).toMatchObject({ data: { dataset: 'sample' }, experiment: { seed: 42 } });
});

test('every problem comes with its line and column, in the order of the file', () => {
  const text = [
    'data:',
    '  dataset: sample',
    '  form: 2015-01-01',
    'model:',
    '  horizon: 400',
    '  constraints: { maxWeight: "x", sectorCap: 2 }',
    'backtset: {}',
    'experiment:',
    '  compare:',
    '    - { nme: hrp }',
  ].join('\n');
  expect(problemsOf(text)).toEqual([
    'run.yaml:3:3 data.form: Expected one of dataset, from, to, benchmark, holdout, found the unknown name "form". Did you mean "from"?',
    'run.yaml:5:12 model.horizon: Expected at most 252 (trading days), found 400.',
    'run.yaml:6:29 model.constraints.maxWeight: Expected a number (fraction of NAV), found "x".',
    'run.yaml:6:45 model.constraints.sectorCap: Expected at most 1 (fraction of NAV), found 2.',
    'run.yaml:7:1 backtset: Expected one of data, model, backtest, experiment, found the unknown name "backtset". Did you mean "backtest"?',
    'run.yaml:10:7 experiment.compare[0].name: Expected text, found nothing.',
    'run.yaml:10:9 experiment.compare[0].nme: Expected one of name, forecast, optimizer, constraints, found the unknown name "nme". Did you mean "name"?',
  ]);
});

test('what is missing is reported where it would stand', () => {
  expect(problemsOf('')).toEqual(['run.yaml:1:1 data: Expected an object, found nothing.']);
  expect(problemsOf('model: {}\ndata:\n  from: 2015-01-01\n')).toEqual([
    'run.yaml:3:3 data.dataset: Expected text, found nothing.',
  ]);
});

test('malformed YAML, duplicate keys, tabs and alias bombs are problems, not crashes', () => {
  expect(problemsOf('data: {dataset: a\n')[0]).toMatch(/^run\.yaml:\d+:\d+ Flow map/);
  expect(problemsOf('data: {dataset: a}\ndata: {dataset: b}\n')).toEqual(['run.yaml:2:1 Map keys must be unique']);
  expect(problemsOf('data:\n\tdataset: a\n')[0]).toMatch(/^run\.yaml:2:1 .*[Tt]abs/);
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\n${'bcdefghij'
    .split('')
    .map((name, i) => `${name}: &${name} [${`*${'abcdefghij'[i]},`.repeat(10)}]`)
    .join('\n')}`;
  expect(problemsOf(bomb)[0]).toMatch(/alias/i);
  expect(problemsOf('- just\n- a list\n')).toEqual(['run.yaml:1:1 Expected an object, found a list of 2.']);
});

test('further checks are placed like all others', () => {
  const text = 'data: { dataset: a }\nmodel:\n  optimizer:\n    id: magic\n';
  const check = () => [{ steps: ['model', 'optimizer', 'id'], message: 'Expected an optimizer, found "magic".' }];
  expect(parseRunConfig(text, 'x.yaml', check)).toEqual({
    config: null,
    problems: [
      {
        file: 'x.yaml',
        line: 4,
        column: 9,
        path: 'model.optimizer.id',
        message: 'Expected an optimizer, found "magic".',
      },
    ],
  });
});

test('names that no registry knows and parameters that do not fit are found in the file', () => {
  const text = [
    'data: { dataset: a }',
    'model:',
    '  forecast: { id: rigde }',
    '  features: { set: [momentum_12_1, momentum_12_2, momentum_12_1] }',
    '  optimizer: { id: min-variance, params: { covarance: sample } }',
    'experiment:',
    '  compare:',
    '    - { name: a, forecast: null, optimizer: { id: mean-variance } }',
    '    - { name: a, optimizer: { id: hrp } }',
    '    - { name: equal-weight, optimizer: { id: hrp } }',
  ].join('\n');
  const found = problemsOf(text);
  expect(found.map((line) => line.replace(/\([^)]*\)/, '(…)'))).toEqual([
    'run.yaml:3:19 model.forecast.id: Expected a forecast model (…), found "rigde". Did you mean "ridge"?',
    'run.yaml:4:36 model.features.set[1]: Expected a feature (…), found "momentum_12_2". Did you mean "momentum_12_1"?',
    'run.yaml:4:51 model.features.set[2]: Expected different features, found "momentum_12_1" twice.',
    'run.yaml:5:44 model.optimizer.params.covarance: Expected one of covariance, found the unknown name "covarance". Did you mean "covariance"?',
    'run.yaml:8:28 experiment.compare[0].forecast: Expected a forecast model, since the optimizer "mean-variance" needs one, found null.',
    'run.yaml:9:15 experiment.compare[1].name: Expected different names, found "a" twice.',
    'run.yaml:10:15 experiment.compare[2].name: Expected another name than "equal-weight", which always runs as the baseline.',
  ]);
});
