import type { Reporter, TestModule } from 'vitest/node';

/** Names in the last lines what passed only when it was tried again, so that nobody takes it for sound. */
export class FlakyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const flaky = modules.flatMap(({ relativeModuleId, children }) =>
      [...children.allTests('passed')]
        .filter((test) => test.diagnostic()?.flaky)
        .map((test) => {
          const [{ message } = { message: '' }] = test.result().errors ?? [];
          return `  ${relativeModuleId}: ${test.fullName}: ${message.split('\n', 1)[0]}\n`;
        }),
    );
    if (flaky.length > 0) process.stdout.write(`\nPassed only when tried again:\n${flaky.join('')}`);
  }
}
