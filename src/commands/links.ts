import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { LinkBackend } from '../link/backend.ts';
import { BACKENDS } from '../link/backends.ts';
import { profile, profileNames, type LinkProfile } from '../link/profiles.ts';
import type { Direction } from '../link/spec.ts';
import { columns, print, printJson } from './output.ts';

/** `links`: the named links, where their figures come from, and which backends of this machine can make them. */
export async function execute({ json = false }: { json?: boolean }): Promise<ExitCode> {
  const working = await workingBackends();
  const links = profileNames().map((name) => {
    const link = profile(name);
    return { link, backends: working.filter((one) => one.cannot(link).length === 0).map((one) => one.name) };
  });
  if (json) {
    printJson(links.map(({ link: { id, ...values }, backends }) => ({ name: id, ...values, backends })));
    return EXIT.good;
  }
  print(
    columns(
      ['link', 'one way, ms', 'jitter', 'loss', 'kbit/s', 'made here by', 'source'],
      links.map(({ link, backends }) => [
        link.id,
        each(link, ({ delayMs }) => String(delayMs)),
        each(link, ({ jitterMs }) => (jitterMs === 0 ? '' : `±${jitterMs}`)),
        each(link, ({ loss }) => (loss === 0 ? '' : `${+(loss * 100).toPrecision(6)} %`)),
        each(link, ({ rateKbit }) => String(rateKbit ?? '')),
        backends.join(', ') || '-',
        `${link.source}${link.synthetic ? ' (jitter or loss synthetic)' : ''}`,
      ]),
    ),
  );
  print(
    '\nTwo figures are up / down: client to broker / broker to client. The backend `none` is bare loopback.',
  );
  return EXIT.good;
}

async function workingBackends(): Promise<LinkBackend[]> {
  const found = await Promise.all(BACKENDS.map((backend) => backend.probe()));
  return BACKENDS.filter((_, index) => found[index]?.available === true);
}

function each({ up, down }: LinkProfile, show: (way: Direction) => string): string {
  return show(up) === show(down) ? show(up) : `${show(up)} / ${show(down)}`;
}
