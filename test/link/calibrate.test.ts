import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenLink } from '../../src/link/backend.ts';
import { calibrate, verdict } from '../../src/link/calibrate.ts';
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
      expect(result?.measured.count).toBe(40);
      // Raw: the floor is in it, so never less than what was asked.
      expect(result?.measured.upMs).toBeGreaterThan(link.up.delayMs);
      expect(result?.measured.upMs).toBeLessThan(link.up.delayMs + 2);
      expect(result?.measured.downMs).toBeGreaterThan(link.down.delayMs);
      expect(result?.measured.downMs).toBeLessThan(link.down.delayMs + 2);
      expect(result?.measured.upP99Ms).toBeGreaterThanOrEqual(result?.measured.upMs ?? NaN);
      expect(result?.floor.upMs).toBeGreaterThan(0);
      const threeTrips = 2 * link.up.delayMs + link.down.delayMs;
      expect(result?.firstByte.measuredMs).toBeGreaterThan(threeTrips);
      expect(result?.firstByte.measuredMs).toBeLessThan(threeTrips + 10);
    }
  });

  it('refuses a link that is slower than asked in one direction', async () => {
    const slower = resolveLink({ name: 'slower', oneWayMs: { up: 34, down: 37 } });
    const found = await calibrate(lying(proxy.link, REFERENCE, slower), [REFERENCE], { probes: 20 });
    const result = found.get('reference');
    expect(result?.calibrated).toBe(false);
    expect(result?.problem).toMatch(/down: 34 ms asked, 3[789]\.\d\d ms measured/);
    expect(result?.attempts).toBe(3);
  });

  it('works without an emulator', async () => {
    const link = await noneBackend.open({ onFlow: () => {}, onCrash: () => {} });
    const found = await calibrate(link, [NULL_LINK], { probes: 20 });
    expect(found.get('null')).toMatchObject({ calibrated: true, measured: { count: 20 } });
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

describe('the verdict', () => {
  const FLOOR = { upUs: [100, 100, 100], downUs: [100, 100, 100], firstByteUs: [500] };
  const seen = (upUs: number, downUs: number, firstByteUs: number): typeof FLOOR => ({
    upUs: [upUs, upUs, upUs],
    downUs: [downUs, downUs, downUs],
    firstByteUs: [firstByteUs],
  });

  it('allows half a millisecond beyond the floor', () => {
    expect(verdict(REFERENCE, FLOOR, seen(34_590, 33_610, 102_500), 3).calibrated).toBe(true);
    expect(verdict(REFERENCE, FLOOR, seen(34_610, 34_100, 102_500), 3)).toMatchObject({
      calibrated: false,
      problem: expect.stringContaining('up: 34 ms asked, 34.61 ms measured') as unknown,
    });
  });

  it('allows one per cent of long delays', () => {
    const link = resolveLink({ oneWayMs: 300 });
    expect(verdict(link, FLOOR, seen(302_900, 302_900, 900_500), 3).calibrated).toBe(true);
    expect(verdict(link, FLOOR, seen(303_200, 300_100, 900_500), 3).calibrated).toBe(false);
  });

  it('refuses a handshake that does not take its two trips', () => {
    expect(verdict(REFERENCE, FLOOR, seen(34_100, 34_100, 34_500), 3)).toMatchObject({
      calibrated: false,
      problem: expect.stringContaining('after three trips: 102 ms asked, 34.50 ms') as unknown,
    });
  });

  it('refuses when probes were not answered', () => {
    expect(verdict(REFERENCE, FLOOR, seen(34_100, 34_100, 102_500), 40)).toMatchObject({
      calibrated: false,
      problem: expect.stringContaining('only 3 of 40 probes were answered') as unknown,
    });
  });
});
