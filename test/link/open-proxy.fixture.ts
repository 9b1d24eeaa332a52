/** Opens a proxy, says its process id, and waits to be killed. */
import { proxyBackend } from '../../src/link/proxy.ts';
import { resolveLink } from '../../src/link/spec.ts';

const link = await proxyBackend.open({ onFlow: () => {}, onCrash: () => {} });
await link.route(resolveLink({ oneWayMs: 34 }), { host: '127.0.0.1', port: 9 });
process.stdout.write(`${link.children[0]?.pid}\n`);
setInterval(() => {}, 1000);
