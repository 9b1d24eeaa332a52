/** Prints the Debian packages of the programs that are missing here in whole or in part, one a line: `node ci/packages.ts`. */
import { toolLack, TOOLS } from '../src/process/tools.ts';

for (const { command, package: name } of TOOLS)
  if ((await toolLack(command)) !== undefined) process.stdout.write(`${name}\n`);
