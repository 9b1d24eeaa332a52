import type { Availability } from '../backend.ts';
import { machineFacts } from '../machine-facts.ts';
import { namespaceFacts, namespaceLack, trial } from '../namespace-lack.ts';
import { modulesFor, netemLack } from './lack.ts';

/** Tries netem in namespaces that are gone afterwards. A module that is not listed may be built in, so it is tried. */
export async function probe(): Promise<Availability> {
  const machine = await machineFacts();
  const lack = namespaceLack(await namespaceFacts(machine, ['unshare', 'ip', 'tc']));
  if (lack !== undefined) return { available: false, ...lack };
  const [netem, veth, modules] = await Promise.all([
    trial(['tc', 'qdisc', 'add', 'dev', 'lo', 'root', 'netem', 'delay', '1ms']),
    trial(['ip', 'link', 'add', 'up0', 'type', 'veth', 'peer', 'name', 'down0']),
    modulesFor(machine.kernelRelease, ['sch_netem', 'veth']),
  ]);
  const missing = netemLack({ ...machine, netem, veth, modules });
  if (missing !== undefined) return { available: false, ...missing };
  return { available: true, detail: 'tc netem between two network namespaces, under real TCP' };
}
