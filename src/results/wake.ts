import { generate } from 'mqtt-packet';
import { radiosOfLink } from '../link/radios.ts';
import type { Sample } from '../measure/sample.ts';
import { breakEven, energyOf, millijoules, type Activity } from '../model/energy.ts';
import { activityOf, messageExchange, pingExchange } from '../model/exchange.ts';
import type { LinkTimes } from '../model/predict.ts';
import { modeNamed } from '../modes/index.ts';
import { recordBytes, suiteNamed } from '../modes/suites.ts';
import { median } from '../stats/median.ts';
import { topicOf } from '../swarm/names.ts';
import type { WakeWorkload } from '../swarm/workloads/settings/wake.ts';
import type { Wake } from './wake-schema.ts';

/** What the wake-ups of a cell are made of. */
export interface WakeCell {
  index: number;
  mode: string;
  /** The link's name, by which its radios are known. */
  link: string;
  workload: WakeWorkload;
  times: LinkTimes;
}

/** What the good wake-ups of a cell took: medians of bytes and packets, and the energy that they amount to; undefined of none. */
export function wakeOf(good: readonly Sample[], cell: WakeCell): Wake | undefined {
  const { qos, payloadBytes, messagesPerWake: messages, ...asked } = cell.workload;
  const awake = good.flatMap(({ milestonesMs }) => milestonesMs.disconnected ?? []);
  const [first] = good;
  if (first === undefined || awake.length === 0) return undefined;
  const bytes = bytesOf(good);
  const told = { qos, payloadBytes, messages, ...(bytes === undefined ? {} : { bytes }) };
  if (bytes === undefined) return { ...told, energy: [], breakEven: [] };
  const wake: Activity = { seconds: median(awake) / 1000, bytesUp: bytes.up, bytesDown: bytes.down };
  const radios = asked.radios ?? radiosOfLink(cell.link);
  const habits = { wake, ...standing(cell, first.id) };
  return {
    ...told,
    energy: radios.map((radio) => {
      const parts = energyOf(radio, wake);
      return { radio, source: 'modelled', perWakeMillijoules: millijoules(parts), parts };
    }),
    breakEven: radios.flatMap((radio) =>
      asked.keepAliveSeconds.map((keepAliveSeconds): Wake['breakEven'][number] => {
        const when = { keepAliveSeconds, intervalSeconds: asked.intervalSeconds };
        const { everySeconds, messages, ...found } = breakEven(radio, habits, when);
        const every = everySeconds === undefined ? {} : { everySeconds };
        const carried = messages === undefined ? {} : { messages };
        return { radio: radio.name, source: 'modelled', ...when, ...found, ...carried, ...every };
      }),
    ),
  };
}

function bytesOf(good: readonly Sample[]): Wake['bytes'] {
  const packets = good.flatMap((sample) => sample.packets ?? []);
  if (packets.length > 0) {
    const of = (value: (counts: (typeof packets)[number]) => number): number => median(packets.map(value));
    return {
      of: 'packets',
      up: of(({ bytesUp }) => bytesUp),
      down: of(({ bytesDown }) => bytesDown),
      packetsUp: of(({ up }) => up),
      packetsDown: of(({ down }) => down),
    };
  }
  const streams = good.filter(({ flights }) => flights.length > 0);
  if (streams.length === 0) return undefined;
  const of = (end: 'client' | 'broker'): number =>
    median(
      streams.map(({ flights }) =>
        flights.reduce((sum, { from, bytes }) => sum + (from === end ? bytes : 0), 0),
      ),
    );
  return { of: 'stream', up: of('client'), down: of('broker') };
}

/** A message and a ping over a connection of the cell's mode that stands. */
function standing(
  { index, mode, workload, times }: WakeCell,
  id: number,
): { message: Activity; ping: Activity } {
  const { expected, mqtt } = modeNamed(mode);
  const suite = expected.suite === undefined ? undefined : suiteNamed(expected.suite);
  const sized = (bytes: number): number => (suite === undefined ? bytes : recordBytes(bytes, suite));
  const { qos, payloadBytes } = workload;
  const publish = generate(
    {
      cmd: 'publish',
      topic: topicOf(index, id),
      payload: Buffer.alloc(payloadBytes),
      qos,
      dup: false,
      retain: false,
      ...(qos === 0 ? {} : { messageId: 1 }),
    },
    { protocolVersion: mqtt === '5' ? 5 : 4 },
  );
  return {
    message: activityOf(messageExchange(publish.length, qos, sized), times),
    ping: activityOf(pingExchange(sized), times),
  };
}
