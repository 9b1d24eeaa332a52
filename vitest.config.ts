import { configDefaults, defineConfig } from 'vitest/config';
import { FlakyReporter } from './test/helpers/flaky-reporter.ts';
import { COMPILE_CACHE } from './test/helpers/compile-cache.ts';

/** What takes longer than a developer waits: `npm run -s test:long`. */
const LONG = 'test/**/*.long.test.ts';

/** Real brokers, links and swarms share two cores: these run one after another so that timings mean something. */
const ONE_BY_ONE = [
  'test/broker/aedes.test.ts',
  'test/commands/trace.test.ts',
  'test/lab/{assemble,cleanup,run}.test.ts',
  'test/link/*.test.ts',
  'test/micro/*.test.ts',
  'test/process/{child,loop-watch,memory}.test.ts',
  'test/swarm/**/*.test.ts',
];

// Two shared cores stand still for seconds now and then: what fails once is tried again, and told.
const shared = { testTimeout: 60_000, hookTimeout: 60_000, retry: 1, env: COMPILE_CACHE };

export default defineConfig({
  test: {
    reporters: ['default', new FlakyReporter()],
    projects: [
      {
        test: {
          name: 'side by side',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, LONG, ...ONE_BY_ONE],
          maxWorkers: 2,
          // Loading what they share takes a third of their time, and none of it keeps what one file leaves to the next.
          isolate: false,
          sequence: { groupOrder: 0 },
          ...shared,
        },
      },
      {
        test: {
          name: 'one by one',
          include: ONE_BY_ONE,
          exclude: [...configDefaults.exclude, LONG],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          ...shared,
        },
      },
    ],
  },
});
