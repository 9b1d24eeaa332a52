import { describe, expect, it, onTestFinished } from 'vitest';
import { createPayloadKeys, readOpenKeys, readPublisherKeys } from '../../src/payload/folder.ts';
import { METHODS } from '../../src/payload/index.ts';
import { ReplayState } from '../../src/payload/replay.ts';
import { startChild } from '../../src/process/child.ts';
import { FOREIGN, installedRuntimes } from '../helpers/runtimes.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { payloadProtocol } from './fixtures/payload.protocol.ts';

const TOPIC = 'plant/1';
/** Methods that a runtime's crypto does not have. */
const LACKS: Partial<Record<(typeof FOREIGN)[number], string[]>> = { bun: ['chacha20-poly1305'] };

const installed = await installedRuntimes();

describe.for(FOREIGN.map((runtime) => ({ runtime })))('$runtime', ({ runtime }) => {
  it.skipIf(!installed.has(runtime))('and Node open what the other protects', async () => {
    const folder = temporaryFolder();
    const child = await startChild(payloadProtocol, {
      module: new URL('./fixtures/payload.child.ts', import.meta.url),
      runtime,
    });
    onTestFinished(() => child.stop());
    const lacks: string[] = [];
    for (const method of METHODS) {
      const { name } = method;
      if ((await child.call('lack', { method: name })) !== null) {
        lacks.push(name);
        continue;
      }
      await createPayloadKeys(folder, method, { topics: [TOPIC], senders: [1] });
      const asked = { folder, method: name, topic: TOPIC };
      const theirs = Buffer.from(await child.call('protect', { ...asked, text: 'from there' }), 'hex');
      const ring = await readOpenKeys(folder, method, TOPIC, { role: 'subscriber', reach: 'end-to-end' });
      if (ring === undefined) throw new Error('no keys');
      expect([name, method.open(TOPIC, theirs, ring, new ReplayState())]).toMatchObject([
        name,
        { verdict: 'genuine', payload: Buffer.from('from there') },
      ]);
      const keys = await readPublisherKeys(folder, method, TOPIC, 1);
      const ours = method.protect(TOPIC, Buffer.from('from here'), keys, 1);
      expect([name, await child.call('open', { ...asked, hex: ours.toString('hex') })]).toEqual([
        name,
        'from here',
      ]);
      ours[ours.length - 1] = (ours.at(-1) ?? 0) ^ 1;
      expect([name, await child.call('open', { ...asked, hex: ours.toString('hex') })]).toEqual([
        name,
        method.promises.authentication ? 'authentication' : 'integrity',
      ]);
    }
    expect(lacks).toEqual(LACKS[runtime] ?? []);
  });
});
