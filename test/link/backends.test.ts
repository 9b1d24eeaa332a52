import { describe, expect, it } from 'vitest';
import { abilityLack, BACKENDS, chooseBackend, ranked, type Wants } from '../../src/link/backends.ts';
import { noneBackend } from '../../src/link/none.ts';
import { NULL_LINK, resolveLink } from '../../src/link/spec.ts';

const LINKS = [NULL_LINK, resolveLink({ oneWayMs: 34 }), resolveLink({ oneWayMs: { up: 3, down: 400 } })];

describe('chooseBackend', () => {
  it('takes what reaches a broker elsewhere: neither TUN nor netem, which are in namespaces', async () => {
    const wants = { elsewhere: true };
    for (const tap of [true, false]) {
      const { backend, why } = await chooseBackend('auto', LINKS, { ...wants, tap });
      expect(backend.name).toBe('proxy');
      expect(why).toMatch(/not netem: a broker runs elsewhere, .*; not tun: a broker runs elsewhere, /);
    }
    expect((await chooseBackend('none', [NULL_LINK], wants)).backend.name).toBe('none');
    await expect(chooseBackend('tun', [NULL_LINK], wants)).rejects.toMatchObject({
      exitCode: 5,
      mend: 'Choose a backend that can: --backend proxy or --backend none.',
    });
    await expect(
      chooseBackend('netem', [resolveLink({ name: 'unruly', oneWayMs: 3, reorder: 0.1 })], wants),
    ).rejects.toMatchObject({ mend: 'No other backend can reproduce these links: choose others.' });
  });

  it('takes the first that works here by itself, and says why', async () => {
    const probes = await Promise.all(BACKENDS.map((backend) => backend.probe()));
    const first = BACKENDS[probes.findIndex(({ available }) => available)];
    const { backend, why } = await chooseBackend('auto', LINKS);
    expect(backend).toBe(first);
    expect(why).toMatch(/^the best that works here: /);
  });

  it('takes one that sees the wire by itself where nothing else tells of the broker', async () => {
    const { backend, why } = await chooseBackend('auto', LINKS, { tap: true });
    expect(backend.tapped).toBe(true);
    expect(why).toContain('not none: it does not see the wire');
    // Without a link there is one too.
    expect((await chooseBackend('auto', [NULL_LINK], { tap: true })).backend.tapped).toBe(true);
    const open = await backend.open({ onFlow: () => {}, onCrash: () => {} });
    expect(open.tapped).toBe(true);
    await open.close();
  });

  it('takes what was asked for', async () => {
    expect((await chooseBackend('proxy', LINKS)).backend.name).toBe('proxy');
    expect((await chooseBackend('none', [NULL_LINK])).backend.name).toBe('none');
  });

  it('names the backends that would do when the one asked for does not', async () => {
    await expect(chooseBackend('none', LINKS)).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringContaining("The 'none' backend cannot reproduce the link '34ms'") as unknown,
      mend: 'Choose a backend that can: --backend netem or --backend tun or --backend proxy.',
    });
  });

  it('refuses what the backend asked for cannot do', async () => {
    await expect(
      chooseBackend('proxy', [...LINKS, resolveLink({ name: 'unruly', oneWayMs: 3, reorder: 0.1 })]),
    ).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringMatching(/unruly.*: its packets keep their order/) as unknown,
      mend: 'Choose a backend that can: --backend netem or --backend tun.',
    });
  });

  it('has every backend say of this machine what it needs', async () => {
    const answers = await Promise.all(BACKENDS.map((backend) => backend.probe()));
    const silent = answers.filter((answer) => !answer.available && answer.reason === '');
    expect(silent).toEqual([]);
    const working = BACKENDS.filter((_, n) => answers[n]?.available).map(({ name }) => name);
    expect(working).toEqual(expect.arrayContaining(['proxy', 'none']));
  });
});

describe('which one would be taken where all of them work, netem too', () => {
  const order = (wants: Wants): string =>
    ranked(wants)
      .map(({ name }) => name)
      .join(' ');

  it('is the truest, unless another lacks less of what is wanted', () => {
    expect(order({})).toBe('netem tun proxy none');
    expect(order({ abilities: ['cables'] })).toBe('tun netem proxy none');
    // Hops between two links: netem has one link only.
    expect(order({ abilities: ['hops'] })).toBe('tun proxy none netem');
    expect(order({ abilities: ['cables', 'hops'] })).toBe('tun proxy none netem');
    expect(order({ abilities: ['hops'], tap: true })).toBe('tun proxy netem none');
    expect(order({ idle: true })).toBe('none netem tun proxy');
    expect(order({ elsewhere: true })).toBe('proxy none');
  });

  it('and one that lacks something says which does not', () => {
    expect(abilityLack('tun', 'cables')).toBeUndefined();
    expect(abilityLack('none', 'hops')).toBeUndefined();
    expect(abilityLack('proxy', 'cables')).toMatch(/'proxy' .*; one that does: --backend tun$/);
    expect(abilityLack('netem', 'hops')).toMatch(/'netem' .*; one that does: --backend tun, proxy, none$/);
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
