/** A label on a vertical line, in pixels. `y` is where its subject is, `height` the room that it needs around that. */
export interface Placeable {
  y: number;
  height: number;
}

/**
 * Finds a place for each label: in the order of their subjects, none over another, each as near to its subject as the
 * others let it, all within `top` and `bottom` when there is room. Answers the middles of the labels, in the order given.
 * Method: neighbours that overlap form a block at the mean of their wishes (pool adjacent violators).
 */
export function placeLabels(labels: readonly Placeable[], top: number, bottom: number): number[] {
  const order = labels.map((_, index) => index).toSorted((a, b) => (labels[a]?.y ?? 0) - (labels[b]?.y ?? 0));
  const blocks: { members: number[]; height: number; middle: number }[] = [];
  for (const index of order) {
    const label = labels[index] ?? { y: 0, height: 0 };
    let block = { members: [index], height: label.height, middle: clamp(label.y, label.height, top, bottom) };
    for (let above = blocks.at(-1); above !== undefined && overlap(above, block); above = blocks.at(-1)) {
      blocks.pop();
      const members = [...above.members, ...block.members];
      const height = above.height + block.height;
      block = { members, height, middle: clamp(wish(members, labels), height, top, bottom) };
    }
    blocks.push(block);
  }
  const places: number[] = Array.from({ length: labels.length }, () => 0);
  for (const { members, height, middle } of blocks) {
    let edge = middle - height / 2;
    for (const index of members) {
      const own = labels[index]?.height ?? 0;
      places[index] = edge + own / 2;
      edge += own;
    }
  }
  return places;
}

/** Where a block of stacked labels would like its middle: where its members are off by nothing on average. */
function wish(members: readonly number[], labels: readonly Placeable[]): number {
  const total = members.reduce((sum, index) => sum + (labels[index]?.height ?? 0), 0);
  let offset = -total / 2;
  let sum = 0;
  for (const index of members) {
    const { y, height } = labels[index] ?? { y: 0, height: 0 };
    sum += y - (offset + height / 2);
    offset += height;
  }
  return sum / members.length;
}

function overlap(
  above: { height: number; middle: number },
  below: { height: number; middle: number },
): boolean {
  // A hair of overlap from rounding is none.
  return above.middle + above.height / 2 > below.middle - below.height / 2 + 0.001;
}

function clamp(middle: number, height: number, top: number, bottom: number): number {
  return Math.max(top + height / 2, Math.min(bottom - height / 2, middle));
}

/** Breaks `a, b, c` into lines of at most so many characters: at commas first, then at spaces, then inside words. */
export function wrapMessages(messages: string, characters: number): string[] {
  return messages.split(/,\s*(?![^(]*\))/).flatMap((message) => wrap(message, characters));
}

function wrap(text: string, characters: number): string[] {
  const lines: string[] = [];
  let line = '';
  // What stands in brackets keeps together.
  for (const word of text.split(/ (?![^(]*\))/)) {
    if (line !== '' && line.length + 1 + word.length > characters) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  if (line !== '') lines.push(line);
  return lines.flatMap((whole) => (whole.length <= characters ? [whole] : humps(whole, characters)));
}

/** Breaks one long word before a capital letter, as in `Certificate|Verify`, or anywhere when it has none. */
function humps(word: string, characters: number): string[] {
  const lines: string[] = [];
  for (const part of word.split(/(?<=[a-z])(?=[A-Z])/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + part.length <= characters) lines[lines.length - 1] = last + part;
    else lines.push(...(part.match(new RegExp(`.{1,${Math.max(1, characters)}}`, 'gsu')) ?? []));
  }
  return lines;
}
