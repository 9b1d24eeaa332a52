import { netemBackend } from '../../../src/link/netem.ts';
import { proxyBackend } from '../../../src/link/proxy.ts';
import { compare } from '../../../test/link/agreement/compare.ts';
import { downloads, ladder } from '../../../test/link/agreement/experiments.ts';
import { check, within } from '../harness.ts';

/** So far that what the emulated processor needs is little beside it. */
const ONE_WAY_MS = 1000;
const ROUNDS = 3;

await check('the modelled TCP of the proxy takes as long as the real one over netem', async () => {
  const far = { oneWayMs: ONE_WAY_MS };
  const rows = await compare(
    [netemBackend, proxyBackend],
    [...ladder([13, 50], 'far', far), ...downloads([13], 'far and narrow', { ...far, rateKbit: 100 })],
    ROUNDS,
  );
  const found = rows.map(({ name, tookMs }) => {
    const [real = Number.NaN, modelled = Number.NaN] = tookMs.map((times) => Math.min(...times));
    within(modelled, real, 0.02, name);
    return `${name}: netem ${real.toFixed(0)}, proxy ${modelled.toFixed(0)} ms`;
  });
  return `\n      ${found.join('\n      ')}\n     `;
});
