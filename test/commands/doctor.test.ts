import { expect, test } from 'vitest';
import type { Check } from '../../src/commands/checkup.ts';
import { BACKENDS } from '../../src/link/backends.ts';
import { callIn, cli } from '../helpers/cli.ts';

interface Report {
  ready: boolean;
  checks: Check[];
}

test('this machine can run the reference case', async () => {
  const { code, stdout, stderr } = await cli('doctor', '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { ready, checks } = JSON.parse(stdout) as Report;
  expect(ready).toBe(true);
  expect(checks.map(({ name }) => name)).toEqual([
    'Node',
    'OpenSSL',
    'Machine',
    'Clock',
    'Loopback',
    'Temporary folder',
    ...BACKENDS.map(({ name }) => `Backend ${name}`),
    'Other runtimes',
    'Brokers',
    'Topologies',
    'Open files',
    'Reference case',
  ]);
  const details = new Map(checks.map(({ name, detail }) => [name, detail]));
  expect(details.get('Node')).toContain(process.versions.node);
  expect(details.get('Node')).toContain('pinned by the lockfile');
  expect(details.get('Clock')).toMatch(/steps of \d+\.\d\d µs/);
  for (const program of ['haproxy', 'nginx', 'stunnel4', 'wireguard-go', 'openvpn', 'nft'])
    expect(details.get('Topologies')).toContain(program);
  expect(details.get('Reference case')).toMatch(/^14 cells over the \w+ backend$/);
});

test('for people: a line for each check, and a verdict', async () => {
  const { code, stdout } = await callIn('.', 'doctor');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^✓ Node {13}\d+\.\d+\.\d+, pinned by the lockfile$/m);
  expect(stdout).toMatch(/\nThis machine can run the reference case: /);
});
