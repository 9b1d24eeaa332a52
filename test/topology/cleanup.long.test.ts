import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { run } from '../../src/lab/run.ts';
import { isRoot } from '../../src/link/namespace.ts';
import { resolveLink } from '../../src/link/spec.ts';
import { makePlan } from '../../src/scenario/plan.ts';
import { topologyOf } from '../../src/scenario/topology.ts';
import { heard, startCli } from '../helpers/cli.ts';
import { lookout } from '../helpers/leftovers.ts';
import { descendantsOf, killOurs } from '../helpers/processes.ts';
import { expectNothingLeft, once, freshOptions, samplesIn, scenarioWith } from '../helpers/runs.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';
import { hasTun } from '../helpers/tun.ts';

const here = (await hasTun()) && (await hasTools('nft', 'wireguard-go', 'openvpn', 'setpriv', 'mount'));

/** Each with the namespaces that it makes beside that of the clients, and the mount namespaces of its tunnels. */
const TOPOLOGIES = [
  { topology: '{ name: firewall }', namespaces: 2, programs: [] },
  { topology: '{ name: dmz }', namespaces: 3, programs: [] },
  { topology: '{ name: vpn, warm: false }', namespaces: 2, programs: ['wireguard-go'] },
  { topology: '{ name: vpn, kind: openvpn, warm: false }', namespaces: 2, programs: ['openvpn'] },
];

test.skipIf(!here).each(TOPOLOGIES)(
  '$topology: kill -9 of the runner leaves no process, namespace, rule, tunnel or file',
  { timeout: 120_000 },
  async ({ topology, namespaces, programs }) => {
    const folder = temporaryFolder();
    const file = join(folder, 'scenario.yaml');
    writeFileSync(
      file,
      `name: t\nquestion: q?\nmodes: [plain, tls13]\nlinks: [lan, null]\ntopology: ${topology}\nrounds: 1000\nworkload: { kind: handshake, connectionsPerSecond: 20 }\n`,
    );
    let seen: object = {};
    for (const says of ['starting brokers', 'measuring']) {
      const watch = await lookout();
      try {
        const options = ['--backend', 'tun', '--allow-uncalibrated', '--out', join(folder, says)];
        const bench = startCli(['run', file, ...options], { cwd: folder, env: watch.env });
        await heard(bench, says);
        await sleep(says === 'measuring' ? 1500 : 600);
        const all = await commands(bench.pid ?? 0);
        seen = {
          namespaces: watch.look().namespaces,
          programs: ['holder.child', ...programs].filter((program) => all.includes(program)),
        };
        bench.kill('SIGKILL');
        expect((await bench).signal).toBe('SIGKILL');
        for (let looks = 0; looks < 50 && (await watch.leftovers()).length > 0; looks++) await sleep(100);
        expect(await watch.leftovers()).toEqual([]);
      } finally {
        await watch.end();
      }
    }
    // There was something to leave.
    expect(seen).toEqual({ namespaces: namespaces + 1, programs: ['holder.child', ...programs] });
  },
);

/** What dies, whose run says what of it, and who has ended the run. */
const VICTIMS = [
  {
    victim: 'holder.child',
    topology: { name: 'firewall' },
    because: /^The namespace firewall router process ended \(SIGKILL\)/,
    by: 'bench',
  },
  {
    victim: 'wireguard-go',
    topology: { name: 'vpn' },
    because: /^The wireguard-go \(.*\) program of .* ended \(SIGKILL/,
    by: 'environment',
  },
  {
    victim: 'openvpn',
    topology: { name: 'vpn', kind: 'openvpn' },
    because: /^The openvpn \(.*\) program of .* ended \(SIGKILL/,
    by: 'environment',
  },
];

test.skipIf(!here).each(VICTIMS)(
  '$victim dies in the middle: it is named, and what was measured is saved',
  async ({ victim, topology, because, by }) => {
    const given = freshOptions({
      backend: 'tun',
      observer: once(() => void killOurs(victim)),
    });
    const inner = resolveLink({ name: 'inner', oneWayMs: 2 });
    const topologies = [topologyOf<string>(topology, () => inner)];
    const results = await run(makePlan(scenarioWith({ modes: ['plain'], topologies, rounds: 500 })), given);
    expect(results.complete).toBe(false);
    expect(results.incompleteBecause).toMatch(because);
    expect(results.incompleteBy).toBe(by);
    expect((await samplesIn(given.folder)).length).toBeGreaterThan(4);
    expect(readdirSync(given.folder)).toContain('results.json');
    await expectNothingLeft();
  },
);

test.skipIf(!here)(
  'what is not installed is named with its package, and the other cells are run',
  async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'scenario.yaml');
    writeFileSync(
      file,
      'name: t\nquestion: q?\nmodes: [plain]\nlinks: [null]\ntopology: [direct, firewall]\nrounds: 3\nworkload: { kind: handshake }\n',
    );
    const options = ['run', file, '--backend', 'tun', '--allow-uncalibrated', '--out', join(folder, 'run')];
    // In a mount namespace of its own nft is no program.
    const hide =
      'for nft in /usr/sbin/nft /sbin/nft /usr/local/sbin/nft; do [ ! -e $nft ] || mount --bind /dev/null $nft; done; exec "$@"';
    const cli = new URL('../../src/cli.ts', import.meta.url).pathname;
    const { exitCode, stderr } = await execa(
      'unshare',
      [
        ...(isRoot() ? [] : ['--user', '--map-root-user']),
        '--mount',
        'sh',
        '-c',
        hide,
        'sh',
        process.execPath,
        cli,
        ...options,
      ],
      { cwd: folder, reject: false },
    );
    expect(stderr).toContain(
      'not supported here: plain behind firewall: nft is not installed; on Debian and Ubuntu: apt-get install nftables',
    );
    expect(exitCode).toBe(0);
  },
);

/** The commands of all processes below one. */
async function commands(pid: number): Promise<string> {
  return (await descendantsOf(pid)).map(({ command }) => command).join('\n');
}
