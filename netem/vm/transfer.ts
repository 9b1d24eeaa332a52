/**
 * What the checks send over a link, one process at each end:
 *
 *     transfer.ts take PORT                  takes one TCP connection; prints its bytes and times as JSON when it ends
 *     transfer.ts give HOST PORT BYTES       opens it, sends so many bytes and ends it; prints how long connecting took
 *     transfer.ts catch PORT THROWS          notes datagrams until one says that it is the last; prints a list of those
 *                                            of each throw as JSON
 *     transfer.ts throw PORT {HOST N MS}...  throws N numbered datagrams at each host, one every MS milliseconds
 *
 * The receiving ones print `ready` first. Times are microseconds of the monotonic clock, which both ends share.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { nowUs } from '../../src/measure/clock.ts';

const [role = '', ...args] = process.argv.slice(2);

const ROLES: Record<string, () => Promise<void>> = {
  async take() {
    const server = createServer().listen(Number(args[0]), '0.0.0.0');
    await once(server, 'listening');
    say('ready');
    const [socket] = (await once(server, 'connection')) as [Socket];
    let bytes = 0;
    let first: { atUs: number; bytes: number } | undefined;
    let lastUs = 0;
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      lastUs = nowUs();
      bytes += chunk.length;
      first ??= { atUs: lastUs, bytes };
    }
    say(JSON.stringify({ bytes, first, lastUs }));
    server.close();
  },

  async give() {
    const startUs = nowUs();
    const socket = connect({ host: args[0] ?? '', port: Number(args[1]) });
    await once(socket, 'connect');
    const connectedUs = nowUs();
    socket.end(Buffer.alloc(Number(args[2]), 'x'));
    socket.resume();
    await once(socket, 'close');
    say(JSON.stringify({ connectMs: (connectedUs - startUs) / 1000 }));
  },

  async catch() {
    const socket = createSocket('udp4');
    const caught = Array.from({ length: Number(args[1]) }, (): { n: number; tookUs: number }[] => []);
    socket.bind(Number(args[0]), '0.0.0.0');
    await once(socket, 'listening');
    socket.setRecvBufferSize(4_000_000);
    say('ready');
    await new Promise<void>((resolve) => {
      socket.on('message', (message) => {
        const [n = 0, sentUs = 0, which = 0] = new Float64Array(Uint8Array.from(message).buffer);
        if (n < 0) resolve();
        else caught[which]?.push({ n, tookUs: nowUs() - sentUs });
      });
    });
    say(JSON.stringify(caught));
    socket.close();
  },

  async throw() {
    const [port, ...rest] = args;
    const socket = createSocket('udp4');
    const send = (host: string, ...numbers: number[]): Promise<void> =>
      new Promise((resolve, reject) => {
        const packet = new Uint8Array(Float64Array.from(numbers).buffer);
        socket.send(packet, Number(port), host, (error) => (error === null ? resolve() : reject(error)));
      });
    for (let which = 0; which * 3 < rest.length; which++) {
      const [host = '', count, everyMs] = rest.slice(which * 3);
      for (let n = 0; n < Number(count); n++) {
        await send(host, n, nowUs(), which);
        if (Number(everyMs) > 0) await sleep(Number(everyMs));
      }
    }
    // Said so late that the others have arrived, and so often that one of them does.
    await sleep(1500);
    for (let n = 0; n < 10; n++) {
      await send(rest[0] ?? '', -1);
      await sleep(50);
    }
    socket.close();
  },
};

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const play = ROLES[role];
if (play === undefined) throw new Error(`There is no role '${role}'`);
await play();
