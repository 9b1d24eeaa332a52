import { configDefaults, defineConfig } from 'vitest/config';
import { COMPILE_CACHE } from './test/helpers/compile-cache.ts';

/** What takes longer than a developer waits: `npm run -s test:long`. */
const LONG = 'test/**/*.long.test.ts';

/** No timing of these depends on what else the machine does: they go side by side. */
const SIDE_BY_SIDE = [
  'test/{compare,gate,history,measure,model,payload,pki,report,results,runtimes,scenario,stats,trace}/**/*.test.ts',
  'test/commands/{against,budget,doctor,dry-run,history,init,links,micro,modes,payload,report,schema}.test.ts',
  'test/cli.test.ts',
];

const shared = { testTimeout: 60_000, hookTimeout: 60_000, env: COMPILE_CACHE };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'side by side',
          include: SIDE_BY_SIDE,
          exclude: [...configDefaults.exclude, LONG],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
          ...shared,
        },
      },
      {
        test: {
          name: 'one by one',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, LONG, ...SIDE_BY_SIDE],
          // Real brokers, links and swarms share two cores: files run one after another so that timings mean something.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          ...shared,
        },
      },
    ],
  },
});
