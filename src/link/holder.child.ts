import { writeFile } from 'node:fs/promises';
import { serve } from '../process/serve.ts';
import { holderProtocol } from './holder.protocol.ts';
import { routeQuietly, runHere, steadyTcp } from './namespace.ts';
import { CaptureThread } from './netem/capture.ts';

// This process is the first one in its network namespace, and the namespace, with all devices, queues and rules in it,
// ends with its last one.
serve(holderProtocol, ({ emit }) => {
  let capture: CaptureThread | undefined;
  return {
    steady: async () => {
      await steadyTcp();
      await routeQuietly();
      // Devices that are made from now on; a kernel without IPv6 has nothing to switch off.
      await writeFile('/proc/sys/net/ipv6/conf/default/disable_ipv6', '1').catch(() => {});
    },
    forward: () => writeFile('/proc/sys/net/ipv4/ip_forward', '1'),
    run: async ({ argv, input }) => ({ stdout: await runHere(argv, input) }),
    watch: async ({ device, records }) => {
      capture = new CaptureThread(records, {
        onFlows: (flows) => emit({ flows }),
        onPackets: (packets) => emit({ packets }),
      });
      await capture.open;
      capture.order({ kind: 'tap', device });
    },
    follow: (link) => {
      capture?.order({ kind: 'link', ...link });
    },
    flush: ({ all }) => capture?.flush(all),
  };
});
