import { expect } from 'vitest';
import { toolLack, type ToolName } from '../../src/process/tools.ts';

/** Whether a program is installed. CI must have it; elsewhere the tests that need it are skipped, and say so. */
export async function hasTool(command: ToolName): Promise<boolean> {
  const lack = await toolLack(command);
  if (lack === undefined) return true;
  process.stderr.write(`SKIPPED, ${lack}\n`);
  if (process.env['CI'] === 'true') expect.fail(`CI needs every tool: ${lack}`);
  return false;
}
