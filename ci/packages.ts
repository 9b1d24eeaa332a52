/** Prints the Debian packages of the programs that are missing here, one a line: `node ci/packages.ts`. */
import { locateTool, TOOLS } from '../src/process/tools.ts';

for (const { command, package: name } of TOOLS)
  if ((await locateTool(command)) === undefined) process.stdout.write(`${name}\n`);
