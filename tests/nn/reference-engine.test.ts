/** The reference engine passes the suite that it defines; its gradients are held by finite differences alone. */
import { loadEngine } from '#compute/nn/engines';
import { describeEngine } from './engine-conformance';

describeEngine({ title: 'the reference engine', create: () => loadEngine('reference'), tolerance: 1e-6 });
