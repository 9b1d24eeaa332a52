import { defineConfig } from 'oxlint';

/**
 * The rooms of src/, from the top of the house to its foundation. A file imports from its own room or from a
 * lower one, never from a higher one. README.md ("Architecture") says what each room is for.
 */
const ROOMS = [
  'commands',
  'trace',
  'micro',
  'lab',
  'report',
  'gate',
  'compare',
  'history',
  'results',
  'scenario',
  'swarm',
  'topology',
  'broker',
  'link',
  'modes',
  'payload',
  'pki',
  'model',
  'stats',
  'process',
  'runtimes',
  'measure',
];

export default defineConfig({
  plugins: ['eslint', 'oxc', 'typescript', 'unicorn', 'import', 'promise', 'node', 'vitest'],
  categories: { correctness: 'error', suspicious: 'error', perf: 'error' },
  options: { typeAware: true },
  rules: {
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/await-thenable': 'error',
    'typescript/switch-exhaustiveness-check': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/consistent-type-imports': 'error',
    'import/no-cycle': 'error',
    'eslint/eqeqeq': 'error',
    'eslint/max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
    'eslint/no-console': 'error',
    // Steps of a lab and rounds of a run are sequential on purpose.
    'eslint/no-await-in-loop': 'off',
    // A child process module is run for its effect; a list of the rooms' files imports them by name.
    'import/no-unassigned-import': 'off',
    'eslint/no-underscore-dangle': 'off',
    'unicorn/no-array-sort': 'off',
    'unicorn/no-array-reverse': 'off',
    // Fastest is not asked of glue code; maps over cells read better.
    'oxc/no-map-spread': 'off',
    'promise/always-return': 'off',
    'eslint/no-shadow': 'off',
    'unicorn/consistent-function-scoping': 'off',
    'promise/no-multiple-resolved': 'off',
    // Generic protocols cannot be narrowed by type guards; zod has looked at the value.
    'typescript/no-unsafe-type-assertion': 'off',
  },
  overrides: ROOMS.map((room, floor) => ({
    files: [`src/${room}/**`],
    rules: {
      'eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: [...ROOMS.slice(0, floor).map((above) => `**/${above}/**`), '**/cli.ts'],
              message: `Imports go down the house: ${room}/ may not import from a room above it.`,
            },
          ],
        },
      ] as const,
    },
  })),
});
