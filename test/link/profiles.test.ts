import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { profile, profileNames, profilesWith, readProfiles } from '../../src/link/profiles.ts';
import { isNullLink } from '../../src/link/spec.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

describe('the shipped profiles', () => {
  it('are these', () => {
    const lines = profileNames().map((name) => {
      const { up, down, synthetic } = profile(name);
      const way = (d: typeof up): string =>
        [d.delayMs, `~${d.jitterMs}`, `${d.loss * 100}%`, d.rateKbit ?? '-'].join(' ');
      return `${name}: up ${way(up)}, down ${way(down)}${synthetic ? ', synthetic' : ''}`;
    });
    expect(lines).toMatchInlineSnapshot(`
      [
        "null: up 0 ~0 0% -, down 0 ~0 0% -",
        "lan: up 0.5 ~0 0% -, down 0.5 ~0 0% -",
        "reference: up 34 ~0 0% -, down 34 ~0 0% -",
        "wifi: up 2 ~1 0% -, down 2 ~1 0% -, synthetic",
        "transatlantic: up 45 ~0 0% -, down 45 ~0 0% -",
        "5g: up 18 ~0 0% -, down 7 ~0 0% -, synthetic",
        "lte: up 35 ~0 0% 12000, down 35 ~0 0% 12000",
        "4g: up 85 ~0 0% 9000, down 85 ~0 0% 9000",
        "3g: up 150 ~0 0% 768, down 150 ~0 0% 1600",
        "3g-slow: up 200 ~0 0% 400, down 200 ~0 0% 400",
        "2g: up 400 ~0 0% 256, down 400 ~0 0% 280",
        "edge: up 420 ~0 0% 200, down 420 ~0 0% 240",
        "edge-lossy: up 440 ~0 1% 200, down 400 ~0 1% 240",
        "2g-rural: up 650 ~0 2% 18, down 650 ~0 2% 20",
        "geo-satellite: up 300 ~0 0% -, down 300 ~0 0% -",
        "leo-satellite: up 20 ~4 1.5% -, down 20 ~4 1.5% -, synthetic",
        "lte-m: up 50 ~15 0% 100, down 50 ~15 0% 100, synthetic",
        "nb-iot: up 420 ~150 0.5% 62, down 420 ~150 0.5% 26, synthetic",
        "nb-iot-poor: up 2500 ~1000 2% 5, down 2500 ~1000 2% 5, synthetic",
      ]
    `);
  });

  it('have a link without delay and the reference case', () => {
    expect(isNullLink(profile('null'))).toBe(true);
    expect(profile('reference')).toMatchObject({
      id: 'reference',
      up: { delayMs: 34 },
      down: { delayMs: 34 },
    });
  });

  it('say synthetic wherever there is jitter, which no source gives for one way', () => {
    const jittery = profileNames()
      .map((name) => profile(name))
      .filter(({ up, down }) => up.jitterMs > 0 || down.jitterMs > 0);
    expect(jittery.length).toBeGreaterThan(0);
    expect(jittery.every(({ synthetic }) => synthetic)).toBe(true);
  });

  it('are suggested when a name is misspelt', () => {
    expect(() => profile('nb-iott')).toThrow("There is no link profile 'nb-iott'");
    expect(() => profile('nb-iott')).toThrow(
      expect.objectContaining({
        exitCode: 2,
        mend: expect.stringContaining("Did you mean 'nb-iot'?") as unknown,
      }),
    );
  });
});

describe('readProfiles', () => {
  const REST = 'description: d, source: s';

  it.each([
    ['a negative delay', `a: { oneWayMs: -3, ${REST} }`, 'links.yaml:1:16: a: oneWayMs: Too small'],
    [
      'an unknown key',
      `a:\n  oneWayMs: 3\n  latency: 3\n  description: d\n  source: s\n`,
      'links.yaml:3:3: a: Unrec',
    ],
    ['no source', 'a:\n  oneWayMs: 3\n  description: d\n', 'links.yaml:2:3: a: source: Invalid input'],
    ['two delays', `b: { oneWayMs: 3, rttMs: 6, ${REST} }`, 'links.yaml:1:4: b: a link has either'],
    ['no delay', `b: { ${REST} }`, 'links.yaml:1:4: b: a link needs its delay'],
    ['a bad name', `Big: { oneWayMs: 3, ${REST} }`, 'links.yaml:1:1: Big: a name of lower-case letters'],
    ['broken YAML', 'a: [1,\n', 'links.yaml:2:1: '],
    [
      'a name twice',
      `a: { oneWayMs: 3, ${REST} }\na: { oneWayMs: 4, ${REST} }`,
      'links.yaml:2:1: Map keys must be uni',
    ],
    ['no profiles', '', 'links.yaml:1:1: Invalid input: expected record'],
  ])('tells where %s stands', (_, text, message) => {
    expect(() => readProfiles(text, 'links.yaml')).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining(message) as unknown }),
    );
  });

  it('tells all problems at once', () => {
    const text = `a: { oneWayMs: -3, ${REST} }\nb: { oneWayMs: -4, ${REST} }\n`;
    expect(() => readProfiles(text, 'links.yaml')).toThrow(/links\.yaml:1:16[^]*links\.yaml:2:16/);
  });
});

describe('profiles of the user’s own', () => {
  function fileOf(text: string, name = 'own.yaml'): string {
    const file = join(temporaryFolder(), name);
    writeFileSync(file, text);
    return file;
  }
  const OURS = 'our-lte: { rttMs: 80, jitterMs: 9, description: d, source: measured, synthetic: true }\n';

  it('stand after the shipped ones, and say where they come from', async () => {
    const file = fileOf(OURS);
    const all = await profilesWith([file]);
    expect([...all.keys()]).toEqual([...profileNames(), 'our-lte']);
    expect(profile('our-lte', all)).toEqual({
      id: 'our-lte',
      up: { delayMs: 40, jitterMs: 9, loss: 0 },
      down: { delayMs: 40, jitterMs: 9, loss: 0 },
      description: 'd',
      source: 'measured',
      synthetic: true,
      file,
    });
    expect(profile('reference', all).file).toBeUndefined();
    // The shipped ones stay as they are for everybody else.
    expect(profileNames()).not.toContain('our-lte');
  });

  it('may not have the name of a shipped one, nor two of them one name', async () => {
    const file = fileOf(`${OURS}nb-iot: { oneWayMs: 3, description: d, source: s }\n`);
    await expect(profilesWith([file])).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(
        `${file}:2:1: nb-iot: a profile that comes with the tool has this name already`,
      ) as unknown,
    });
    const first = fileOf(OURS);
    const second = fileOf(OURS, 'second.yaml');
    await expect(profilesWith([first, second])).rejects.toThrow(
      `${second}:1:1: our-lte: a profile of ${first} has this name already`,
    );
  });

  it.each([
    ['a file that is not there', join('no', 'such.yaml'), 'such.yaml: there is no such file, expected'],
    ['a folder', '.', '.: this is a folder, expected a file of link profiles'],
  ])('tell %s', async (_, file, message) => {
    await expect(profilesWith([file])).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(message) as unknown,
      mend: expect.stringContaining('source') as unknown,
    });
  });

  it('say which keys a profile may have', () => {
    expect(() =>
      readProfiles('a: { oneWayMs: 3, latency: 3, description: d, source: s }', 'own.yaml'),
    ).toThrow('own.yaml:1:19: a: Unrecognized key: "latency", expected oneWayMs, rttMs, jitterMs,');
  });
});
