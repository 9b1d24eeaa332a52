import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { environmentError, messageOf } from '../errors.ts';
import type { Results } from '../results/schema.ts';
import { chartsOf } from './charts/index.ts';
import { reportHtml } from './html.ts';
import { labelled, type Picture } from './html/figure.ts';
import { reportMarkdown } from './markdown.ts';
import { renderSvg } from './render.ts';

/**
 * Draws validated results: `report.html`, `summary.md` and `charts/*.svg` in a folder, which is made if it is not
 * there. Answers the files written, relative to the folder. Throws a BenchError when the folder cannot be written.
 */
export async function writeReport(results: Results, directory: string): Promise<{ files: string[] }> {
  const pictures = await drawPictures(results);
  const files = [
    { name: 'report.html', text: reportHtml(results, pictures) },
    { name: 'summary.md', text: reportMarkdown(results) },
    ...pictures.map(({ chart, wideSvg }) => ({
      name: join('charts', `${chart.id}.svg`),
      text: labelled(wideSvg, chart.alt),
    })),
  ];
  try {
    await mkdir(join(directory, 'charts'), { recursive: true });
    await Promise.all(files.map(({ name, text }) => writeFile(join(directory, name), text)));
  } catch (error) {
    throw environmentError(
      `The report cannot be written to ${directory}: ${messageOf(error)}`,
      'Give a folder that you may write to.',
    );
  }
  return { files: files.map(({ name }) => name) };
}

/** Every chart of these results, wide and narrow. */
export async function drawPictures(results: Results): Promise<Picture[]> {
  const pictures: Picture[] = [];
  for (const chart of chartsOf(results)) {
    // One after another: drawing is all CPU, and together they would only hold more memory.
    const wideSvg = await renderSvg(chart.draw('wide'));
    const narrowSvg = await renderSvg(chart.draw('narrow'));
    pictures.push({ chart, wideSvg, narrowSvg });
  }
  return pictures;
}
