import { execa } from 'execa';
import { mean, standardDeviation } from 'simple-statistics';
import type { LinkInput } from '../../../src/link/spec.ts';
import { countCommand } from '../../../src/link/netem/commands.ts';
import { check, demand, within } from '../harness.ts';
import { datagrams, over, receiver, sidesOf, transfer, type Taken } from '../links.ts';

await check('loss makes TCP retransmit', async () => {
  return over({ oneWayMs: 20, loss: 0.05 }, async (open, route) => {
    const { received } = await receiver<Taken>(open.prefix.broker, 'take', '4000');
    await transfer(open.prefix.client, 'give', route.host, '4000', '300000');
    const { bytes } = await received;
    const again = await retransmitted(open.prefix.client);
    const traffic = (await open.traffic()).get('link');
    demand(bytes === 300_000, `${bytes} of 300000 bytes came`);
    demand((traffic?.up.lost ?? 0) > 0, 'nothing was lost upwards');
    demand(again >= (traffic?.up.lost ?? 0) / 2, `${again} retransmissions for ${traffic?.up.lost} losses`);
    return `300 kB: ${traffic?.up.lost} of ${traffic?.up.packets} packets lost, ${again} retransmitted`;
  });
});

await check('packets are single ones, and are counted', () =>
  over({ oneWayMs: 300 }, async (open, route) => {
    const { received } = await receiver<Taken>(open.prefix.broker, 'take', '4000');
    const given = transfer(open.prefix.client, 'give', route.host, '4000', '100000');
    // netem counts the segments in a packet as packets, so the count cannot tell; what waits in its queue can.
    let largest = 0;
    for (let look = 0; look < 40; look++) {
      largest = Math.max(largest, await bytesAPacket(open.prefix.client));
    }
    await given;
    const { bytes } = await received;
    const { up } = (await open.traffic()).get('link') ?? {};
    demand(bytes === 100_000, `${bytes} bytes came`);
    // 1448 bytes a segment, SYN, ACK, FIN and a few more.
    const least = Math.ceil(100_000 / 1448);
    const text = `100 kB crossed in ${up?.packets} packets of at most ${largest.toFixed(0)} bytes, ${up?.overflowed} too many`;
    demand(largest > 1000 && largest <= 1514, text);
    demand(up !== undefined && up.packets >= least && up.packets < least + 15 && up.overflowed === 0, text);
    return text;
  }),
);

await check('a rate limit', async () => {
  const rates = [];
  for (const way of ['up', 'down'] as const) {
    const link = { oneWayMs: 20, rateKbit: { up: 100_000, down: 100_000, [way]: 400 } };
    const kbit = await over(link, async (open, route) => {
      const { from, to, host } = sidesOf(open, route, way);
      const { received } = await receiver<Taken>(to, 'take', '4000');
      await transfer(from, 'give', host, '4000', '150000');
      const { bytes, first, lastUs } = await received;
      const payload = bytes - first.bytes;
      const onTheWire = payload + 52 * Math.ceil(payload / 1448);
      return (onTheWire * 8000) / (lastUs - first.atUs);
    });
    within(kbit, 400, 0.05, `the rate ${way}`);
    rates.push(`${way} ${kbit.toFixed(1)} kbit/s of 400`);
  }
  return rates.join(', ');
});

await check('loss in bursts', () =>
  over({ oneWayMs: 5, burstLoss: { p: 0.02, r: 0.2, lossBad: 0.8, lossGood: 0.01 } }, async (open, route) => {
    const caught = await datagrams(sidesOf(open, route, 'up'), 8000, 0);
    const { up } = (await open.traffic()).get('link') ?? { up: { packets: 0, lost: 0 } };
    // A share of p/(p+r) of the time is bad.
    const bad = 0.02 / 0.22;
    const expected = bad * 0.8 + (1 - bad) * 0.01;
    const share = up.lost / up.packets;
    const text = `${(share * 100).toFixed(2)} % lost, ${(expected * 100).toFixed(2)} % expected`;
    demand(Math.abs(share - expected) < 0.03, text);
    const burst = meanBurst(caught.map(({ n }) => n));
    // Random loss of the same share would come in bursts of 1.09.
    demand(burst > 1.6, `${text}; bursts of ${burst.toFixed(2)}`);
    return `${text}; bursts of ${burst.toFixed(2)} packets`;
  }),
);

await check('duplicates and reordering', async () => {
  const copies = await over({ oneWayMs: 10, duplicate: 0.1 }, async (open, route) => {
    return (await datagrams(sidesOf(open, route, 'up'), 3000, 0)).length / 3000;
  });
  demand(Math.abs(copies - 1.1) < 0.03, `${copies.toFixed(3)} copies of each packet`);
  const overtaking = await over({ oneWayMs: 50, reorder: 0.1 }, async (open, route) => {
    const caught = await datagrams(sidesOf(open, route, 'up'), 800, 3);
    return caught.filter(({ tookUs }) => tookUs < 25_000).length / caught.length;
  });
  demand(Math.abs(overtaking - 0.1) < 0.05, `${overtaking.toFixed(3)} of the packets overtake`);
  return `${copies.toFixed(3)} copies of each packet for 10 %; ${(overtaking * 100).toFixed(1)} % overtake for 10 %`;
});

await check('jitter', async () => {
  const found: string[] = [];
  for (const jitterDistribution of ['normal', 'uniform', 'pareto'] as const) {
    const link: LinkInput = { oneWayMs: 500, jitterMs: 100, jitterDistribution };
    const took = await over(link, async (open, route) =>
      (await datagrams(sidesOf(open, route, 'up'), 3000, 1)).map(({ tookUs }) => tookUs / 1000),
    );
    // Samples of so many have a standard deviation of their own of 3 ms, those of Pareto's heavy tail.
    const text = `${jitterDistribution} ${mean(took).toFixed(1)} ± ${standardDeviation(took).toFixed(1)} ms`;
    demand(Math.abs(mean(took) - 500) < 20 && Math.abs(standardDeviation(took) - 100) < 13, text);
    found.push(text);
  }
  return `${found.join(', ')}, for 500 ± 100`;
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
async function bytesAPacket(prefix: readonly string[]): Promise<number> {
  const argv = [...prefix.slice(1), ...countCommand('client', 0).argv];
  const { stdout } = await execa(prefix[0] ?? '', argv);
  const [netem] = JSON.parse(stdout) as { backlog: number; qlen: number }[];
  return netem === undefined || netem.qlen === 0 ? 0 : netem.backlog / netem.qlen;
}

/** Segments that a namespace sent again, from the kernel's counters. */
async function retransmitted(prefix: readonly string[]): Promise<number> {
  const { stdout } = await execa(prefix[0] ?? '', [...prefix.slice(1), 'nstat', '-asz', 'TcpRetransSegs']);
  return Number(/TcpRetransSegs\s+(\d+)/.exec(stdout)?.[1]);
}
