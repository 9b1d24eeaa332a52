import { execa } from 'execa';
import { environmentError } from '../errors.ts';
import { serve } from '../process/serve.ts';
import { netemProtocol } from './netem/protocol.ts';
import { steady } from './steady.ts';

// This process is the first one in its network namespace, and the namespace, with all devices and queues in it, ends
// with its last one.
serve(netemProtocol, () => ({
  steady,
  run: async ({ argv: [command, ...args] }) => {
    const { failed, stdout, stderr, shortMessage } = await execa(command, args, { reject: false });
    if (failed)
      throw environmentError(`\`${[command, ...args].join(' ')}\` failed: ${stderr || shortMessage}`);
    return { stdout };
  },
}));
