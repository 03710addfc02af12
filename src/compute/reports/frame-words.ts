/** The words that renderers put around the content of a report. */
import type { Report } from './model';
import type { Say } from './words';

export function frameWords(say: Say): Report['words'] {
  return {
    page: say('Page'),
    of: say('of'),
    generated: say('Made on'),
    contents: say('Contents'),
    derivation: say('How this figure comes about'),
    notComputable: say('not computable'),
    total: say('Total'),
    formula: say('Formula'),
    source: say('Source'),
    conventions: say('Conventions'),
    provenance: say('Provenance'),
    howComputed: say('How the figures are computed'),
    undrawable: say('Characters that no bundled font can draw are written as code points: {characters}.'),
    from: say('from'),
    to: say('to'),
  };
}
