import { constants } from 'node:fs';
import { access, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf, usageError, type BenchError } from '../errors.ts';
import { readPcapng, type ReadCapture } from './pcapng-reader.ts';

/** Whoever reads the file can read the connection. */
const OWNER_ALONE = 0o600;

/**
 * Whether a capture can be written to a file, told before anything is run for it. Throws a usage error (exit code 2) when
 * its folder is missing or not writable, it is a folder, or it is there and may not be overwritten.
 */
export async function checkTarget(file: string, { overwrite }: { overwrite: boolean }): Promise<void> {
  const folder = dirname(file);
  const there = await stat(folder).catch(() => undefined);
  if (there === undefined)
    throw usageError(
      `--pcapng ${file}: there is no folder ${folder}`,
      'Make it first, or name another file.',
    );
  if (!there.isDirectory()) throw usageError(`--pcapng ${file}: ${folder} is no folder`);
  await access(folder, constants.W_OK).catch(() => {
    throw usageError(`--pcapng ${file}: nothing can be written to the folder ${folder}`);
  });
  const own = await stat(file).catch(() => undefined);
  if (own?.isDirectory() === true) throw usageError(`--pcapng ${file}: this is a folder, expected a file`);
  if (own !== undefined && !overwrite) throw exists(file);
}

/**
 * Writes a capture for its owner alone (mode 0600), whole or not at all. Throws a usage error like {@link checkTarget}, and
 * for a file that cannot be written.
 */
export async function writeCapture(
  file: string,
  bytes: Uint8Array,
  { overwrite }: { overwrite: boolean },
): Promise<void> {
  // A file that is there may be readable to others: it is replaced, and never written into.
  const made = overwrite ? `${file}.${process.pid}.part` : file;
  let handle;
  try {
    handle = await open(made, 'wx', OWNER_ALONE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw exists(made);
    throw usageError(`--pcapng ${file}: it cannot be written: ${messageOf(error)}`);
  }
  try {
    await handle.writeFile(bytes);
    await handle.close();
    if (made !== file) await rename(made, file);
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(made, { force: true });
    throw usageError(`--pcapng ${file}: it cannot be written: ${messageOf(error)}`);
  }
}

/** Reads a capture's file. Throws a usage error (exit code 2) when it cannot be read at all. */
export async function readCapture(file: string): Promise<ReadCapture> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EISDIR'
          ? 'this is a folder'
          : `it cannot be read: ${messageOf(error)}`;
    throw usageError(`${file}: ${why}`, 'Expected a file that `trace MODE --pcapng FILE` wrote.');
  }
  return readPcapng(bytes, file);
}

function exists(file: string): BenchError {
  return usageError(`--pcapng ${file}: the file is there already`, 'Name another one, or give --overwrite.');
}
