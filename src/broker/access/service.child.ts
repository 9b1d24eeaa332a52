import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Scheduler } from '../../link/proxy/scheduler.ts';
import { nowUs } from '../../measure/clock.ts';
import { serve } from '../../process/serve.ts';
import { questionSchema, serviceProtocol, type ServiceSettings } from './service.protocol.ts';

const answered: Record<string, number> = {};

/** Closer than timers, which count whole milliseconds. */
const scheduler = new Scheduler();

serve(serviceProtocol, () => ({ listen, answered: () => answered }));

/** An HTTP server that is asked by POST for a client's {@link Permissions}, and takes its time. */
async function listen(settings: ServiceSettings): Promise<{ port: number }> {
  await scheduler.ready;
  const server = createServer((request, response) => {
    const askedUs = nowUs();
    answer(request, settings)
      .catch((error: unknown): Answer => ({ status: 400, body: { error: String(error) }, delayMs: 0 }))
      .then(({ status, body, delayMs }) =>
        wait(askedUs + delayMs * 1000).then(() => send(response, status, body)),
      )
      // Who hangs up before the answer needs none.
      .catch(() => response.destroy());
  });
  // The broker's connections are kept open for the next question, however long that takes.
  server.keepAliveTimeout = 0;
  server.listen({ host: settings.host, port: 0 });
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port };
}

interface Answer {
  status: number;
  body: unknown;
  delayMs: number;
}

async function answer(request: IncomingMessage, settings: ServiceSettings): Promise<Answer> {
  const body = await text(request);
  if (!isBearer(request.headers.authorization, settings.token))
    return { status: 401, body: { error: 'no token that is known here' }, delayMs: 0 };
  const { clientId, mode } = questionSchema.parse(JSON.parse(body));
  const rule = settings.rules.find(({ clients }) => new RegExp(clients).test(clientId));
  const delayMs = settings.delayMsByMode[mode] ?? settings.delayMs;
  return rule?.permissions === undefined
    ? { status: 403, body: { error: 'this client may use nothing' }, delayMs }
    : { status: 200, body: rule.permissions, delayMs };
}

function wait(untilUs: number): Promise<void> {
  return new Promise((resolve) =>
    scheduler.at(untilUs, {
      release: () => {
        resolve();
        return undefined;
      },
    }),
  );
}

function isBearer(given: string | undefined, token: string): boolean {
  const [own, shown] = [Buffer.from(`Bearer ${token}`), Buffer.from(given ?? '')];
  return own.length === shown.length && timingSafeEqual(own, shown);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  answered[status] = (answered[status] ?? 0) + 1;
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
