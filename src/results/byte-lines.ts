import { open } from 'node:fs/promises';

const [LF, CR] = [0x0a, 0x0d];
const CHUNK_BYTES = 1 << 18;

/**
 * The lines of a file without their ends, each good until the next is asked for: such files have tens of megabytes, and
 * what is made anew for each line, or each chunk, would take more memory than all that is kept of them.
 */
export async function* linesOf(file: string): AsyncGenerator<Buffer> {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let held = Buffer.alloc(CHUNK_BYTES);
  let length = 0;
  const hold = (bytes: Buffer): void => {
    if (length + bytes.length > held.length)
      held = Buffer.concat([held.subarray(0, length)], 2 * (length + bytes.length));
    bytes.copy(held, length);
    length += bytes.length;
  };
  const whole = (): Buffer => {
    const line = held.subarray(0, length > 0 && held[length - 1] === CR ? length - 1 : length);
    length = 0;
    return line;
  };
  await using handle = await open(file);
  for (;;) {
    const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES);
    if (bytesRead === 0) break;
    const bytes = chunk.subarray(0, bytesRead);
    let from = 0;
    for (let to = bytes.indexOf(LF); to !== -1; to = bytes.indexOf(LF, from)) {
      hold(bytes.subarray(from, to));
      yield whole();
      from = to + 1;
    }
    hold(bytes.subarray(from));
  }
  if (length > 0) yield whole();
}
