import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Endpoint } from '../link/backend.ts';
import { openProgram, ProgramEndedError, type Program, type ProgramStart } from '../process/program.ts';
import { renewalOf, type Renewal } from '../process/renewable.ts';
import type { BrokerOptions, RunningBroker } from './broker.ts';

/** A listener that a process of a broker is to have. */
export interface Listener {
  mode: string;
  port: number;
}

/** What one process of a broker is started from. */
export interface ProcessContext {
  options: BrokerOptions;
  listeners: readonly Listener[];
  /** A folder of its own, for its configuration and all that it keeps; inside the run's private one. */
  folder: string;
  /** A port of 127.0.0.1 that none of the broker's processes has. */
  freePort: () => Promise<number>;
  /** Opens the keeper of a further program that the broker's processes need; it is stopped after them. */
  helper: (name: string) => Promise<Program>;
}

/** How a broker that is not the bench's own is started. */
export interface Launch {
  /** Its name and version. */
  version: string;
  /** Which modes share a process: what is a whole process's matter must be alike for them. */
  group(modes: readonly string[]): readonly (readonly string[])[];
  /** Writes a process's configuration and says how it is started. */
  prepare(context: ProcessContext): Promise<ProgramStart>;
  /** Whether its processes may be ended and started again from what was prepared. */
  restarts?: true;
}

/**
 * Starts a broker that is not the bench's own, in as many processes as its settings ask for. A mode that makes a process
 * of its own end at its start is `unserved`, with what the process said; when no mode is left, that is an error (exit
 * code 5), as it is when a process does not get ready in time.
 */
export async function startForeign(options: BrokerOptions, launch: Launch): Promise<RunningBroker> {
  const start = new Start(options, launch);
  try {
    await start.all();
  } catch (error) {
    await start.stop();
    throw error;
  }
  const { listeners, unserved, programs } = start;
  return {
    listeners,
    unserved,
    version: launch.version,
    processes: [...programs],
    // What it knows of connections it tells nobody.
    flush: () => Promise.resolve(),
    ...(launch.restarts === true ? { restart: () => start.restart() } : {}),
    stop: () => start.stop(),
  };
}

/** The start of one broker. */
class Start {
  readonly listeners = new Map<string, Endpoint>();
  readonly unserved = new Map<string, string>();
  readonly #helpers: Program[] = [];
  readonly #main: { program: Program; how: ProgramStart }[] = [];
  readonly #taken = new Set<number>();
  readonly #options: BrokerOptions;
  readonly #launch: Launch;
  #lastError: ProgramEndedError | undefined;

  constructor(options: BrokerOptions, launch: Launch) {
    this.#options = options;
    this.#launch = launch;
  }

  get programs(): readonly Program[] {
    return [...this.#helpers, ...this.#main.map(({ program }) => program)];
  }

  /** Processes take seconds to start, so all do it at one time. */
  async all(): Promise<void> {
    const begun = this.#launch.group(this.#options.modes).map((modes) => this.#begin(modes));
    // Also when one fails: what is still starting then could not be stopped.
    await Promise.allSettled(begun);
    await Promise.all(begun);
    if (this.listeners.size === 0 && this.#lastError !== undefined) throw this.#lastError;
  }

  async restart(): Promise<Renewal> {
    return renewalOf(await Promise.all(this.#main.map(({ program, how }) => program.restart(how))));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#main.splice(0).map(({ program }) => program.stop()));
    await Promise.all(this.#helpers.splice(0).map((program) => program.stop()));
  }

  async #begin(modes: readonly string[]): Promise<void> {
    const { host, prefix, onCrash } = this.#options;
    const name = this.#nameOf(modes);
    const program = await openProgram({ name, prefix, onCrash });
    try {
      const listeners = await this.#listenersFor(modes, program);
      // The label of a paired run has a colon, which separates paths in lists of them.
      const folder = join(this.#options.pkiFolder, `broker-${name.replaceAll(':', '_')}`);
      // There already where the process was tried with more modes, or before the run.
      await mkdir(folder, { mode: 0o700, recursive: true });
      const how = await this.#launch.prepare({
        options: this.#options,
        listeners,
        folder,
        freePort: () => this.#freePort(program, '127.0.0.1'),
        helper: (helperName) => this.#helper(helperName),
      });
      await program.start(how);
      for (const { mode, port } of listeners) this.listeners.set(mode, { host, port });
      this.#main.push({ program, how });
    } catch (error) {
      await program.stop();
      if (!(error instanceof ProgramEndedError)) throw error;
      await this.#refused(modes, error);
    }
  }

  /** A process that does not take the settings of its modes: each by itself tells which of them it is. */
  async #refused(modes: readonly string[], error: ProgramEndedError): Promise<void> {
    if (modes.length > 1) for (const mode of modes) await this.#begin([mode]);
    else {
      this.#lastError = error;
      for (const mode of modes) this.unserved.set(mode, lastWords(error));
    }
  }

  async #helper(name: string): Promise<Program> {
    const { label, choice, prefix, onCrash } = this.#options;
    const program = await openProgram({ name: `${label ?? choice.id}-${name}`, prefix, onCrash });
    this.#helpers.push(program);
    return program;
  }

  #nameOf([first = '']: readonly string[]): string {
    const { modes, label, choice } = this.#options;
    return `${label ?? choice.id}-${modes.indexOf(first) + 1}`;
  }

  async #listenersFor(modes: readonly string[], program: Program): Promise<Listener[]> {
    const { choice, host, modes: all } = this.#options;
    const listeners: Listener[] = [];
    for (const mode of modes) {
      const port =
        choice.port === undefined ? await this.#freePort(program, host) : choice.port + all.indexOf(mode);
      listeners.push({ mode, port });
    }
    return listeners;
  }

  /** What was found for another process, and is not listened on yet, is not free. */
  async #freePort(program: Program, host: string): Promise<number> {
    for (;;) {
      const [port = 0] = await program.freePorts(host, 1);
      if (this.#taken.has(port)) continue;
      this.#taken.add(port);
      return port;
    }
  }
}

const WORDS_KEPT = 300;

/** The end of what a program said, in one line. */
function lastWords({ output, message }: ProgramEndedError): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return lines.length === 0 ? message : lines.slice(-3).join('; ').slice(-WORDS_KEPT);
}
