import { counted } from '../../words.ts';
import { table } from '../markdown.ts';
import type { Table } from '../tables.ts';

/** Where what did not fit can be read. */
const ELSEWHERE = 'JUnit (`--write junit=FILE`) and JSON have all; a CI job keeps them in its artifact';

/** As many items of a list as so many characters hold, and how many are left out. An item that is too long is cut. */
export function fittingItems(items: readonly string[], room: number): string[] {
  const shown: string[] = [];
  let left = room;
  for (const item of items) {
    const text = item.length <= LONGEST_ITEM ? item : `${item.slice(0, LONGEST_ITEM)}…`;
    left -= text.length + 1;
    if (left < 0) break;
    shown.push(text);
  }
  const hidden = items.length - shown.length;
  return hidden === 0 ? shown : [...shown, `- ${counted(hidden, 'more sentence')}: ${ELSEWHERE}.`];
}

const LONGEST_ITEM = 600;

/**
 * A table with as many rows as so many characters hold, those first that the eye should find first, and below it how many
 * are left out. Columns are as wide as their widest cell, so it is tried.
 */
export function fittingTable(whole: Table, room: number): string {
  const order = [
    ...whole.rows.filter(({ strong }) => strong === true),
    ...whole.rows.filter(({ strong }) => strong !== true),
  ];
  const withRows = (count: number): string => {
    const shown = new Set(order.slice(0, count));
    return table({ ...whole, rows: whole.rows.filter((row) => shown.has(row)) });
  };
  let fits = 0;
  let tooMany = whole.rows.length + 1;
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    if (withRows(middle).length <= room) fits = middle;
    else tooMany = middle;
  }
  const hidden = whole.rows.length - fits;
  return hidden === 0 ? withRows(fits) : `${withRows(fits)}\n\n${counted(hidden, 'more row')}: ${ELSEWHERE}.`;
}
