import type { Sample } from '../measure/sample.ts';
import { median } from '../stats/median.ts';
import type { CellResult } from './schema.ts';

type WireMessage = NonNullable<CellResult['wire']>['messages'][number];

/**
 * Median bytes, records and messages of the handshakes that the link saw whole; undefined where it saw none. The first
 * ClientHello of a connection is one message and the second, after a HelloRetryRequest, another; encrypted records,
 * which have no names, are told by their order alike.
 */
export function wireOf(passed: readonly Sample[]): CellResult['wire'] {
  const seen = passed.flatMap(({ tls }) => {
    const { handshakeUp, handshakeDown, recordsUp, recordsDown, messages = [] } = tls ?? {};
    if (
      handshakeUp === undefined ||
      handshakeDown === undefined ||
      recordsUp === undefined ||
      recordsDown === undefined
    )
      return [];
    return [{ handshakeUp, handshakeDown, recordsUp, recordsDown, messages }];
  });
  if (seen.length === 0) return undefined;
  const of = (value: (handshake: (typeof seen)[number]) => number): number => median(seen.map(value));
  return {
    handshakeUp: of(({ handshakeUp }) => handshakeUp),
    handshakeDown: of(({ handshakeDown }) => handshakeDown),
    recordsUp: of(({ recordsUp }) => recordsUp),
    recordsDown: of(({ recordsDown }) => recordsDown),
    messages: messagesOf(seen.map(({ messages }) => messages)),
  };
}

function messagesOf(
  handshakes: readonly { from: WireMessage['from']; name: string; bytes: number }[][],
): WireMessage[] {
  const sizes = new Map<string, { from: WireMessage['from']; name: string; bytes: number[] }>();
  for (const messages of handshakes) {
    const before = new Map<string, number>();
    for (const { from, name, bytes } of messages) {
      const nth = (before.get(`${from} ${name}`) ?? 0) + 1;
      before.set(`${from} ${name}`, nth);
      const key = `${from} ${name} ${nth}`;
      const known = sizes.get(key);
      if (known === undefined) sizes.set(key, { from, name, bytes: [bytes] });
      else known.bytes.push(bytes);
    }
  }
  return [...sizes.values()].map(({ from, name, bytes }) => ({
    from,
    name,
    bytes: median(bytes),
    count: bytes.length,
  }));
}
