import { connect } from 'node:net';
import { environmentError } from '../../errors.ts';

/** Where every userland WireGuard listens for its configuration. */
const FOLDER = '/var/run/wireguard';

/**
 * Asks a userland WireGuard, by its cross-platform interface (wireguard.com/xplatform): `set=1` or `get=1`, then lines
 * of `key=value`. Answers the lines; throws an environment error (exit code 5) when it refuses.
 */
export function askWireguard(
  device: string,
  operation: 'set' | 'get',
  lines: readonly string[] = [],
): Promise<string[]> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(`${FOLDER}/${device}.sock`, () => {
      socket.write([`${operation}=1`, ...lines, '', ''].join('\n'));
    });
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      answer += text;
      if (!answer.endsWith('\n\n')) return;
      socket.destroy();
      const found = answer.trim().split('\n');
      const errno = found.find((line) => line.startsWith('errno='));
      if (errno === 'errno=0') resolve(found);
      else reject(environmentError(`The WireGuard device ${device} refuses its configuration: ${errno}`));
    });
    socket.on('error', reject);
  });
}

/** Whether any peer of a device has shaken hands with it since it was made known. */
export async function hasShakenHands(device: string): Promise<boolean> {
  const lines = await askWireguard(device, 'get');
  return lines.some((line) => line.startsWith('last_handshake_time_sec=') && !line.endsWith('=0'));
}
