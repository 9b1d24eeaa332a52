import { expect } from 'vitest';
import { toolLack, type ToolName } from '../../src/process/tools.ts';

/** Whether programs are here that a test needs. CI must have them; elsewhere the test is skipped, and says so. */
export async function hasTools(...names: ToolName[]): Promise<boolean> {
  const lacks = (await Promise.all(names.map((name) => toolLack(name)))).filter((lack) => lack !== undefined);
  for (const lack of lacks) {
    process.stderr.write(`SKIPPED, ${lack}\n`);
    if (process.env['CI'] === 'true') expect.fail(`CI needs every tool: ${lack}`);
  }
  return lacks.length === 0;
}
