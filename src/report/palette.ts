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

/**
 * Colours of modes say what is under them: grey is plain TCP, warm is TLS 1.2, cool is TLS 1.3, green is the rest.
 * Within a family each mode has its own hue and its own dash, for those who see colours differently.
 */
const FAMILIES = {
  plain: [{ name: 'mode-plain', light: '#4b5768', dark: '#b4bfcd' }],
  tls12: [
    { name: 'mode-warm-1', light: '#c2410c', dark: '#ff8f50' },
    { name: 'mode-warm-2', light: '#966003', dark: '#e7b93c' },
    { name: 'mode-warm-3', light: '#b8174c', dark: '#ff7f9f' },
    { name: 'mode-warm-4', light: '#7c2d12', dark: '#e9a98c' },
  ],
  tls13: [
    { name: 'mode-cool-1', light: '#1a5fc4', dark: '#70aaff' },
    { name: 'mode-cool-2', light: '#0b7468', dark: '#3ecbb5' },
    { name: 'mode-cool-3', light: '#6b34cf', dark: '#b99bff' },
    { name: 'mode-cool-4', light: '#0e6387', dark: '#63c3ea' },
  ],
  other: [
    { name: 'mode-other-1', light: '#3f6f12', dark: '#9ccf5c' },
    { name: 'mode-other-2', light: '#9c1f8f', dark: '#f08be4' },
    { name: 'mode-other-3', light: '#55601a', dark: '#c3cf7c' },
  ],
} as const satisfies Record<string, readonly Role[]>;

const DASHES: readonly (readonly number[])[] = [[], [7, 3], [2, 3], [9, 3, 2, 3]];

export const ALL_ROLES: readonly Role[] = [...Object.values(ROLES), ...Object.values(FAMILIES).flat()];

/** How a mode looks in every chart. `dash` is an SVG dash array; empty for a solid line. */
export interface ModeStyle {
  color: string;
  role: string;
  dash: number[];
}

/** Gives each mode its colour, by family and in the order in which the modes come. */
export function modeStyles(modes: readonly string[]): Map<string, ModeStyle> {
  const used = new Map<string, number>();
  return new Map(
    [...new Set(modes)].map((mode) => {
      const family = familyOf(mode);
      const position = used.get(family) ?? 0;
      used.set(family, position + 1);
      const hues: readonly Role[] = FAMILIES[family];
      const hue = hues[position % hues.length] ?? ROLES.ink;
      const dash = DASHES[position % DASHES.length] ?? [];
      return [mode, { color: hue.light, role: hue.name, dash: [...dash] }];
    }),
  );
}

function familyOf(mode: string): keyof typeof FAMILIES {
  if (/plain|tcp/i.test(mode)) return 'plain';
  if (/12|1\.2/.test(mode)) return 'tls12';
  if (/13|1\.3/.test(mode)) return 'tls13';
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
