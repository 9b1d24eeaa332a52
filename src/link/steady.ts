import { writeFile } from 'node:fs/promises';

/** What would make one connection differ from the next, by sysctl name. */
export const STEADY_SETTINGS = [
  // A connection would begin with what the one before it learnt of the path.
  ['net.ipv4.tcp_no_metrics_save', '1'],
  ['net.ipv4.tcp_congestion_control', 'cubic'],
  // Devices that are made from now on: router solicitations would cross the link beside what is measured.
  ['net.ipv6.conf.default.disable_ipv6', '1'],
] as const satisfies readonly (readonly [name: string, value: string])[];

/** Settles it in this process's network namespace; where the kernel does not let us, the default stays. */
export async function steady(): Promise<void> {
  for (const [name, value] of STEADY_SETTINGS) {
    await writeFile(`/proc/sys/${name.replaceAll('.', '/')}`, value).catch(() => {});
  }
}
