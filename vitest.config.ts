import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // What takes longer than a developer waits: `npm run -s test:long`.
    exclude: [...configDefaults.exclude, 'test/**/*.long.test.ts'],
    // Real brokers, links and swarms share two cores: files run one after another so that timings mean something.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
