import { expect, test } from 'vitest';
import { MODE_NAMES } from '../../src/modes/index.ts';
import { ALL_ROLES, modeStyles, PARTS, ROLES, themed } from '../../src/report/palette.ts';

const SEVEN = ['plain', 'tls12', 'tls13', 'tls12-psk', 'tls13-psk', 'mtls12', 'mtls13'];

test('every role has a light colour and a name of its own, since colours are replaced by value', () => {
  expect(new Set(ALL_ROLES.map(({ light }) => light)).size).toBe(ALL_ROLES.length);
  expect(new Set(ALL_ROLES.map(({ name }) => name)).size).toBe(ALL_ROLES.length);
});

test.each(['light', 'dark'] as const)('text can be read on the %s ground (WCAG 2.2 §1.4.3)', (scheme) => {
  const texts = ALL_ROLES.filter(({ name }) => /^(ink|muted|mode-.*)$/.test(name));
  expect(texts.length).toBeGreaterThan(10);
  expect(texts.filter((role) => contrast(role[scheme], ROLES.surface[scheme]) < 4.5)).toEqual([]);
});

test.each(['light', 'dark'] as const)('parts of bars can be seen on the %s ground (§1.4.11)', (scheme) => {
  for (const role of Object.values(PARTS))
    expect(contrast(role[scheme], ROLES.surface[scheme])).toBeGreaterThan(3);
});

test.each(['light', 'dark'] as const)('predicted lines can be seen on the %s ground (§1.4.11)', (scheme) => {
  expect(contrast(ROLES.predicted[scheme], ROLES.surface[scheme])).toBeGreaterThan(3);
});

test('modes have colours of their own, the same whatever else is in the results', () => {
  const seven = modeStyles(SEVEN);
  expect(new Set([...seven.values()].map(({ color }) => color)).size).toBe(7);
  expect(modeStyles(['tls12', 'tls13']).get('tls13')).toEqual(seven.get('tls13'));
});

test('nineteen modes and their variants all look different, and a family keeps its hue', () => {
  const modes = MODE_NAMES.flatMap((name) => [name, `${name}+key=rsa-2048`, `${name}+pipelined=true`]);
  const styles = modeStyles(modes.filter((name) => !name.startsWith('plain+')));
  const looks = [...styles.values()].map(({ color, dash }) => `${color} ${dash.join(' ')}`);
  expect(new Set(looks).size).toBe(looks.length);
  expect(styles.get('tls13+key=rsa-2048')?.color).toBe(styles.get('tls13')?.color);
});

test('more modes than colours still get one each', () => {
  const names = Array.from({ length: 30 }, (_, index) => `tls12-${index}`);
  expect([...modeStyles(names).values()].filter(({ color }) => color.startsWith('#'))).toHaveLength(30);
});

test('themed replaces colours of marks and leaves names alone', () => {
  const svg = `<rect fill="#ffffff"/><text fill="#17202e">fill="#ffffff"</text>`;
  expect(themed(svg)).toBe(
    `<rect fill="var(--surface, #ffffff)"/><text fill="var(--ink, #17202e)">fill="#ffffff"</text>`,
  );
});

/** Contrast as WCAG 2.2 defines it. */
function contrast(one: string, other: string): number {
  const [bright = 1, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (bright + 0.05) / (dark + 0.05);
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
