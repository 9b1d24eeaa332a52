import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { newNamespace } from '../../src/link/namespace.ts';
import { proxyBackend } from '../../src/link/proxy.ts';
import { tunBackend } from '../../src/link/tun.ts';
import { searchPath } from '../../src/process/tools.ts';
import { proveCycles, proveKills } from '../helpers/cleanup-proof.ts';
import { lookout } from '../helpers/leftovers.ts';
import { until } from '../helpers/processes.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';
import { hasTun } from '../helpers/tun.ts';

const here = await hasTun();

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

function scenarioFile(folder: string, changes = ''): string {
  const file = join(folder, 'scenario.yaml');
  writeFileSync(
    file,
    `name: t\nquestion: q?\nmodes: [plain, mtls13]\nlinks: [lan]\nrounds: 1000\nworkload: { kind: handshake${changes} }\n`,
  );
  return file;
}

test('the lookout sees a process, its namespace and its files, and that they are gone', async () => {
  const watch = await lookout();
  onTestFinished(() => watch.end());
  const prefix = here ? newNamespace() : [];
  const orphan = execa('sh', ['-c', 'touch "$TMPDIR/left"; "$@" & wait', 'sh', ...prefix, 'sleep', '60'], {
    env: watch.env,
    stdio: 'ignore',
    reject: false,
  });
  await until('sleep runs', () => watch.look().processes === 2 && watch.look().temporaryFiles === 1);
  await until('it is in its namespace', () => watch.look().namespaces === (here ? 1 : 0));
  // Killed so that nobody ends what it has started.
  orphan.kill('SIGKILL');
  await orphan;
  const left = await watch.leftovers();
  expect(left.join('\n')).toMatch(/^process (\d+): sleep 60\n(namespace net:\[\d+\]\n)*temporary file left$/);
  expect(left.some((one) => one.startsWith('namespace'))).toBe(here);
  process.kill(Number(/^process (\d+)/.exec(left[0] ?? '')?.[1]));
  await until('the process is gone', async () => (await watch.leftovers()).length === 1);
});

test.runIf(process.getuid?.() === 0 && (await hasTools('nft')))(
  'the lookout sees a packet filter of the machine, and that it is gone',
  async () => {
    const watch = await lookout();
    onTestFinished(() => watch.end());
    const nft = (command: string): Promise<unknown> =>
      execa({ env: { PATH: searchPath() } })`nft ${command.split(' ')} inet left_behind`;
    await nft('add table');
    try {
      expect((await watch.leftovers()).join('\n')).toBe(
        'packet filter table inet left_behind {\npacket filter }',
      );
    } finally {
      await nft('delete table');
    }
    expect(await watch.leftovers()).toEqual([]);
  },
);

const BACKENDS = here ? [tunBackend, proxyBackend] : [proxyBackend];

test.each(BACKENDS)(
  '$name: a link that is opened, used and closed leaves nothing, again and again',
  async (backend) => {
    const { count, leftovers, seen } = await proveCycles(backend, 5);
    expect({ count, leftovers }).toEqual({ count: 5, leftovers: [] });
    expect(seen).toMatchObject({ processes: 1, namespaces: backend.name === 'tun' ? 1 : 0 });
  },
);

test.each(BACKENDS)(
  '$name: kill -9 of the runner leaves no process, namespace, device or key',
  async ({ name }) => {
    const { count, leftovers, seen } = await proveKills(name, 3, 7);
    expect({ count, leftovers }).toEqual({ count: 3, leftovers: [] });
    // Runner, warden, link, broker and swarm, and the folder of the keys: there was something to leave.
    expect(seen.processes).toBeGreaterThan(4);
    expect(seen).toMatchObject({ temporaryFiles: 1, namespaces: name === 'tun' ? 1 : 0 });
  },
);

test('too few files may be open for the swarm: exit code 5 before anything is started', async () => {
  const folder = temporaryFolder();
  const { exitCode, stderr } = await execa(
    'prlimit',
    ['--nofile=200:200', process.execPath, CLI, 'run', scenarioFile(folder, ', connectionsPerSecond: 1900')],
    { cwd: folder, reject: false },
  );
  expect(stderr).toMatch(/needs about \d+ open files in one process, the limit is 200/);
  expect(stderr).toContain('ulimit -n');
  expect(exitCode).toBe(5);
  expect(readdirSync(folder)).toEqual(['scenario.yaml']);
}, 60_000);
