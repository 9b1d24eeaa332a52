import type { Spec } from 'vega';
import type { Drawing } from './charts/chart.ts';
import { FONT, THEME } from './charts/theme.ts';
import { printable } from './format.ts';

/**
 * Draws one chart as an SVG of the light theme, without a browser. `warn` hears what Vega has to say against the
 * chart; nothing of it is printed.
 */
export async function renderSvg(drawing: Drawing, warn: (text: string) => void = () => {}): Promise<string> {
  // A tenth of a second to load: only who draws pays for it.
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  const logger = {
    level: () => logger,
    error: (...texts: readonly unknown[]) => (warn(texts.join(' ')), logger),
    warn: (...texts: readonly unknown[]) => (warn(texts.join(' ')), logger),
    info: () => logger,
    debug: () => logger,
  };
  const compiled = vegaLite.compile(drawing.spec, { config: THEME, logger }).spec;
  const { left, right, top, bottom } = drawing.padding;
  // Panels leave the outer size open, and without a canvas Vega would only guess it.
  const sized: Spec = {
    ...compiled,
    width: drawing.width - left - right,
    height: drawing.height - top - bottom,
  };
  const view = new vega.View(vega.parse(sized), { renderer: 'none', logger });
  try {
    return tidied(await view.toSVG());
  } finally {
    view.finalize();
  }
}

/** What Vega writes for its own scripts and for screen readers that would read every mark. */
const NOISE =
  / (?:class|role|aria-roledescription|aria-hidden|pointer-events|font-family|xmlns:xlink)="[^"]*"/g;

/** Leaves out what no reader of a still picture needs, and names the font once: a quarter of the bytes. */
function tidied(svg: string): string {
  const lean = svg
    .replaceAll(/<path[^>]* d=""[^>]*\/>/g, '')
    .replaceAll(/<[^>]*>/g, (tag) => tag.replaceAll(NOISE, ''));
  return printable(lean).replace('<svg ', () => `<svg font-family="${FONT.replaceAll('"', "'")}" `);
}
