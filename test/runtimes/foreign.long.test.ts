import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished } from 'vitest';
import { nowUs } from '../../src/measure/clock.ts';
import { startChild } from '../../src/process/child.ts';
import { startAedes, targetOf } from '../helpers/broker.ts';
import { makePki } from '../helpers/pki.ts';
import { isRunning, until } from '../helpers/processes.ts';
import { FOREIGN, installedRuntimes } from '../helpers/runtimes.ts';
import { startSwarm } from '../helpers/swarm.ts';
import { sharedFolders } from '../helpers/temporary-folder.ts';
import { echoProtocol } from '../process/fixtures/echo.protocol.ts';

const RUNS_ON = {
  'node-22': /^Node 22\.\d+\.\d+, OpenSSL 3\.0\.\d+$/,
  'node-24': /^Node 24\.\d+\.\d+, OpenSSL 3\.5\.\d+$/,
  bun: /^Bun \d+\.\d+\.\d+, BoringSSL [0-9a-f]{7}$/,
  deno: /^Deno \d+\.\d+\.\d+, rustls$/,
};

const newFolder = sharedFolders();
const installed = await installedRuntimes();

describe.for(FOREIGN.map((runtime) => ({ runtime })))('$runtime', ({ runtime }) => {
  const here = installed.has(runtime);

  it.skipIf(!here)('answers calls, says what it is, and has the clock of all processes', async () => {
    const child = await startChild(echoProtocol, {
      module: new URL('../process/fixtures/echo.child.ts', import.meta.url),
      runtime,
    });
    onTestFinished(() => child.stop());
    expect(await child.call('echo', { text: 'ä €' })).toBe('ä €');
    expect(await child.call('runtime', null)).toMatch(RUNS_ON[runtime]);
    await expect(child.call('fail', { exitCode: 5 })).rejects.toMatchObject({
      name: 'BenchError',
      exitCode: 5,
    });
    for (let reading = 0; reading < 20; reading++) {
      const beforeUs = nowUs();
      const theirsUs = await child.call('now', null);
      expect(theirsUs).toBeGreaterThan(beforeUs - 20);
      expect(theirsUs).toBeLessThan(nowUs() + 20);
    }
  });

  it.skipIf(!here)('heeds no settings of the folder that it is started in', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'bunfig.toml'), 'preload = ["./spoil.mjs"]\n');
    writeFileSync(join(folder, '.env'), 'SPOILT=1\n');
    writeFileSync(join(folder, 'deno.json'), '{ "imports": { "zod": "./spoil.mjs" } }\n');
    writeFileSync(join(folder, 'spoil.mjs'), 'process.env.SPOILT = "1";\n');
    const before = process.cwd();
    process.chdir(folder);
    onTestFinished(() => process.chdir(before));
    const child = await startChild(echoProtocol, {
      module: new URL('../process/fixtures/echo.child.ts', import.meta.url),
      runtime,
    });
    onTestFinished(() => child.stop());
    expect(await child.call('environment', { name: 'SPOILT' })).toBeUndefined();
  });

  it.skipIf(!here).each(['idle', 'busy'])(
    'ends when its parent is killed, also while it is %s',
    async (state) => {
      const script = fileURLToPath(new URL('../process/fixtures/parent.ts', import.meta.url));
      const parent = execa(process.execPath, [script, state, runtime], { reject: false });
      const [line] = (await once(parent.stdout, 'data')) as [Buffer];
      const pid = Number(line.toString());
      expect(isRunning(pid)).toBe(true);
      parent.kill('SIGKILL');
      await parent;
      await until('the child is gone', () => !isRunning(pid), 8000);
    },
  );

  it.skipIf(!here).each(['tls12', 'tls13', 'mtls13'])(
    'never talks to a broker that it cannot verify: %s',
    async (mode) => {
      const [own, other] = [newFolder(), newFolder()];
      await Promise.all([makePki(own), makePki(other)]);
      const { broker, records } = await startAedes(other, { modes: [mode] });
      const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
      onTestFinished(() => {
        if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
        else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
      });
      const target = targetOf(broker, mode);
      const swarm = await startSwarm(own, [target], onTestFinished, runtime);
      const { attempts } = await swarm.handshake([{ id: 0, cell: target.cell, atMs: 0 }], {
        timeoutMs: 5000,
      });
      expect(attempts[0]?.failure?.reason).toMatch(/^tls:/);
      expect(attempts[0]?.stampsUs.connackReceived).toBeUndefined();
      await broker.flush();
      expect(records).toEqual([]);
    },
  );
});
