import { failoverReport } from './failover.ts';
import type { FleetReport } from './fleet-report.ts';
import { holdReport } from './hold.ts';
import { pubsubReport } from './pubsub.ts';
import { stormReport } from './storm.ts';
import { wakeReport } from './wake.ts';

/** In the order in which a report shows them. */
export const FLEET_REPORTS: readonly FleetReport[] = [
  pubsubReport,
  failoverReport,
  wakeReport,
  stormReport,
  holdReport,
];
