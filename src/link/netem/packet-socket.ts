import { nowUs } from '../../measure/clock.ts';
import { failure, loadLibc, preferThisThread, timespecUs, waiter } from '../libc.ts';

/** sys/socket.h, linux/if_ether.h. What leaves is shown to sockets of all protocols only. */
const AF_PACKET = 17;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const ETH_P_ALL_BE = 0x0300;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;
/** linux/sockios.h: when the kernel had the packet that was read last, by CLOCK_REALTIME. */
const SIOCGSTAMPNS = 0x8907;
const CLOCK_REALTIME = 0;
const TIMESPEC_BYTES = 16;
/** A packet that waited longer than this, or that is to come, has no stamp that could be meant. */
const LONGEST_WAIT_US = 10e6;
/** Some thousand full packets may wait. */
const BUFFER_BYTES = 16 * 1024 * 1024;
/** `struct sockaddr_ll` (packet(7)): the device's index at byte 4, what kind of packet it is at byte 10. */
const SOCKADDR_BYTES = 20;
const INDEX_AT = 4;
const KIND_AT = 10;
const PACKET_OUTGOING = 4;

/** A packet that a device of the namespace sent or received. */
export interface Seen {
  /** Of the device. */
  index: number;
  outgoing: boolean;
  /** When the kernel had it, in microseconds of the monotonic clock. */
  atUs: number;
  /** Without the link layer's header. */
  bytes: number;
}

/** A socket that is shown every packet of its network namespace (packet(7)). */
export interface PacketSocket {
  /** Reads one packet; undefined when there is none. */
  read(into: Uint8Array): Seen | undefined;
  /** Sleeps until a packet can be read, or so many microseconds at the most. */
  wait(timeoutUs: number): void;
  /** The index of a device. */
  indexOf(device: string): number;
}

/**
 * Opens one for the calling thread, which goes before other work from then on. Throws an Error that names the call which
 * the kernel refused.
 */
export function openPacketSocket(): PacketSocket {
  const libc = loadLibc();
  const fd = libc.socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK, ETH_P_ALL_BE);
  if (fd < 0) throw failure('open a packet socket');
  const size = new Uint8Array(4);
  new DataView(size.buffer).setInt32(0, BUFFER_BYTES, true);
  // Past the system's own limit only the machine's root may go; what does not fit is told as missed.
  if (libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, size, size.length) < 0)
    libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, size, size.length);
  preferThisThread(libc);

  const stamp = new Uint8Array(TIMESPEC_BYTES);
  const real = new Uint8Array(TIMESPEC_BYTES);
  /**
   * The kernel stamps by the clock of the day. The two clocks are read one after the other, so that the stamp is as exact
   * as a call takes: it does not hang on when this thread gets to run.
   */
  const stampedUs = (): number => {
    const failed = libc.ioctl(fd, SIOCGSTAMPNS, stamp) < 0;
    libc.clock_gettime(CLOCK_REALTIME, real);
    const now = nowUs();
    const agoUs = timespecUs(real) - timespecUs(stamp);
    return failed || agoUs < 0 || agoUs > LONGEST_WAIT_US ? now : now - agoUs;
  };
  // The first call has the kernel begin to stamp.
  stampedUs();
  const address = new Uint8Array(SOCKADDR_BYTES);
  const fields = new DataView(address.buffer);
  return {
    read: (into) => {
      const bytes = libc.recvfrom(fd, into, into.length, 0, address, [SOCKADDR_BYTES]);
      if (bytes < 0) return undefined;
      return {
        index: fields.getInt32(INDEX_AT, true),
        outgoing: fields.getUint8(KIND_AT) === PACKET_OUTGOING,
        atUs: stampedUs(),
        bytes,
      };
    },
    wait: waiter(libc, fd),
    indexOf: (device) => {
      const index = libc.if_nametoindex(device);
      if (index === 0) throw failure(`find the device ${device}`);
      return index;
    },
  };
}
