import type { Reason } from '../line.ts';
import { helloRetryRequest } from './hello-retry-request.ts';
import { lostResumption } from './lost-resumption.ts';
import { nagle } from './nagle.ts';
import { retransmission } from './retransmission.ts';
import { slowStart } from './slow-start.ts';

/** Everything that inference looks for, the most telling first. A new one is one file, one line here, one name in the schema. */
export const REASONS = [
  lostResumption,
  helloRetryRequest,
  nagle,
  slowStart,
  retransmission,
] as const satisfies Reason[];
