import { configDefaults, defineConfig } from 'vitest/config';
import { FlakyReporter } from './test/helpers/flaky-reporter.ts';
import { COMPILE_CACHE } from './test/helpers/compile-cache.ts';

/** A run spends much of its time waiting, and no figure of these depends on what else the machine does. */
const SIDE_BY_SIDE = [
  'test/{broker,payload,report,runtimes,trace}/**/*.long.test.ts',
  'test/commands/{doctor,external,gate,own-broker,run,run-ended,trace}.long.test.ts',
  'test/lab/{access,protection}.long.test.ts',
  'test/swarm/mqtt5.long.test.ts',
];

// Two shared cores stand still for seconds now and then: what fails once is tried again, and told.
const shared = { testTimeout: 120_000, hookTimeout: 120_000, retry: 1, env: COMPILE_CACHE };

export default defineConfig({
  test: {
    reporters: ['default', new FlakyReporter()],
    projects: [
      {
        test: {
          name: 'side by side',
          include: SIDE_BY_SIDE,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
          ...shared,
        },
      },
      {
        test: {
          name: 'one by one',
          include: ['test/**/*.long.test.ts'],
          exclude: [...configDefaults.exclude, ...SIDE_BY_SIDE],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          ...shared,
        },
      },
    ],
  },
});
