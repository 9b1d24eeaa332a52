import { expect } from 'vitest';
import { toolLack, type ToolName } from '../../src/process/tools.ts';

/**
 * Whether these programs are all here. CI must have them; elsewhere the tests that need them are skipped, and say so.
 */
export async function hasTools(...commands: ToolName[]): Promise<boolean> {
  const lacks = (await Promise.all(commands.map(toolLack))).filter((lack) => lack !== undefined);
  for (const lack of lacks) {
    process.stderr.write(`SKIPPED, ${lack}\n`);
    if (process.env['CI'] === 'true') expect.fail(`CI needs every program: ${lack}`);
  }
  return lacks.length === 0;
}
