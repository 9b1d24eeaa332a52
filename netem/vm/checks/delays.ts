import { linearRegression } from 'simple-statistics';
import { chooseBackend } from '../../../src/link/backends.ts';
import { calibrate } from '../../../src/link/calibrate.ts';
import { resolveLink } from '../../../src/link/spec.ts';
import { check, demand, within } from '../harness.ts';
import { over } from '../links.ts';

/** Emulated processors are slow and uneven, so what is asked for is large beside what they add. */
const DELAYS_MS = [20, 150, 300];

await check('it is the best backend here', async () => {
  const { backend, why } = await chooseBackend('auto', [resolveLink({ oneWayMs: 34 })]);
  demand(backend.name === 'netem', why);
  return why;
});

await check('one-way delays', async () => {
  const links = DELAYS_MS.map((oneWayMs) => resolveLink({ oneWayMs }));
  const found = await over({ oneWayMs: 0 }, (open) => calibrate(open, links, { probes: 20 }));
  const slopes = (['upMs', 'downMs'] as const).map(
    (way) => linearRegression(links.map(({ id, up }) => [up.delayMs, found.get(id)?.measured[way] ?? NaN])).m,
  );
  for (const one of slopes) within(one, 1, 0.03);
  return `slopes over ${DELAYS_MS.join(', ')} ms: up ${slopes[0]?.toFixed(4)}, down ${slopes[1]?.toFixed(4)}`;
});

await check('an asymmetric link', async () => {
  const link = resolveLink({ oneWayMs: { up: 10, down: 40 } });
  const found = await over({ oneWayMs: 0 }, (open) => calibrate(open, [link], { probes: 20 }));
  const { measured, floor } = found.get(link.id) ?? {};
  const [upMs, downMs] = [
    (measured?.upMs ?? NaN) - (floor?.upMs ?? NaN),
    (measured?.downMs ?? NaN) - (floor?.downMs ?? NaN),
  ];
  const text = `up ${upMs.toFixed(2)} ms of 10, down ${downMs.toFixed(2)} ms of 40, beyond the floor`;
  demand(Math.abs(upMs - 10) < 2 && Math.abs(downMs - 40) < 2, text);
  return text;
});
