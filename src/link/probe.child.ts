import { serve } from '../process/serve.ts';
import { probe } from './probe/prober.ts';
import { probeProtocol } from './probe/protocol.ts';
import { respond } from './probe/responder.ts';

serve(probeProtocol, () => ({
  listen: async ({ host }) => ({ port: await respond(host) }),
  probe: async (plan) => ({ observations: await probe(plan) }),
}));
