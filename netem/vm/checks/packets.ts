import { execa } from 'execa';
import { mean, standardDeviation } from 'simple-statistics';
import type { LinkInput } from '../../../src/link/spec.ts';
import { countCommand } from '../../../src/link/netem/commands.ts';
import { check, demand, within } from '../harness.ts';
import { datagrams, give, over, sidesOf } from '../links.ts';

const JITTERED = ['normal', 'uniform', 'pareto'] as const;
const jittered = Object.fromEntries(
  JITTERED.map((jitterDistribution) => [
    jitterDistribution,
    { oneWayMs: 500, jitterMs: 100, jitterDistribution },
  ]),
) as Record<(typeof JITTERED)[number], LinkInput>;

const LINKS = {
  lossy: { oneWayMs: 20, loss: 0.05 },
  far: { oneWayMs: 300 },
  slowUp: { oneWayMs: 20, rateKbit: { up: 400, down: 100_000 } },
  slowDown: { oneWayMs: 20, rateKbit: { up: 100_000, down: 400 } },
  bursty: { oneWayMs: 5, burstLoss: { p: 0.02, r: 0.2, lossBad: 0.8, lossGood: 0.01 } },
  doubling: { oneWayMs: 10, duplicate: 0.1 },
  reordering: { oneWayMs: 50, reorder: 0.1 },
  ...jittered,
} satisfies Record<string, LinkInput>;
/** The backend numbers its links in the order in which they are made. */
const FAR_INDEX = Object.keys(LINKS).indexOf('far');

await over(LINKS, async (links, open) => {
  const trafficOf = async (name: keyof typeof LINKS) => {
    const traffic = (await open.traffic()).get(name);
    if (traffic === undefined) throw new Error(`no packets of ${name} were counted`);
    return traffic;
  };

  await check('loss makes TCP retransmit', async () => {
    const { bytes } = await give(open, links.lossy, 300_000);
    const again = await retransmitted(open.prefix.client);
    const { up } = await trafficOf('lossy');
    demand(bytes === 300_000, `${bytes} of 300000 bytes came`);
    demand(up.lost > 0, 'nothing was lost upwards');
    demand(again >= up.lost / 2, `${again} retransmissions for ${up.lost} losses`);
    return `300 kB: ${up.lost} of ${up.packets} packets lost, ${again} retransmitted`;
  });

  await check('packets are single ones, and are counted', async () => {
    // netem counts the segments in a packet as packets, so the count cannot tell; what waits in its queue can.
    let largest = 0;
    const { bytes } = await give(open, links.far, 100_000, 'up', async () => {
      largest = Math.max(largest, await bytesAPacket(open.prefix.client, FAR_INDEX));
    });
    const { up } = await trafficOf('far');
    demand(bytes === 100_000, `${bytes} bytes came`);
    // 1448 bytes a segment, SYN, ACK, FIN and a few more.
    const least = Math.ceil(100_000 / 1448);
    const text = `100 kB crossed in ${up.packets} packets of at most ${largest.toFixed(0)} bytes, ${up.overflowed} too many`;
    demand(largest > 1000 && largest <= 1514, text);
    demand(up.packets >= least && up.packets < least + 15 && up.overflowed === 0, text);
    return text;
  });

  await check('a rate limit', async () => {
    const rates = [];
    for (const way of ['up', 'down'] as const) {
      const tries: number[] = [];
      // Who takes the bytes may be kept waiting for its first or its last one.
      while (tries.length < 3 && tries.every((kbit) => Math.abs(kbit / 400 - 1) > 0.05)) {
        const link = way === 'up' ? links.slowUp : links.slowDown;
        const { bytes, first, lastUs } = await give(open, link, 150_000, way);
        const payload = bytes - first.bytes;
        const onTheWire = payload + 52 * Math.ceil(payload / 1448);
        tries.push((onTheWire * 8000) / (lastUs - first.atUs));
      }
      within(tries.at(-1) ?? NaN, 400, 0.05, `the rate ${way}`);
      rates.push(`${way} ${tries.map((kbit) => kbit.toFixed(1)).join(', then ')} kbit/s of 400`);
    }
    return rates.join('; ');
  });

  const [bursty = [], doubled = [], reordered = [], ...late] = await datagrams(sidesOf(open, 'up'), [
    { host: links.bursty.hosts.up, count: 8000, everyMs: 0 },
    { host: links.doubling.hosts.up, count: 3000, everyMs: 0 },
    { host: links.reordering.hosts.up, count: 800, everyMs: 3 },
    ...JITTERED.map((name) => ({ host: links[name].hosts.up, count: 3000, everyMs: 1 })),
  ]);

  await check('loss in bursts', async () => {
    const { up } = await trafficOf('bursty');
    // A share of p/(p+r) of the time is bad.
    const bad = 0.02 / 0.22;
    const expected = bad * 0.8 + (1 - bad) * 0.01;
    const share = up.lost / up.packets;
    const text = `${(share * 100).toFixed(2)} % lost, ${(expected * 100).toFixed(2)} % expected`;
    demand(Math.abs(share - expected) < 0.03, text);
    const burst = meanBurst(bursty.map(({ n }) => n));
    // Random loss of the same share would come in bursts of 1.09.
    demand(burst > 1.6, `${text}; bursts of ${burst.toFixed(2)}`);
    return `${text}; bursts of ${burst.toFixed(2)} packets`;
  });

  await check('duplicates and reordering', async () => {
    const copies = doubled.length / 3000;
    demand(Math.abs(copies - 1.1) < 0.03, `${copies.toFixed(3)} copies of each packet`);
    const overtaking = reordered.filter(({ tookUs }) => tookUs < 25_000).length / reordered.length;
    demand(Math.abs(overtaking - 0.1) < 0.05, `${overtaking.toFixed(3)} of the packets overtake`);
    return `${copies.toFixed(3)} copies of each packet for 10 %; ${(overtaking * 100).toFixed(1)} % overtake for 10 %`;
  });

  await check('jitter', async () => {
    const found = JITTERED.map((name, n) => {
      const took = late[n]?.map(({ tookUs }) => tookUs / 1000) ?? [];
      // Samples of so many have a standard deviation of their own of 3 ms, those of Pareto's heavy tail.
      const text = `${name} ${mean(took).toFixed(1)} ± ${standardDeviation(took).toFixed(1)} ms`;
      demand(Math.abs(mean(took) - 500) < 20 && Math.abs(standardDeviation(took) - 100) < 13, text);
      return text;
    });
    return `${found.join(', ')}, for 500 ± 100`;
  });
});

/** The mean length of the gaps in a row of numbers. */
function meanBurst(caught: readonly number[]): number {
  const sorted = caught.toSorted((a, b) => a - b);
  const gaps = sorted.slice(1).flatMap((n, i) => {
    const gap = n - (sorted[i] ?? n) - 1;
    return gap > 0 ? [gap] : [];
  });
  return mean(gaps);
}

/** The mean length of the packets that wait in netem on the way up now, in bytes; 0 when none does. */
async function bytesAPacket(prefix: readonly string[], link: number): Promise<number> {
  const argv = [...prefix.slice(1), ...countCommand('client', link).argv];
  const { stdout } = await execa(prefix[0] ?? '', argv);
  const [netem] = JSON.parse(stdout) as { backlog: number; qlen: number }[];
  return netem === undefined || netem.qlen === 0 ? 0 : netem.backlog / netem.qlen;
}

/** Segments that a namespace sent again, from the kernel's counters. */
async function retransmitted(prefix: readonly string[]): Promise<number> {
  const { stdout } = await execa(prefix[0] ?? '', [...prefix.slice(1), 'nstat', '-asz', 'TcpRetransSegs']);
  return Number(/TcpRetransSegs\s+(\d+)/.exec(stdout)?.[1]);
}
