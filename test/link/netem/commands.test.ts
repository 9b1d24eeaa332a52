import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import {
  countCommand,
  linkCommands,
  mirrorCommands,
  namespaceCommands,
  tapCommands,
} from '../../../src/link/netem/commands.ts';
import { explain } from '../../../src/link/netem/explain.ts';
import { labScript } from '../../../src/link/netem/script.ts';
import { profile } from '../../../src/link/profiles.ts';
import { NULL_LINK, resolveLink } from '../../../src/link/spec.ts';

const LINK = resolveLink({ name: 'uneven', oneWayMs: { up: 10, down: 40 }, loss: { up: 0.01, down: 0 } });

function linesOf(commands: ReturnType<typeof linkCommands>): string[] {
  return commands.map(({ side, argv }) => `${side}: ${argv.join(' ')}`);
}

test('one link, command by command', () => {
  expect(linesOf(linkCommands(LINK, { index: 3, brokerNamespace: '4711' }, 5))).toMatchInlineSnapshot(`
    [
      "client: ip link add up3 address 02:00:c6:12:03:01 type veth peer name down3 address 02:00:c6:12:03:02 netns 4711",
      "client: ip link set dev up3 mtu 1500 gso_max_segs 1 up",
      "broker: ip link set dev down3 mtu 1500 gso_max_segs 1 up",
      "client: ip addr add 198.18.3.1 peer 198.18.3.2 dev up3",
      "broker: ip addr add 198.18.3.2 peer 198.18.3.1 dev down3",
      "client: ip neigh add 198.18.3.2 lladdr 02:00:c6:12:03:02 nud permanent dev up3",
      "broker: ip neigh add 198.18.3.1 lladdr 02:00:c6:12:03:01 nud permanent dev down3",
      "client: tc qdisc add dev up3 root netem limit 11000 delay 10ms loss random 1% seed 11",
      "broker: tc qdisc add dev down3 root netem limit 41000 delay 40ms",
    ]
  `);
});

test('what shows packets as they leave: a pair of its own, and a mirror at each end of a link', () => {
  expect(linesOf([...tapCommands('4711'), ...mirrorCommands(3)])).toMatchInlineSnapshot(`
    [
      "client: ip link add tap-up type veth peer name tap-down netns 4711",
      "client: ip link set dev tap-up mtu 1500 up",
      "broker: ip link set dev tap-down mtu 1500 up",
      "broker: tc qdisc add dev tap-down clsact",
      "broker: tc filter add dev tap-down ingress protocol ip u32 match u32 0 0 action mirred egress mirror dev lo",
      "broker: tc qdisc del dev tap-down clsact",
      "client: tc qdisc add dev up3 clsact",
      "broker: tc qdisc add dev down3 clsact",
      "client: tc filter add dev up3 egress protocol ip u32 match u32 0 0 action mirred egress mirror dev tap-up",
      "broker: tc filter add dev down3 egress protocol ip u32 match u32 0 0 action mirred egress mirror dev tap-down",
    ]
  `);
});

test('links beyond the 256th have the second half of the range', () => {
  const lines = linesOf(linkCommands(LINK, { index: 258, brokerNamespace: '4711' }));
  expect(lines[0]).toBe(
    'client: ip link add up258 address 02:00:c6:13:02:01 type veth peer name down258 address 02:00:c6:13:02:02 netns 4711',
  );
  expect(lines).toContain('client: ip addr add 198.19.2.1 peer 198.19.2.2 dev up258');
  expect(() => linkCommands(LINK, { index: 512, brokerNamespace: '4711' })).toThrow(RangeError);
});

test('both namespaces have their loopback', () => {
  expect(linesOf(namespaceCommands())).toEqual([
    'client: ip link set dev lo up',
    'broker: ip link set dev lo up',
  ]);
});

test('a side counts what leaves through its own device', () => {
  expect(linesOf([countCommand('client', 0), countCommand('broker', 2)])).toEqual([
    'client: tc -s -j qdisc show dev up0',
    'broker: tc -s -j qdisc show dev down2',
  ]);
});

describe('explain', () => {
  it("has every link's commands in the order of a run, the null link of calibration first", () => {
    const lines = explain([LINK, NULL_LINK], 5);
    expect(lines.filter((line) => line.startsWith('# Link'))).toEqual(['# Link null', '# Link uneven']);
    const seeded = linkCommands(LINK, { index: 1, brokerNamespace: '$BROKER' }, 5);
    for (const [n, { side, argv }] of seeded.entries()) {
      const line = lines.slice(-seeded.length)[n];
      expect(line).toMatch(new RegExp(`^nsenter --target \\$${side.toUpperCase()} --net `));
      expect(line?.endsWith(` -- ${argv.join(' ')}`)).toBe(true);
    }
  });
});

describe('netem/lab.sh', () => {
  const committed = readFileSync(new URL('../../../netem/lab.sh', import.meta.url), 'utf8');

  it('is the one that the code makes', () => {
    expect(committed, 'It has drifted. Make it anew: node netem/make-lab.ts > netem/lab.sh').toBe(
      labScript(profile('reference')),
    );
  });

  it('runs every command of a run, in its namespace', () => {
    const commands = linkCommands(profile('reference'), { index: 0, brokerNamespace: 'bench-broker' });
    for (const { side, argv } of commands) {
      expect(committed).toContain(`\n  ip netns exec bench-${side} ${argv.join(' ')}\n`);
    }
  });
});
