/**
 * Prints a shell script that sets a named link up by hand: `node netem/make-lab.ts [LINK] > lab.sh`. The committed
 * netem/lab.sh is that of the reference link.
 */
import { labScript } from '../src/link/netem/script.ts';
import { profile } from '../src/link/profiles.ts';

const [name = 'reference'] = process.argv.slice(2);
process.stdout.write(labScript(profile(name)));
