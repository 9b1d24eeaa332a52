import type { Results } from '../../results/schema.ts';
import { groupWords } from '../groups.ts';
import {
  detectedTable,
  DETECTED_WORDS,
  methodsTable,
  METHODS_WORDS,
  protectionGroups,
} from '../protection.ts';
import { figure, tableMarkup, type Picture } from './figure.ts';
import { html, NOTHING } from './markup.ts';
import type { Section } from './sections.ts';

/** What protecting payloads costs, and what it detects; none where nothing was protected. */
export function protectionSections(results: Results, pictures: readonly Picture[]): Section[] {
  const groups = protectionGroups(results);
  return groups.map((group) => {
    const own = pictures.filter(({ chart }) => chart.kind === 'protection' && chart.groupId === group.id);
    const detected = detectedTable(group);
    return {
      id: `protection-of-${group.id}`,
      heading: groups.length === 1 ? 'Protecting the payload' : `Protecting the payload, ${group.label}`,
      content: html`<p>Link <code>${group.label}</code>: ${groupWords(group)}.</p>
        ${own.map((picture) => figure(picture, { heading: true, table: false }))}
        ${tableMarkup(methodsTable(group), METHODS_WORDS)}
        ${detected.rows.length === 0 ? NOTHING : tableMarkup(detected, DETECTED_WORDS)}`,
    };
  });
}
