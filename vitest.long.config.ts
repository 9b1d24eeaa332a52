import { defineConfig } from 'vitest/config';
import { COMPILE_CACHE } from './test/helpers/compile-cache.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.long.test.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    env: COMPILE_CACHE,
  },
});
