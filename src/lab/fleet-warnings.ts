import { isGeneratorBusy } from '../results/generator.ts';
import type { CellResult, Storm, Throughput } from '../results/schema.ts';

/** Starts that are late in a greater part than this say more of the generator than of what it is to measure. */
const LATE_SHARE = 0.05;

/** A load of which so much less is sent or received than was asked for says what is possible, and not what was asked. */
const SHORT_SHARE = 0.02;

/** Where it was the clients' own processes that could do no more, in sentences. */
export function fleetWarnings(cells: readonly CellResult[]): string[] {
  return cells.flatMap(({ id, storm, hold, throughput }) => {
    if (throughput !== undefined)
      return [...busyWarnings(id, throughput.generator), ...loadWarnings(id, throughput)];
    const fleet = storm ?? hold;
    if (fleet === undefined) return [];
    const { generator, lateStarts, clients } = fleet;
    return [
      ...busyWarnings(id, hold?.connectingGenerator),
      ...busyWarnings(id, generator),
      ...(lateStarts <= LATE_SHARE * clients
        ? []
        : [
            `${id}: ${lateStarts} of ${clients} clients started more than 10 ms after their intended time; the times from the intended start count that in, those from the real start do not.`,
          ]),
      ...(storm?.listenOverflows === undefined || storm.listenOverflows === 0
        ? []
        : [
            `${id}: the broker's listen queue overflowed ${storm.listenOverflows} times, and each time a SYN was sent again a second later.`,
          ]),
    ];
  });
}

function busyWarnings(id: string, generator: Storm['generator'] | undefined): string[] {
  if (generator === undefined || !isGeneratorBusy(generator)) return [];
  const { cpuShare, loopDelayP99Ms = 0 } = generator;
  return [
    `${id}: a client process had ${Math.round(cpuShare * 100)} % of a core, and its event loop was up to ${loopDelayP99Ms.toFixed(0)} ms late (p99): these times are the generator's own as much as the broker's. More \`workers\` help where there are cores for them.`,
  ];
}

function loadWarnings(id: string, load: Throughput): string[] {
  const { askedPerSecond, sentPerSecond, receivedPerSecond, lateSends, sent, received } = load;
  const rate = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)}/s`;
  // What was lost or altered did not come either, and is told elsewhere: how long the rest took is what tells.
  const sentSeconds = sent / sentPerSecond;
  const receivedSeconds = received / receivedPerSecond;
  return [
    ...(sentPerSecond >= (1 - SHORT_SHARE) * askedPerSecond
      ? []
      : [
          `${id}: of ${rate(askedPerSecond)} messages that were asked for only ${rate(sentPerSecond)} were sent.`,
        ]),
    ...(receivedSeconds > (1 + SHORT_SHARE) * sentSeconds
      ? [
          `${id}: what was sent in ${sentSeconds.toFixed(1)} s took ${receivedSeconds.toFixed(1)} s to come: the broker, the link or the subscribers could do no more.`,
        ]
      : []),
    ...(lateSends <= LATE_SHARE * sent
      ? []
      : [
          `${id}: ${lateSends} of ${sent} messages left more than 10 ms after their intended time; end-to-end latency counts that in, service time does not.`,
        ]),
  ];
}
