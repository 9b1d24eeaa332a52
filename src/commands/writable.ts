import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf, usageError, type BenchError } from '../errors.ts';

/**
 * Throws a usage error where the file that an option names could not be written. Nothing is made: what fails later leaves
 * no empty file.
 */
export function checkWritable(file: string, option: string): void {
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    if (found?.isDirectory() === true) throw new Error('it is a folder');
    // The dot, so that it must be a folder.
    if (found === undefined) accessSync(`${dirname(file)}/.`, constants.W_OK | constants.X_OK);
    else accessSync(file, constants.W_OK);
  } catch (error) {
    throw cannotWrite(file, option, error);
  }
}

/** What is said when writing a file failed that an option names. */
export function cannotWrite(file: string, option: string, error: unknown): BenchError {
  return usageError(`Cannot write ${file}: ${messageOf(error)}`, `Name another file with ${option}.`);
}
