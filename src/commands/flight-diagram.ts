import type { Theory, TheoryFlight } from '../model/theory.ts';

/** Characters between the two ends. */
const SPAN = 44;
/** Characters before the client's line. */
const GUTTER = 10;

/**
 * The flights of a connection as text: the client's line, the broker's line, and an arrow for each flight under its
 * messages. On the left the one-way trips before a flight leaves, on the right those until it has arrived, with the
 * milestones that it brings. No line is longer than 80 characters unless a message is.
 */
export function flightDiagram({ flights }: Theory): string {
  const head = `${'trips'.padStart(GUTTER - 4)}  client${'broker'.padStart(SPAN - 1)}`;
  return [head, ...flights.flatMap((flight, trips) => flightLines(flight, trips))].join('\n');
}

function flightLines({ from, sends, arrives }: TheoryFlight, trips: number): string[] {
  const rightward = from === 'client';
  const messages = wrapped(sends, SPAN - 2).map((text, index) => {
    const gutter = (index === 0 ? String(trips) : '').padStart(GUTTER - 4);
    const place = rightward ? ` ${text}`.padEnd(SPAN) : `${text} `.padStart(SPAN);
    return `${gutter}${' '.repeat(4)}│${place}│`;
  });
  const arrow = rightward ? `├${'─'.repeat(SPAN - 1)}▶│` : `│◀${'─'.repeat(SPAN - 1)}┤`;
  const [first = '', ...more] = arrives;
  const lead = first === '' ? String(trips + 1) : `${trips + 1}:`;
  return [
    ...messages,
    `${' '.repeat(GUTTER)}${arrow}  ${`${lead} ${first}`.trimEnd()}`,
    ...more.map(
      (milestone) => `${' '.repeat(GUTTER)}│${' '.repeat(SPAN)}│  ${' '.repeat(lead.length)} ${milestone}`,
    ),
  ];
}

/** Messages joined by commas, in lines of at most so many characters, a message never broken. */
function wrapped(messages: readonly string[], characters: number): string[] {
  const lines: string[] = [];
  for (const [index, message] of messages.entries()) {
    const text = index === messages.length - 1 ? message : `${message},`;
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + text.length <= characters) {
      lines[lines.length - 1] = `${last} ${text}`;
    } else lines.push(text);
  }
  return lines;
}
