import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenLink } from '../../src/link/backend.ts';
import { calibrate } from '../../src/link/calibrate.ts';
import { noneBackend } from '../../src/link/none.ts';
import { NULL_LINK, resolveLink, type LinkSpec } from '../../src/link/spec.ts';
import { openProxy, type OpenProxy } from './harness.ts';

const REFERENCE = resolveLink({ name: 'reference', oneWayMs: 34 });

let proxy: OpenProxy;
beforeAll(async () => {
  proxy = await openProxy();
});
afterAll(() => proxy.link.close());

/** The same link, but routes for one spec are opened with another. */
function lying(link: OpenLink, told: LinkSpec, opened: LinkSpec): OpenLink {
  return { ...link, route: (spec, target) => link.route(spec.id === told.id ? opened : spec, target) };
}

describe('calibrate', { retry: 2 }, () => {
  it('measures each direction of every link and finds them as asked', async () => {
    const skewed = resolveLink({ name: 'skewed', oneWayMs: { up: 60, down: 15 } });
    const startedMs = performance.now();
    const found = await calibrate(proxy.link, [REFERENCE, skewed, NULL_LINK]);
    expect(performance.now() - startedMs).toBeLessThan(8000);
    expect([...found.keys()]).toEqual(['reference', 'skewed', 'null']);
    for (const link of [REFERENCE, skewed, NULL_LINK]) {
      const result = found.get(link.id);
      expect(result?.problem).toBeUndefined();
      expect(result?.calibrated).toBe(true);
      for (const way of ['up', 'down'] as const) {
        const { delayMs, p99Ms, ...rest } = result?.[way] ?? {};
        // Raw: the floor is in it, so never less than what was asked.
        expect(delayMs?.value).toBeGreaterThan(link[way].delayMs);
        expect(delayMs?.value).toBeLessThan(link[way].delayMs + 2);
        expect(delayMs?.low).toBeLessThanOrEqual(delayMs?.value ?? 0);
        expect(delayMs?.high).toBeGreaterThanOrEqual(delayMs?.value ?? Infinity);
        expect(delayMs?.count).toBeGreaterThanOrEqual(40);
        expect(p99Ms).toBeGreaterThanOrEqual(delayMs?.value ?? Infinity);
        expect(rest).toEqual({});
      }
      expect(result?.floor.upMs).toBeGreaterThan(0);
      const threeTrips = 2 * link.up.delayMs + link.down.delayMs;
      expect(result?.firstByte.measuredMs).toBeGreaterThan(threeTrips);
      expect(result?.firstByte.measuredMs).toBeLessThan(threeTrips + 10);
    }
    // The proxy stands in for the TCP handshake, so connecting through it tells nothing.
    expect(found.get('reference')?.connect).toBeUndefined();
    expect(found.get('null')?.connect?.measuredMs).toBeLessThan(5);
  });

  it('refuses a link that is slower than asked in one direction', async () => {
    const slower = resolveLink({ name: 'slower', oneWayMs: { up: 34, down: 37 } });
    const found = await calibrate(lying(proxy.link, REFERENCE, slower), [REFERENCE]);
    const result = found.get('reference');
    expect(result?.calibrated).toBe(false);
    expect(result?.problem).toMatch(/down: 34 ms asked, 3[789]\.\d\d ms measured/);
    expect(result?.attempts).toBe(3);
  });

  it('works without an emulator', async () => {
    const link = await noneBackend.open({ onFlow: () => {}, onCrash: () => {} });
    const found = await calibrate(link, [NULL_LINK]);
    expect(found.get('null')).toMatchObject({ calibrated: true, up: { delayMs: { count: 48 } } });
  });

  it('ends with exit code 5 when the link dies meanwhile', async () => {
    const { link, crashes } = await openProxy();
    const calibrating = calibrate(link, [resolveLink({ oneWayMs: 300 })]);
    setTimeout(() => process.kill(link.children[0]?.pid ?? 0, 'SIGKILL'), 700);
    await expect(calibrating).rejects.toMatchObject({ exitCode: 5 });
    expect(crashes).toHaveLength(1);
    await link.close();
  });
});
