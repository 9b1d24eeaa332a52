import koffi, { type LibraryHandle } from 'koffi';
import { messageOf } from '../errors.ts';

/** poll.h, sys/prctl.h. */
const POLLIN = 0x001;
const PR_SET_TIMERSLACK = 29;
/**
 * sched(7): a real-time thread goes before all ordinary work. With both cores loaded by others, the 99th percentile of
 * lateness was 0.06 to 0.3 ms with it and 1 to 33 ms without. It only ever sleeps, or spins for some 60 µs.
 */
const SCHED_FIFO = 1;
/** The kernel rounds a sleep up by as much; its default of 50 µs would be in every packet. */
const TIMER_SLACK_NS = 1;

/** What of the C library the link's threads call. */
export interface Libc {
  open(path: string, flags: number): number;
  ioctl(fd: number, request: number, argument: Uint8Array): number;
  read(fd: number, into: Uint8Array, bytes: number): number;
  write(fd: number, from: Uint8Array, bytes: number): number;
  socket(domain: number, type: number, protocol: number): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, bytes: number): number;
  recvfrom(
    fd: number,
    into: Uint8Array,
    bytes: number,
    flags: number,
    address: Uint8Array,
    addressBytes: [number],
  ): number;
  if_nametoindex(name: string): number;
  ppoll(fds: object[], count: number, timeout: object, mask: null): number;
  sched_setscheduler(pid: number, policy: number, parameters: object): number;
  prctl(option: number, a: number, b: number, c: number, d: number): number;
  clock_gettime(clock: number, into: Uint8Array): number;
}

let loaded: Libc | undefined;

/** The C library. Throws an Error where there is none that could be called. */
export function loadLibc(): Libc {
  if (loaded !== undefined) return loaded;
  let library: LibraryHandle;
  try {
    library = koffi.load('libc.so.6');
  } catch (error) {
    throw new Error(`no C library that could be called: ${messageOf(error)}`, { cause: error });
  }
  koffi.struct('pollfd', { fd: 'int', events: 'short', revents: 'short' });
  koffi.struct('sched_param', { sched_priority: 'int' });
  koffi.struct('timespec', { tv_sec: 'long', tv_nsec: 'long' });
  loaded = {
    open: library.func('int open(const char *path, int flags)'),
    ioctl: library.func('int ioctl(int fd, unsigned long request, _Inout_ uint8_t *argument)'),
    read: library.func('long read(int fd, _Out_ uint8_t *into, unsigned long bytes)'),
    write: library.func('long write(int fd, const uint8_t *from, unsigned long bytes)'),
    socket: library.func('int socket(int domain, int type, int protocol)'),
    setsockopt: library.func(
      'int setsockopt(int fd, int level, int name, const uint8_t *value, uint32_t bytes)',
    ),
    recvfrom: library.func(
      'long recvfrom(int fd, _Out_ uint8_t *into, unsigned long bytes, int flags, _Out_ uint8_t *address, _Inout_ uint32_t *addressBytes)',
    ),
    if_nametoindex: library.func('uint32_t if_nametoindex(const char *name)'),
    ppoll: library.func(
      'int ppoll(_Inout_ pollfd *fds, unsigned long count, const timespec *timeout, void *mask)',
    ),
    sched_setscheduler: library.func(
      'int sched_setscheduler(int pid, int policy, const sched_param *parameters)',
    ),
    clock_gettime: library.func('int clock_gettime(int clock, _Out_ uint8_t *into)'),
    prctl: library.func(
      'int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)',
    ),
  };
  return loaded;
}

/** Has the calling thread go before other work, where that is allowed, and its sleeps end in time. */
export function preferThisThread(libc: Libc): void {
  libc.prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS, 0, 0, 0);
  // Refused to an unprivileged user; then the lateness in the results says what the machine's other work cost.
  libc.sched_setscheduler(0, SCHED_FIFO, { sched_priority: 1 });
}

/** Answers what sleeps until there is something to read, or so many microseconds at the most. */
export function waiter(libc: Libc, fd: number): (timeoutUs: number) => void {
  const poll = [{ fd, events: POLLIN, revents: 0 }];
  const timeout = { tv_sec: 0, tv_nsec: 0 };
  return (timeoutUs) => {
    timeout.tv_sec = Math.floor(timeoutUs / 1e6);
    timeout.tv_nsec = Math.floor((timeoutUs % 1e6) * 1000);
    libc.ppoll(poll, 1, timeout, null);
  };
}

/** The two 64-bit numbers of a `struct timespec`, in microseconds. */
export function timespecUs(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return Number(view.getBigInt64(0, true)) * 1e6 + Number(view.getBigInt64(8, true)) / 1000;
}

/** What the kernel said to the call before. */
export function failure(what: string): Error {
  return new Error(`cannot ${what}: ${koffi.errno()} (${errnoName(koffi.errno())})`);
}

function errnoName(code: number): string {
  return Object.entries(koffi.os.errno).find(([, value]) => value === code)?.[0] ?? 'unknown';
}
