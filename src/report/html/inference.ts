import type { Results } from '../../results/schema.ts';
import { inferenceWords, inferenceSentences, inferenceTable } from '../inference.ts';
import { tableMarkup } from './figure.ts';
import { html } from './markup.ts';
import type { Section } from './sections.ts';

/** Whether each mode did what theory says, and why not; none for results of versions that did not ask. */
export function inferenceSections(results: Results): Section[] {
  if (results.inferences.length === 0) return [];
  return [
    {
      id: 'theory-and-measurement',
      heading: 'Theory and measurement',
      content: html`<ul>
          ${inferenceSentences(results).map((sentence) => html`<li>${sentence}</li>`)}
        </ul>
        ${tableMarkup(inferenceTable(results), inferenceWords(results))}`,
    },
  ];
}
