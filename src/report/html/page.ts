import { html, trusted, type Markup } from './markup.ts';
import { styleSheet } from './style.ts';

/** Nothing is loaded and nothing runs, even if a text of the results should ever get past the escaping. */
const POLICY =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** What a page is made of. */
export interface Page {
  title: string;
  /** What wrote it. */
  generator: string;
  header: Markup;
  main: Markup | readonly Markup[];
  footer: Markup;
}

/** A whole page that needs no network and no script, light and dark, on a desk and on a phone. */
export function pageHtml({ title, generator, header, main, footer }: Page): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="generator" content="${generator}" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <style>
          ${trusted(styleSheet())}
        </style>
      </head>
      <body>
        <header>${header}</header>
        <main>${main}</main>
        <footer>${footer}</footer>
      </body>
    </html> `.markup;
}
