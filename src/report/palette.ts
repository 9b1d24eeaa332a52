import { modeName } from './mode-name.ts';

/** A colour by what it is for, in light and in dark. Light values are unique, since {@link themed} finds them by value. */
export interface Role {
  /** The name of the CSS custom property, without its dashes. */
  name: string;
  light: string;
  dark: string;
}

/** Ground, text and lines. */
export const ROLES = {
  surface: { name: 'surface', light: '#ffffff', dark: '#121922' },
  ink: { name: 'ink', light: '#17202e', dark: '#e9eef5' },
  muted: { name: 'muted', light: '#566174', dark: '#9fabbb' },
  predicted: { name: 'predicted', light: '#7c8798', dark: '#8593a6' },
  axis: { name: 'axis', light: '#aab4c1', dark: '#4d5a6b' },
  grid: { name: 'grid', light: '#e4e9ef', dark: '#27313e' },
  band: { name: 'band', light: '#f3f6f9', dark: '#19222d' },
} as const satisfies Record<string, Role>;

/** Parts of a bar, and directions. Each is told from its neighbours by its lightness too. */
export const PARTS = {
  trips: { name: 'part-1', light: '#27548f', dark: '#6f9fe0' },
  serialization: { name: 'part-2', light: '#b9770e', dark: '#f0c35e' },
  compute: { name: 'part-3', light: '#4d8a5b', dark: '#5fae78' },
  residual: { name: 'part-4', light: '#a8477f', dark: '#e79ac9' },
} as const satisfies Record<string, Role>;

/**
 * Colours of modes say what is under them: grey is plain TCP, warm is TLS 1.2, cool is TLS 1.3, green is the rest.
 * A family of modes has a hue of its own, as far as they reach, and its axes differ in their dashes; so do families
 * that share a hue, and neighbours, for those who see colours differently.
 */
const GROUNDS = {
  plain: [{ name: 'mode-plain', light: '#4b5768', dark: '#b4bfcd' }],
  tls12: [
    { name: 'mode-warm-1', light: '#c2410c', dark: '#ff8f50' },
    { name: 'mode-warm-2', light: '#966003', dark: '#e7b93c' },
    { name: 'mode-warm-3', light: '#b8174c', dark: '#ff7f9f' },
    { name: 'mode-warm-4', light: '#7c2d12', dark: '#e9a98c' },
    { name: 'mode-warm-5', light: '#6b6300', dark: '#d8d04e' },
    { name: 'mode-warm-6', light: '#d02a2a', dark: '#ff9f93' },
  ],
  tls13: [
    { name: 'mode-cool-1', light: '#1a5fc4', dark: '#70aaff' },
    { name: 'mode-cool-2', light: '#0b7468', dark: '#3ecbb5' },
    { name: 'mode-cool-3', light: '#6b34cf', dark: '#b99bff' },
    { name: 'mode-cool-4', light: '#0e6387', dark: '#63c3ea' },
    { name: 'mode-cool-5', light: '#3b3a9c', dark: '#9a9cff' },
    { name: 'mode-cool-6', light: '#147a3f', dark: '#56d68a' },
  ],
  other: [
    { name: 'mode-other-1', light: '#3f6f12', dark: '#9ccf5c' },
    { name: 'mode-other-2', light: '#9c1f8f', dark: '#f08be4' },
    { name: 'mode-other-3', light: '#55601a', dark: '#c3cf7c' },
  ],
} as const satisfies Record<string, readonly Role[]>;

const DASHES: readonly (readonly number[])[] = [
  [],
  [7, 3],
  [2, 3],
  [9, 3, 2, 3],
  [14, 4],
  [5, 2, 1, 2, 1, 2],
];

export const ALL_ROLES: readonly Role[] = [
  ...Object.values(ROLES),
  ...Object.values(PARTS),
  ...Object.values(GROUNDS).flat(),
];

/** How a mode looks in every chart. `dash` is an SVG dash array; empty for a solid line. */
export interface ModeStyle {
  color: string;
  role: string;
  dash: number[];
}

/** Gives each mode its colour and dash, in the order in which the modes come; no two alike as long as there are enough. */
export function modeStyles(modes: readonly string[]): Map<string, ModeStyle> {
  const families = new Map<keyof typeof GROUNDS, string[]>();
  const taken = new Set<string>();
  return new Map(
    [...new Set(modes)].map((mode) => {
      const { family } = modeName(mode);
      const ground = groundOf(family);
      const known = families.get(ground) ?? [];
      families.set(ground, known);
      if (!known.includes(family)) known.push(family);
      const position = known.indexOf(family);
      const hues: readonly Role[] = GROUNDS[ground];
      const wished = position + Math.floor(position / hues.length);
      const looks = hues.flatMap((_, hue) =>
        DASHES.map((_, dash) => [position + hue, wished + dash] as const),
      );
      const [hueAt, dashAt] = looks.find((look) => !taken.has(lookId(ground, look))) ?? [position, wished];
      taken.add(lookId(ground, [hueAt, dashAt]));
      const hue = hues[hueAt % hues.length] ?? ROLES.ink;
      return [mode, { color: hue.light, role: hue.name, dash: [...(DASHES[dashAt % DASHES.length] ?? [])] }];
    }),
  );
}

function lookId(ground: keyof typeof GROUNDS, [hue, dash]: readonly [number, number]): string {
  return `${ground} ${hue % GROUNDS[ground].length} ${dash % DASHES.length}`;
}

function groundOf(family: string): keyof typeof GROUNDS {
  if (/plain|tcp/i.test(family)) return 'plain';
  if (/12|1\.2/.test(family)) return 'tls12';
  if (/13|1\.3/.test(family)) return 'tls13';
  return 'other';
}

/** Replaces the light colours of a chart by CSS custom properties that fall back to them. */
export function themed(svg: string): string {
  const roles = new Map(ALL_ROLES.map((role) => [role.light, role.name]));
  const inTag = (tag: string): string =>
    tag.replaceAll(/(?<=(?:fill|stroke)=")#[0-9a-f]{6}(?=")/g, (hex) => {
      const role = roles.get(hex);
      return role === undefined ? hex : `var(--${role}, ${hex})`;
    });
  // Names of modes stand in the text between the tags, and stay as they are.
  return svg.replaceAll(/<[^>]*>/g, inTag);
}
