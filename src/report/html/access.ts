import type { Results } from '../../results/schema.ts';
import { accessSentences, accessTable, ACCESS_WORDS } from '../access.ts';
import { tableMarkup } from './figure.ts';
import { html } from './markup.ts';
import type { Section } from './sections.ts';

/** What access management costs; none where no broker has any. */
export function accessSections(results: Results): Section[] {
  const table = accessTable(results);
  if (table.rows.length === 0) return [];
  return [
    {
      id: 'access-management',
      heading: 'Access management',
      content: html`<ul>
          ${accessSentences(results).map((sentence) => html`<li>${sentence}</li>`)}
        </ul>
        ${tableMarkup(table, ACCESS_WORDS)}`,
    },
  ];
}
