const tally = { passed: 0, failed: 0 };

/** Runs a check and says what became of it; what it answers is shown beside its name. */
export async function check(name: string, body: () => Promise<string>): Promise<void> {
  const startMs = performance.now();
  try {
    say(`ok    ${name}: ${await body()} (${seconds(startMs)})`);
    tally.passed++;
  } catch (error) {
    say(
      `FAIL  ${name} (${seconds(startMs)}):\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    tally.failed++;
  }
}

/** The last line, and the exit code. */
export function conclude(): void {
  say(`${tally.passed} passed, ${tally.failed} failed`);
  process.exitCode = tally.failed === 0 && tally.passed > 0 ? 0 : 1;
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function seconds(sinceMs: number): string {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
}

/** Throws with `text` when something does not hold. */
export function demand(holds: boolean, text: string): void {
  if (!holds) throw new Error(text);
}

export function within(found: number, expected: number, tolerance: number, what = 'it'): void {
  demand(
    Math.abs(found / expected - 1) <= tolerance,
    `${what} is ${found.toFixed(4)}, more than ${tolerance * 100} % off ${expected}`,
  );
}
