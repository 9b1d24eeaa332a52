import type { LinkBackend } from './backend.ts';
import { refusal } from './refuse.ts';
import { isNullLink } from './spec.ts';

/** No emulator: clients dial the broker itself, over the machine's loopback. */
export const noneBackend: LinkBackend = {
  name: 'none',
  reachesElsewhere: true,
  tapped: false,
  abilities: ['hops'],
  probe: () => Promise.resolve({ available: true, detail: 'loopback, nothing in between' }),
  cannot: (link) =>
    isNullLink(link)
      ? []
      : ['it puts nothing between client and broker, so a link has no delay, loss or rate'],
  open: () =>
    Promise.resolve({
      backend: 'none',
      tcp: "the kernel's over loopback",
      modelled: [],
      tapped: false,
      brokerHost: '127.0.0.1',
      prefix: { client: [], broker: [] },
      children: [],
      route: (link, target) => {
        const refused = refusal(noneBackend, link);
        if (refused !== undefined) return Promise.reject(refused);
        return Promise.resolve({ ...target, linkId: link.id, modelledConnectMs: 0 });
      },
      lateness: () => Promise.resolve(undefined),
      traffic: () => Promise.resolve(new Map()),
      close: () => Promise.resolve(),
    }),
};
