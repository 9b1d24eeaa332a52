import { ALL_ROLES } from '../palette.ts';

/** Colours that only the page has, not the pictures. */
const PAGE_ROLES = [
  { name: 'link', light: '#1a5fc4', dark: '#70aaff' },
  { name: 'grave', light: '#b42318', dark: '#ff9c92' },
  { name: 'grave-ground', light: '#fef1f0', dark: '#34191a' },
  { name: 'caution', light: '#8a5a00', dark: '#f2c661' },
  { name: 'caution-ground', light: '#fff7e6', dark: '#2e2613' },
];

/** The style sheet of the report: light and dark, desktop, phone and paper. */
export function styleSheet(): string {
  const roles = [...ALL_ROLES, ...PAGE_ROLES];
  const variables = (scheme: 'light' | 'dark'): string =>
    roles.map((role) => `--${role.name}:${role[scheme]}`).join(';');
  return `
:root{color-scheme:light dark;${variables('light')}}
@media screen and (prefers-color-scheme:dark){:root{${variables('dark')}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--surface);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main,header,footer{max-width:912px;margin:0 auto;padding:0 16px}
header{padding-top:40px}
h1{font-size:clamp(1.5rem,4.4vw,2.2rem);line-height:1.2;margin:.2em 0 .5em;letter-spacing:-.015em;text-wrap:balance}
h2{font-size:1.4rem;line-height:1.25;margin:2.6em 0 .6em;padding-top:.9em;border-top:1px solid var(--grid);letter-spacing:-.01em}
h3{font-size:1.1rem;margin:2.2em 0 .5em}
p,ul,dl{margin:.6em 0}
a{color:var(--link)}
h1,h2,h3,h4,p,li,dd,dt,figcaption,summary{overflow-wrap:anywhere}
.eyebrow{color:var(--muted);font-size:.85rem;margin:0}
.answer{font-size:1.15rem;line-height:1.5}
.answer strong{font-weight:650}
.more{color:var(--muted)}
.banner{border-left:4px solid;border-radius:0 6px 6px 0;padding:.7em 1em;margin:1.2em 0}
.banner h2{font-size:1rem;margin:0;padding:0;border:0}
.banner ul{margin:.4em 0 0;padding-left:1.2em}
.grave{border-color:var(--grave);background:var(--grave-ground)}
.grave h2{color:var(--grave)}
.caution{border-color:var(--caution);background:var(--caution-ground)}
.caution h2{color:var(--caution)}
nav ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.2em 1.2em;font-size:.9rem}
figure{margin:1.6em 0}
figure h4{margin:0 0 .8em;font-size:1rem}
figure svg{display:block;max-width:100%;height:auto;margin:0 auto}
.narrow{display:none}
figcaption{color:var(--muted);font-size:.85rem;line-height:1.45;margin-top:.7em;max-width:54em}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:0 24px;align-items:start}
.pair figure{margin:.8em 0}
.scroll{overflow-x:auto;margin:0 0 1em;-webkit-overflow-scrolling:touch}
.scroll:focus-visible{outline:2px solid var(--link);outline-offset:2px}
table{border-collapse:collapse;font-size:.85rem;line-height:1.35;min-width:100%}
.caption{color:var(--muted);font-size:.85rem;line-height:1.45;margin:1.4em 0 .4em}
th,td{padding:.42em .7em;text-align:left;vertical-align:top;white-space:nowrap;border-bottom:1px solid var(--grid)}
th:first-child,td:first-child{padding-left:0}
thead th{color:var(--muted);font-weight:600;white-space:normal;vertical-align:bottom;border-bottom:1px solid var(--axis)}
tbody th{font-weight:600;position:sticky;left:0;background:var(--surface)}
.n{text-align:right;font-variant-numeric:tabular-nums}
.text{white-space:normal;min-width:15em;overflow-wrap:anywhere}
tbody th.text{white-space:normal;min-width:13em;overflow-wrap:break-word}
.strong th,.strong td{background:var(--band);font-weight:700}
details{margin:.6em 0}
summary{cursor:pointer;color:var(--link);font-size:.9rem}
dt{font-weight:600;margin-top:.7em}
dd{margin:0}
code{font:.92em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.dot{display:inline-block;width:.7em;height:.7em;border-radius:50%;margin-right:.45em}
footer{color:var(--muted);font-size:.85rem;padding-top:2em;padding-bottom:3em}
@media (max-width:720px){
.wide{display:none}
.narrow{display:block}
th,td{padding:.4em .55em}
.text,tbody th.text{min-width:9.5em}
}
@media print{
body{font-size:11pt}
main,header,footer{max-width:none}
nav{display:none}
.wide{display:block}
.narrow{display:none}
figure,tr,.banner{break-inside:avoid}
h2,h3{break-after:avoid}
.scroll{overflow:visible}
table{font-size:8pt}
details::details-content{display:block;content-visibility:visible;height:auto}
}
`.trim();
}
