import type { Chart } from './charts/chart.ts';
import { labelled } from './html/figure.ts';
import { ALL_ROLES, themed } from './palette.ts';
import { renderSvg } from './render.ts';

/** A chart as a file of its own, which follows the reader's light or dark scheme by itself. */
export async function standaloneSvg(chart: Chart): Promise<string> {
  const svg = labelled(themed(await renderSvg(chart.draw('wide'))), chart.alt);
  const dark = ALL_ROLES.map((role) => `--${role.name}:${role.dark}`).join(';');
  const style = `<style>@media (prefers-color-scheme:dark){svg{${dark}}}</style>`;
  return svg.replace(/^<svg [^>]*>/, (tag) => `${tag}${style}`);
}
