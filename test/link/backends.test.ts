import { describe, expect, it } from 'vitest';
import { BACKENDS, chooseBackend } from '../../src/link/backends.ts';
import { noneBackend } from '../../src/link/none.ts';
import { profile } from '../../src/link/profiles.ts';
import { NULL_LINK, resolveLink } from '../../src/link/spec.ts';

const LINKS = [NULL_LINK, resolveLink({ oneWayMs: 34 }), resolveLink({ oneWayMs: { up: 3, down: 400 } })];

describe('chooseBackend', () => {
  it('takes the proxy by itself and says why', async () => {
    const { backend, why } = await chooseBackend('auto', LINKS);
    expect(backend.name).toBe('proxy');
    expect(why).toMatch(/^the best that works here: stream proxy/);
  });

  it('takes what was asked for', async () => {
    expect((await chooseBackend('proxy', LINKS)).backend.name).toBe('proxy');
    expect((await chooseBackend('none', [NULL_LINK])).backend.name).toBe('none');
  });

  it('names the backends that would do when the one asked for does not', async () => {
    await expect(chooseBackend('none', LINKS)).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringContaining("The 'none' backend cannot reproduce the link '34ms'") as unknown,
      mend: 'Choose a backend that can: --backend proxy.',
    });
  });

  it.each(['auto', 'proxy'] as const)('refuses what nothing here can do, asked for %s', async (requested) => {
    await expect(chooseBackend(requested, [...LINKS, profile('nb-iot')])).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringMatching(/nb-iot.*jitter.*packets to lose.*rate limit/) as unknown,
    });
  });

  it('has every backend probe this machine without failing', async () => {
    const found = await Promise.all(BACKENDS.map((backend) => backend.probe()));
    expect(found.every(({ available }) => available)).toBe(true);
  });
});

describe('the none backend', () => {
  it('sends clients to the broker itself', async () => {
    const link = await noneBackend.open({ onFlow: () => {}, onCrash: () => {} });
    const target = { host: '127.0.0.1', port: 1883 };
    expect(await link.route(NULL_LINK, target)).toEqual({ ...target, linkId: 'null', modelledConnectMs: 0 });
    await expect(link.route(resolveLink({ oneWayMs: 1 }), target)).rejects.toMatchObject({ exitCode: 5 });
    await link.close();
  });
});
