/**
 * Graph attention as kernels with one workgroup per node (Veličković et al. 2018, scores split into a target's and a source's half).
 * What a node needs of its neighbors was left by the dispatch before, so a layer's end and the next one's beginning share a dispatch:
 * L + 1 forward, L + 1 backward. Sums over edges run along the rows of the graph, or of its transpose: no atomics, same bits every time.
 */
import { read, readWrite, type Binding, type Kernel } from './kernel';
import { THREADS, type GatLayerShape, type GatShape } from './gat-shape';
import { dropoutPart, headerReaders, ROW_BASE, wgslFloat } from './shader-parts';

const BATCH = read('batch', 'array<u32>');
const HEADERS = headerReaders(
  'rows',
  'firstRow',
  'firstEdge',
  'update',
  'seed',
  'dropout',
  'splits',
  'rowStart',
  'columns',
  'sourceStart',
  'sourceEdge',
  'sourceTarget',
);

/** The graph's rows, and the halves of a score. */
function graphPart({ network }: GatShape): string {
  return `
fn first_edge(n: u32) -> u32 { return batch[rowStart_() + n]; }
fn last_edge(n: u32) -> u32 { return batch[rowStart_() + n + 1u]; }
fn column(e: u32) -> u32 { return batch[columns_() + e]; }
fn leaky(x: f32) -> f32 { return select(${wgslFloat(network.negativeSlope)} * x, x, x > 0.0); }
fn leaky_slope(x: f32) -> f32 { return select(${wgslFloat(network.negativeSlope)}, 1.0, x > 0.0); }`;
}

const attention = (layer: GatLayerShape, access: 'read' | 'read_write'): Binding => ({
  name: `attention${layer.index}`,
  access,
  type: 'array<f32>',
});
const edgeSlopes = (layer: GatLayerShape, access: 'read' | 'read_write'): Binding => ({
  name: `edgeSlopes${layer.index}`,
  access,
  type: 'array<f32>',
});

const each = (count: number, body: string): string =>
  `for (var k = thread; k < ${count}u; k += ${THREADS}u) { ${body} }`;
const MEET = 'storageBarrier(); workgroupBarrier();';

function score(layer: GatLayerShape, head: string, edge: string): string {
  const { heads, targetPart, sourcePart } = layer;
  return `(nodes[${targetPart}u + n * ${heads}u + ${head}] + nodes[${sourcePart}u + column(${edge}) * ${heads}u + ${head}])`;
}

/** Attention over the node's edges, the weighted sum of its neighbors' projections, bias and ELU: leaves \`row_x\`. */
function aggregate(layer: GatLayerShape): string {
  const { index, heads, channels, concat, width, outputs, bias, h, out } = layer;
  const name = `attention${index}`;
  const sum = concat
    ? 'let sum = row_h[k];'
    : `var sum = 0.0; for (var head = 0u; head < ${heads}u; head++) { sum += row_h[head * ${channels}u + k]; } sum /= ${wgslFloat(heads)};`;
  return `
  ${each(
    heads,
    `
    var largest = -3.0e38;
    for (var e = first_edge(n); e < last_edge(n); e++) { largest = max(largest, leaky${score(layer, 'k', 'e')}); }
    var total = 0.0;
    for (var e = first_edge(n); e < last_edge(n); e++) {
      let share = exp(leaky${score(layer, 'k', 'e')} - largest);
      ${name}[e * ${heads}u + k] = share;
      total += share;
    }
    for (var e = first_edge(n); e < last_edge(n); e++) { ${name}[e * ${heads}u + k] /= total; }`,
  )}
  ${MEET}
  ${each(
    width,
    `
    let head = k / ${channels}u;
    var sum = 0.0;
    for (var e = first_edge(n); e < last_edge(n); e++) {
      sum += ${name}[e * ${heads}u + head] * keep(${2 * index + 1}u, firstEdge_() + e, 0u, head) * nodes[${h}u + column(e) * ${width}u + k];
    }
    row_h[k] = sum;`,
  )}
  workgroupBarrier();
  ${each(
    outputs,
    `
    ${sum}
    let z = sum + parameters[${bias}u + k];
    let a = select(exp(min(z, 0.0)) - 1.0, z, z > 0.0);
    nodes[${out}u + n * ${outputs}u + k] = a;
    row_x[k] = a;`,
  )}
  workgroupBarrier();`;
}

/** Dropout, projection and the halves of the score, from \`row_x\`. */
function project(layer: GatLayerShape): string {
  const { index, heads, channels, features, width, weights, target, source, x, h, targetPart, sourcePart } = layer;
  const half = (a: number) =>
    `for (var c = 0u; c < ${channels}u; c++) { sum += parameters[${a}u + k * ${channels}u + c] * row_h[k * ${channels}u + c]; }`;
  return `
  ${each(
    features,
    `
    let value = row_x[k] * keep(${2 * index}u, firstRow_() + n, 0u, k);
    row_x[k] = value;
    nodes[${x}u + n * ${features}u + k] = value;`,
  )}
  workgroupBarrier();
  ${each(
    width,
    `
    var sum = 0.0;
    for (var f = 0u; f < ${features}u; f++) { sum += parameters[${weights}u + k * ${features}u + f] * row_x[f]; }
    row_h[k] = sum;
    nodes[${h}u + n * ${width}u + k] = sum;`,
  )}
  workgroupBarrier();
  ${each(
    heads,
    `
    { var sum = 0.0; ${half(target)} nodes[${targetPart}u + n * ${heads}u + k] = sum; }
    { var sum = 0.0; ${half(source)} nodes[${sourcePart}u + n * ${heads}u + k] = sum; }`,
  )}`;
}

function sharedRows({ layers, network }: GatShape): string {
  const rowX = Math.max(network.inputs, ...layers.map(({ features, outputs }) => Math.max(features, outputs)));
  const rowH = Math.max(...layers.map(({ width }) => width));
  return `
var<workgroup> row_x: array<f32, ${rowX}>;
var<workgroup> row_h: array<f32, ${rowH}>;`;
}

/** Stage l: the end of layer l − 1 and the beginning of layer l; the first stage reads the table, the last one is the head. */
export function forwardStage(shape: GatShape, stage: number): Kernel {
  const { layers, network, headWeight, headBias } = shape;
  const ending = stage > 0 ? layers[stage - 1] : null;
  const beginning = stage < layers.length ? layers[stage] : null;
  const top = layers[layers.length - 1];
  return {
    label: `graph attention forward ${stage}`,
    bindings: [
      BATCH,
      read('parameters', 'array<f32>'),
      readWrite('nodes', 'array<f32>'),
      ...(ending === null ? [read('table', 'array<f32>')] : [attention(ending, 'read_write')]),
      ...(beginning === null ? [readWrite('predictions', 'array<f32>')] : []),
    ],
    body: `
${HEADERS}${dropoutPart(network.dropout)}${graphPart(shape)}${sharedRows(shape)}
@compute @workgroup_size(${THREADS})
fn main(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) group: vec3u) {
  let n = group.x;
  ${
    ending === null
      ? `${each(network.inputs, `row_x[k] = table[batch[${ROW_BASE}u + n] * ${network.inputs}u + k];`)} workgroupBarrier();`
      : aggregate(ending)
  }
  ${
    beginning === null
      ? `if (thread == 0u) {
    var sum = parameters[${headBias}u];
    for (var k = 0u; k < ${top.outputs}u; k++) { sum += parameters[${headWeight}u + k] * row_x[k]; }
    predictions[n] = sum;
  }`
      : project(beginning)
  }
}`,
  };
}

/** From the slopes of a layer's sums and scores to those of its projections, for this node as a source: leaves \`row_h\`. */
function sourceSlopes(layer: GatLayerShape): string {
  const { index, heads, channels, concat, width, outputs, target, source, dh, dTarget, dSource, dSum } = layer;
  const slope = concat
    ? `node_slopes[${dSum}u + i * ${outputs}u + k]`
    : `node_slopes[${dSum}u + i * ${outputs}u + k % ${channels}u] / ${wgslFloat(heads)}`;
  return `
  ${each(
    heads,
    `
    var own = 0.0;
    for (var e = first_edge(n); e < last_edge(n); e++) { own += edgeSlopes${index}[e * ${heads}u + k]; }
    var others = 0.0;
    for (var q = batch[sourceStart_() + n]; q < batch[sourceStart_() + n + 1u]; q++) {
      others += edgeSlopes${index}[batch[sourceEdge_() + q] * ${heads}u + k];
    }
    node_slopes[${dTarget}u + n * ${heads}u + k] = own;
    node_slopes[${dSource}u + n * ${heads}u + k] = others;
    half_target[k] = own;
    half_source[k] = others;`,
  )}
  workgroupBarrier();
  ${each(
    width,
    `
    let head = k / ${channels}u;
    var sum = parameters[${target}u + k] * half_target[head] + parameters[${source}u + k] * half_source[head];
    for (var q = batch[sourceStart_() + n]; q < batch[sourceStart_() + n + 1u]; q++) {
      let e = batch[sourceEdge_() + q];
      let i = batch[sourceTarget_() + q];
      sum += attention${index}[e * ${heads}u + head] * keep(${2 * index + 1}u, firstEdge_() + e, 0u, head) * ${slope};
    }
    row_h[k] = sum;
    node_slopes[${dh}u + n * ${width}u + k] = sum;`,
  )}
  workgroupBarrier();`;
}

/** Slopes of a layer's inputs from \`row_h\`: leaves \`row_x\`. */
function inputSlopes({ index, features, width, weights }: GatLayerShape): string {
  return `
  ${each(
    features,
    `
    var sum = 0.0;
    for (var w = 0u; w < ${width}u; w++) { sum += parameters[${weights}u + w * ${features}u + k] * row_h[w]; }
    row_x[k] = sum * keep(${2 * index}u, firstRow_() + n, 0u, k);`,
  )}
  workgroupBarrier();`;
}

/** Back through ELU, weighted sum and softmax of the node's own edges, from the slopes of its outputs in \`row_x\`. */
function targetSlopes(layer: GatLayerShape): string {
  const { index, heads, channels, concat, width, outputs, h, out, dSum } = layer;
  const slope = concat ? `row_x[head * ${channels}u + c]` : `row_x[c] / ${wgslFloat(heads)}`;
  const name = `attention${index}`;
  const slopes = `edgeSlopes${index}`;
  return `
  ${each(
    outputs,
    `
    let a = nodes[${out}u + n * ${outputs}u + k];
    let value = row_x[k] * select(a + 1.0, 1.0, a > 0.0);
    row_x[k] = value;
    node_slopes[${dSum}u + n * ${outputs}u + k] = value;`,
  )}
  workgroupBarrier();
  for (var q = thread; q < (last_edge(n) - first_edge(n)) * ${heads}u; q += ${THREADS}u) {
    let e = first_edge(n) + q / ${heads}u;
    let head = q % ${heads}u;
    var sum = 0.0;
    for (var c = 0u; c < ${channels}u; c++) { sum += ${slope} * nodes[${h}u + column(e) * ${width}u + head * ${channels}u + c]; }
    ${slopes}[e * ${heads}u + head] = sum * keep(${2 * index + 1}u, firstEdge_() + e, 0u, head);
  }
  ${MEET}
  ${each(
    heads,
    `
    var along = 0.0;
    for (var e = first_edge(n); e < last_edge(n); e++) { along += ${name}[e * ${heads}u + k] * ${slopes}[e * ${heads}u + k]; }
    for (var e = first_edge(n); e < last_edge(n); e++) {
      let place = e * ${heads}u + k;
      ${slopes}[place] = ${name}[place] * (${slopes}[place] - along) * leaky_slope${score(layer, 'k', 'e')};
    }`,
  )}`;
}

/** Stage l: layer l's projections for this node as a source, then layer l − 1's edges for it as a target; the first to run starts at the head. */
export function backwardStage(shape: GatShape, stage: number, wantsInputs: boolean): Kernel {
  const { layers, network, headWeight } = shape;
  const above = stage < layers.length ? layers[stage] : null;
  const below = stage > 0 ? layers[stage - 1] : null;
  const heads = Math.max(...layers.map((layer) => layer.heads));
  const needsInputs = below !== null || wantsInputs;
  return {
    label: `graph attention backward ${stage}`,
    bindings: [
      BATCH,
      read('parameters', 'array<f32>'),
      read('nodes', 'array<f32>'),
      readWrite('node_slopes', 'array<f32>'),
      ...(above === null ? [read('slopes', 'array<f32>')] : [attention(above, 'read'), edgeSlopes(above, 'read')]),
      ...(below === null ? [] : [attention(below, 'read'), edgeSlopes(below, 'read_write')]),
      ...(below === null && wantsInputs ? [readWrite('inputGradients', 'array<f32>')] : []),
    ],
    body: `
${HEADERS}${dropoutPart(network.dropout)}${graphPart(shape)}${sharedRows(shape)}
var<workgroup> half_target: array<f32, ${heads}>;
var<workgroup> half_source: array<f32, ${heads}>;
@compute @workgroup_size(${THREADS})
fn main(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) group: vec3u) {
  let n = group.x;
  ${
    above === null
      ? `${each(layers[layers.length - 1].outputs, `row_x[k] = slopes[n] * parameters[${headWeight}u + k];`)} workgroupBarrier();`
      : sourceSlopes(above)
  }
  ${above !== null && needsInputs ? inputSlopes(above) : ''}
  ${below === null ? '' : targetSlopes(below)}
  ${below === null && wantsInputs ? each(network.inputs, `inputGradients[n * ${network.inputs}u + k] = row_x[k];`) : ''}
}`,
  };
}

/** Gradients of all parameters, one thread each, in parts over the nodes. */
export function parameterSlopes(shape: GatShape): Kernel {
  const { layers, headWeight, headBias, packedVectors, parameters } = shape;
  const top = layers[layers.length - 1];
  const sum = (value: string) => `for (var n = n0; n < n1; n++) { sum += ${value}; }`;
  const cases = layers.map(
    ({
      features,
      heads,
      channels,
      width,
      outputs,
      weights,
      target,
      source,
      bias,
      x,
      h,
      dh,
      dTarget,
      dSource,
      dSum,
    }) => `
  if (p >= ${weights}u && p < ${target}u) {
    let w = (p - ${weights}u) / ${features}u; let f = (p - ${weights}u) % ${features}u;
    ${sum(`node_slopes[${dh}u + n * ${width}u + w] * nodes[${x}u + n * ${features}u + f]`)}
  } else if (p >= ${target}u && p < ${source}u) {
    let w = p - ${target}u;
    ${sum(`node_slopes[${dTarget}u + n * ${heads}u + w / ${channels}u] * nodes[${h}u + n * ${width}u + w]`)}
  } else if (p >= ${source}u && p < ${bias}u) {
    let w = p - ${source}u;
    ${sum(`node_slopes[${dSource}u + n * ${heads}u + w / ${channels}u] * nodes[${h}u + n * ${width}u + w]`)}
  } else if (p >= ${bias}u && p < ${bias + outputs}u) {
    ${sum(`node_slopes[${dSum}u + n * ${outputs}u + p - ${bias}u]`)}
  }`,
  );
  return {
    label: 'graph attention parameters',
    bindings: [
      BATCH,
      read('nodes', 'array<f32>'),
      read('node_slopes', 'array<f32>'),
      read('slopes', 'array<f32>'),
      readWrite('partial', 'array<f32>'),
    ],
    body: `
${HEADERS}
@compute @workgroup_size(${THREADS})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(workgroup_id) group: vec3u) {
  let p = id.x;
  if (p >= ${4 * packedVectors}u) { return; }
  let share = (rows_() + splits_() - 1u) / splits_();
  let n0 = group.y * share;
  let n1 = min(n0 + share, rows_());
  var sum = 0.0;
  ${cases.join('')}
  if (p >= ${headWeight}u && p < ${headBias}u) { ${sum(`slopes[n] * nodes[${top.out}u + n * ${top.outputs}u + p - ${headWeight}u]`)} }
  if (p == ${headBias}u) { ${sum('slopes[n]')} }
  partial[group.y * ${4 * packedVectors}u + p] = select(sum, 0.0, p >= ${parameters}u);
}`,
  };
}
