/** A generator of load in a process of its own; what it is to do stands in its argument, what it did goes to stdout. */
import { readClientMaterial } from '../../../src/pki/folder.ts';
import { makeTargets, type Target } from '../../../src/swarm/targets.ts';
import { connectInTurn } from './connect.ts';
import { holdBare } from './hold.ts';
import { orderSchema, type Order } from './order.ts';
import { publishAll } from './publish.ts';

const order = orderSchema.parse(JSON.parse(process.argv[2] ?? ''));
const { targets } = await makeTargets([order.target], (needs) => readClientMaterial(order.pkiFolder, needs));
const target: Target | undefined = targets.get(order.target.cell);
if (target === undefined) throw new Error('No target');
// What paces the starts does not keep a process alive, and before the first one nothing else does.
setInterval(() => {}, 60_000);
process.stdout.write(JSON.stringify(await carryOut(order, target)), () => process.exit(0));

function carryOut(order: Order, target: Target): Promise<object> {
  if (order.kind === 'connect') return connectInTurn(target, order);
  if (order.kind === 'publish') return publishAll(target, order);
  return holdBare(target, order);
}
