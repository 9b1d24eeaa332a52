import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROLES } from '../../src/report/palette.ts';
import { writeReport } from '../../src/report/write.ts';
import { findChromium, launchChromium } from './chromium.ts';
import { sharedFolders } from '../helpers/temporary-folder.ts';
import { fixture } from './fixture.ts';
import { hostile } from './variants.ts';

const executable = findChromium();
const folderOf = sharedFolders();

if (executable === undefined) {
  process.stderr.write(
    '\nNOT TESTED: report.html in a browser. There is no Chromium in a usual place; install one or set CHROMIUM_PATH.\n\n',
  );
}

test.runIf(process.env['CI'] === 'true')('CI has a browser to open the report in', () => {
  expect(executable).toBeDefined();
});

describe.skipIf(executable === undefined)('report.html in a browser', () => {
  let browser: Browser;
  let addresses: Record<string, string>;

  beforeAll(async () => {
    addresses = {
      reference: await written(fixture({ load: ['tls13'] })),
      hostile: await written(hostile()),
    };
    browser = await launchChromium(executable ?? '');
  });
  afterAll(() => browser?.close());

  async function written(results: ReturnType<typeof fixture>): Promise<string> {
    const folder = folderOf();
    await writeReport(results, folder);
    return pathToFileURL(join(folder, 'report.html')).href;
  }

  /** Opens a report and answers what went wrong and what was asked of the network meanwhile. */
  async function open(name: string, colorScheme: 'light' | 'dark', width: number): Promise<Opened> {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
    const page = await context.newPage();
    const troubles: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => troubles.push(message.text()));
    page.on('pageerror', (error) => troubles.push(error.message));
    page.on('dialog', (dialog) => {
      troubles.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(addresses[name] ?? '');
    return { page, troubles, requests, close: () => context.close() };
  }

  const cases = (['reference', 'hostile'] as const).flatMap((name) =>
    (['light', 'dark'] as const).flatMap((scheme) => [360, 1200].map((width) => ({ name, scheme, width }))),
  );

  test.each(cases)('$name, $scheme, $width pixels wide', async ({ name, scheme, width }) => {
    const { page, troubles, requests, close } = await open(name, scheme, width);
    const seen = await measure(page);
    await close();
    expect(troubles).toEqual([]);
    expect(requests.filter((url) => url !== addresses[name] && url !== 'data:,')).toEqual([]);
    // The page itself never scrolls sideways; wide tables do, each in its own frame.
    expect(seen.scrollWidth).toBe(width);
    expect(seen.background).toBe(rgb(ROLES.surface[scheme]));
    expect(seen.figures).toBeGreaterThan(5);
    expect(seen.pictures).toHaveLength(seen.figures);
    for (const picture of seen.pictures) {
      expect(picture.height).toBeGreaterThan(100);
      expect(picture.left).toBeGreaterThanOrEqual(0);
      expect(picture.right).toBeLessThanOrEqual(width);
      expect(picture.ground).toBe(rgb(ROLES.surface[scheme]));
      // Text of 11 pixels stays readable: no picture is shrunk to fit.
      expect(picture.scale).toBeGreaterThan(0.95);
      expect(picture.overflowing).toEqual([]);
    }
  });

  test('paper gets light pictures and tables that are folded on the screen', async () => {
    const { page, close } = await open('reference', 'dark', 1200);
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    const seen = await measure(page);
    const folded = page.locator('details table').first();
    const box = await folded.boundingBox();
    await close();
    expect(seen.background).toBe(rgb(ROLES.surface.light));
    expect(box?.height ?? 0).toBeGreaterThan(50);
  });
});

interface Opened {
  page: Page;
  troubles: string[];
  requests: string[];
  close: () => Promise<void>;
}

interface Seen {
  scrollWidth: number;
  background: string;
  figures: number;
  pictures: {
    left: number;
    right: number;
    height: number;
    scale: number;
    ground: string;
    overflowing: string[];
  }[];
}

/** What a reader has before him: sizes and colours as the browser laid them out. */
async function measure(page: Page): Promise<Seen> {
  // Runs in the page, whose types are not those of this project.
  const script = `(() => {
    const visible = [...document.querySelectorAll('figure svg')].filter((svg) => svg.getClientRects().length > 0);
    const pictures = visible.map((svg) => {
      const box = svg.getBoundingClientRect();
      const outside = (text) => {
        const own = text.getBoundingClientRect();
        return own.width > 0 && (own.left < box.left - 1 || own.right > box.right + 1);
      };
      return {
        left: box.left, right: box.right, height: box.height,
        scale: box.width / svg.viewBox.baseVal.width,
        ground: getComputedStyle(svg.querySelector('rect')).fill,
        overflowing: [...svg.querySelectorAll('text')].filter(outside).map((text) => text.textContent),
      };
    });
    return {
      scrollWidth: document.documentElement.scrollWidth,
      background: getComputedStyle(document.body).backgroundColor,
      figures: document.querySelectorAll('figure').length,
      pictures,
    };
  })()`;
  return await page.evaluate<Seen>(script);
}

function rgb(hex: string): string {
  return `rgb(${[1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join(', ')})`;
}
