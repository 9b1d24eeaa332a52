import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { historyHtml, historySvg } from '../../../src/report/history/page.ts';
import { ROLES } from '../../../src/report/palette.ts';
import { sharedFolders } from '../../helpers/temporary-folder.ts';
import { historyOf } from '../../history/runs.ts';
import { findChromium, launchChromium } from '../chromium.ts';
import { fixture } from '../fixture.ts';

const executable = findChromium();
const folderOf = sharedFolders();

test.runIf(process.env['CI'] === 'true')('CI has a browser to open a history in', () => {
  expect(executable).toBeDefined();
});

describe.skipIf(executable === undefined)('a history in a browser', () => {
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    folder = folderOf();
    const history = historyOf(fixture({ modes: ['plain', 'tls13'], samples: 20 }), [0, 0.4, -0.3, 5]);
    writeFileSync(join(folder, 'h.html'), await historyHtml(history));
    writeFileSync(join(folder, 'h.svg'), await historySvg(history));
    browser = await launchChromium(executable ?? '');
  });
  afterAll(() => browser?.close());

  const cases = (['h.html', 'h.svg'] as const).flatMap((file) =>
    (['light', 'dark'] as const).flatMap((scheme) => [360, 1200].map((width) => ({ file, scheme, width }))),
  );

  test.each(cases)('$file, $scheme, $width pixels wide', async ({ file, scheme, width }) => {
    const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 800 } });
    const page = await context.newPage();
    const troubles: string[] = [];
    const address = pathToFileURL(join(folder, file)).href;
    page.on('console', (message) => troubles.push(message.text()));
    page.on('pageerror', (error) => troubles.push(error.message));
    page.on('request', (request) => {
      if (![address, 'data:,'].includes(request.url())) troubles.push(request.url());
    });
    await page.goto(address);
    const seen = await page.evaluate<{ ground: string[]; scrollWidth: number; outside: string[] }>(`(() => {
      const pictures = [...document.querySelectorAll('svg')].filter((svg) => svg.getClientRects().length > 0);
      const outside = pictures.flatMap((svg) => {
        const box = svg.getBoundingClientRect();
        return [...svg.querySelectorAll('text')].filter((text) => {
          const own = text.getBoundingClientRect();
          return own.left < box.left - 1 || own.right > box.right + 1;
        }).map((text) => text.textContent);
      });
      return {
        ground: pictures.map((svg) => getComputedStyle(svg.querySelector('rect')).fill),
        scrollWidth: document.documentElement.scrollWidth ?? 0,
        outside,
      };
    })()`);
    await context.close();
    expect(troubles).toEqual([]);
    expect(seen.outside).toEqual([]);
    expect(seen.ground).toHaveLength(file === 'h.svg' ? 1 : 4);
    expect(new Set(seen.ground)).toEqual(new Set([rgb(ROLES.surface[scheme])]));
    // A picture alone is as wide as it is; a page never scrolls sideways.
    expect(file === 'h.svg' ? width : seen.scrollWidth).toBe(width);
  });
});

function rgb(hex: string): string {
  return `rgb(${[1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join(', ')})`;
}
