import { resultsSchema, type LoadProtection, type Results } from '../../src/results/schema.ts';
import { fixture } from './fixture.ts';

/** Load without protection and with four kinds of it, one of which let something through, and refused a genuine message. */
export function protectedLoads(): Results {
  const results = fixture({ modes: ['plain', 'tls13'], load: ['plain', 'tls13'], links: { null: 0 } });
  results.slopes = [];
  results.inferences = [];
  const bare = results.cells.filter(({ throughput }) => throughput !== undefined);
  const protections: [string, LoadProtection][] = [
    ['crc32', protection('crc32', 15, { flippedBit: 5, otherTopic: 5, replayed: 4 })],
    ['aes-128-gcm', protection('aes-128-gcm', 27)],
    [
      'aes-128-gcm@client-to-broker',
      { ...protection('aes-128-gcm', 27), place: 'client-to-broker', receivers: 1 },
    ],
    ['ed25519-aes-128-gcm', { ...protection('ed25519-aes-128-gcm', 91), falseAlarms: 1 }],
  ];
  results.cells = [
    ...bare,
    ...protections.flatMap(([name, protection], position) =>
      structuredClone(bare).map((cell) => {
        const { throughput } = cell;
        if (throughput !== undefined) {
          throughput.protection = protection;
          for (const latency of [throughput.endToEnd, throughput.service])
            if (latency !== undefined) latency.p50Ms += 0.1 * (position + 1);
        }
        const workload = `pubsub+protection=${name}`;
        return { ...cell, workload, id: cell.id.replace(/pubsub$/, workload) };
      }),
    ),
  ];
  return resultsSchema.parse(results);
}

function protection(
  method: string,
  addedBytes: number,
  detected = { flippedBit: 5, otherTopic: 5, replayed: 5 },
): LoadProtection {
  const of = (kind: keyof typeof detected) => ({
    injected: 5,
    detected: detected[kind],
    taken: 5 - detected[kind],
  });
  return {
    method,
    place: 'end-to-end',
    addedBytes,
    receivers: 1,
    verdicts: { genuine: 2000, authentication: 5, 'wrong-key': 5, replayed: 5 },
    falseAlarms: 0,
    tampered: { flippedBit: of('flippedBit'), otherTopic: of('otherTopic'), replayed: of('replayed') },
    protectP50Us: 12,
    openP50Us: 15,
  };
}
