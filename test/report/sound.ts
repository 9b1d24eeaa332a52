import { expect } from 'vitest';
import type { Chart, Drawing, Size } from '../../src/report/charts/chart.ts';
import { renderSvg } from '../../src/report/render.ts';

const WIDTHS = { wide: 880, narrow: 328 } as const satisfies Record<Size, number>;

/** A chart at both widths, drawn without a warning and without a hole. */
export async function drawnSoundly(chart: Chart): Promise<{ drawing: Drawing; svg: string }[]> {
  return Promise.all(
    (['wide', 'narrow'] as const).map(async (size) => {
      const warnings: string[] = [];
      const drawing = chart.draw(size);
      const svg = await renderSvg(drawing, (text) => warnings.push(text));
      expect(warnings).toEqual([]);
      expect(drawing.width).toBe(WIDTHS[size]);
      expect(svg).not.toMatch(/NaN|undefined|Infinity|\[object/);
      return { drawing, svg };
    }),
  );
}
