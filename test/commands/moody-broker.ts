/**
 * A broker that does what a bad one does: `node moody-broker.ts HOST PORT FOLDER MOOD`. It counts its starts in FOLDER, of
 * which the first is for the bench to try it. Moods: `refuses` every other client; `refuses-once`, in the first measurement
 * alone; `dies`, with exit code 7 after some connections.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Aedes } from 'aedes';

const [host = '', port, folder = '', mood] = process.argv.slice(2);

const TRIAL = 1;
const FIRST_MEASUREMENT = 2;
/** More than a trial takes. */
const LIVES = 15;

const start = readdirSync(folder).length + 1;
writeFileSync(join(folder, String(start)), '');
const refuses =
  (mood === 'refuses' && start > TRIAL) || (mood === 'refuses-once' && start === FIRST_MEASUREMENT);

let clients = 0;
const broker = await Aedes.createBroker({
  authenticate: (_client, _user, _password, done) => {
    const isLetIn = !(refuses && clients++ % 2 === 0);
    done(isLetIn ? null : Object.assign(new Error('not today'), { returnCode: 5 }), isLetIn);
  },
});
let connections = 0;
createServer({ noDelay: true }, (socket) => {
  if (mood === 'dies' && ++connections > LIVES) {
    process.stderr.write('out of ideas\n', () => process.exit(7));
    return;
  }
  broker.handle(socket);
}).listen(Number(port), host);
