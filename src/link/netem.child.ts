import { writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { environmentError } from '../errors.ts';
import { serve } from '../process/serve.ts';
import { steadyTcp } from './namespace.ts';
import { CaptureThread } from './netem/capture.ts';
import { netemProtocol } from './netem/protocol.ts';

// This process is the first one in its network namespace, and the namespace, with all devices and queues in it, ends
// with its last one.
serve(netemProtocol, ({ emit }) => {
  let capture: CaptureThread | undefined;
  return {
    steady: async () => {
      await steadyTcp();
      // Devices that are made from now on; a kernel without IPv6 has nothing to switch off.
      await writeFile('/proc/sys/net/ipv6/conf/default/disable_ipv6', '1').catch(() => {});
    },
    run: async ({ argv: [command, ...args] }) => {
      const { failed, stdout, stderr, shortMessage } = await execa(command, args, { reject: false });
      if (failed)
        throw environmentError(`\`${[command, ...args].join(' ')}\` failed: ${stderr || shortMessage}`);
      return { stdout };
    },
    watch: async ({ device }) => {
      capture = new CaptureThread((flows) => emit({ flows }));
      await capture.open;
      capture.order({ kind: 'tap', device });
    },
    follow: (link) => {
      capture?.order({ kind: 'link', ...link });
    },
    flush: ({ all }) => capture?.flush(all),
  };
});
