import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { netemBackend } from '../../src/link/netem.ts';
import { explain } from '../../src/link/netem/explain.ts';
import { resolveLink } from '../../src/link/spec.ts';
import { callIn } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const SCENARIO = `name: tiny
question: Does it run?
modes: [plain, tls13]
links: [{ name: near, oneWayMs: 5 }, null]
rounds: 5
warmupRounds: 1
seed: 9
workload: { kind: handshake }
`;

function workplace(): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'tiny.yaml'), SCENARIO);
  return folder;
}

test('says what would be measured, and measures nothing', async () => {
  const folder = workplace();
  const { code, stdout, stderr } = await callIn(
    folder,
    'run',
    'tiny.yaml',
    '--dry-run',
    '--backend',
    'proxy',
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe(`tiny: Does it run?
4 cells, 5 rounds after 1 to warm up, 24 connections in the order of seed 9
  plain/near/aedes/direct/handshake
  tls13/near/aedes/direct/handshake
  plain/null/aedes/direct/handshake
  tls13/null/aedes/direct/handshake
Links by the proxy backend (asked for: stream proxy in userland; TCP is modelled)`);
  expect(existsSync(join(folder, 'results'))).toBe(false);
});

test('says what would be left out', async () => {
  const folder = workplace();
  const spoken = SCENARIO.replace('tls13]', "tls13, { mode: plain, mqtt: '5' }]");
  writeFileSync(join(folder, 'tiny.yaml'), spoken);
  const { code, stdout } = await callIn(folder, 'run', 'tiny.yaml', '--dry-run', '--backend', 'proxy');
  expect(code).toBe(0);
  expect(stdout).toContain('tiny: Does it run?\n4 cells, ');
  expect(stdout).toContain('\nleft out: plain+mqtt=5 on aedes: aedes speaks MQTT 3.1.1 only\n');
});

test('says what cannot be built around the backend', async () => {
  const folder = workplace();
  const walled = `${SCENARIO}topology: [direct, { name: firewall, innerLink: null }]\n`;
  writeFileSync(join(folder, 'tiny.yaml'), walled);
  const dry = (backend: string) => callIn(folder, 'run', 'tiny.yaml', '--dry-run', '--backend', backend);
  const { code, stdout } = await dry('proxy');
  expect(code).toBe(0);
  expect(stdout).toContain('tiny: Does it run?\n4 cells, 5 rounds after 1 to warm up, 24 connections ');
  expect(stdout).not.toContain('/firewall/');
  for (const mode of ['plain', 'tls13'])
    expect(stdout).toContain(
      `\nleft out: ${mode} behind firewall: the 'proxy' backend leads no packets across routers; one that does: --backend tun\n`,
    );
  writeFileSync(join(folder, 'tiny.yaml'), walled.replace('direct, ', ''));
  const nothing = await dry('proxy');
  expect({ code: nothing.code, stdout: nothing.stdout }).toEqual({ code: 5, stdout: '' });
  expect(nothing.stderr).toContain("None of the modes can be run here: plain (the 'proxy' backend leads");
});

test('auto: the backend that a run would take, and why', async () => {
  const { code, stdout } = await callIn(workplace(), 'run', 'tiny.yaml', '--dry-run');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Links by the (netem|tun|proxy) backend \(the best that works here: /m);
});

test('netem: the very commands, also where it does not work', async () => {
  const args = ['run', 'tiny.yaml', '--dry-run', '--backend', 'netem'];
  const { code, stdout, stderr } = await callIn(workplace(), ...args);
  expect(code).toBe(0);
  const links = [resolveLink({ name: 'near', oneWayMs: 5 })];
  expect(
    stdout.endsWith(
      explain(links, 9)
        .map((line) => `\n  ${line}`)
        .join(''),
    ),
  ).toBe(true);
  expect(stdout).toContain('tc qdisc add dev up1 root netem limit 6000 delay 5ms\n');
  const found = await netemBackend.probe();
  expect(stderr).toBe(
    found.available ? '' : `The 'netem' backend does not work here: ${found.reason}\n${found.mend}`,
  );
});

test('--json: one document; of several scenarios a list', async () => {
  const folder = workplace();
  const args = ['--dry-run', '--backend', 'netem', '--json'];
  const one = JSON.parse((await callIn(folder, 'run', 'tiny.yaml', ...args)).stdout) as unknown;
  expect(one).toMatchObject({ scenario: 'tiny', rounds: 5, connections: 24, backend: 'netem' });
  expect((one as { commands: string[] }).commands).toContainEqual(expect.stringContaining('netns $BROKER'));
  const two = JSON.parse((await callIn(folder, 'run', 'tiny.yaml', 'tiny.yaml', ...args)).stdout) as unknown;
  expect(two).toEqual([one, one]);
});

test('a link that the backend asked for cannot make is refused before a run, too', async () => {
  const args = ['run', 'tiny.yaml', '--dry-run', '--backend', 'none'];
  const { code, stdout, stderr } = await callIn(workplace(), ...args);
  expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
  expect(stderr).toContain("The 'none' backend cannot reproduce the link 'near'");
});
