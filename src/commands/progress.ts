import { styleText } from 'node:util';
import { createLogUpdate } from 'log-update';
import type { Progress, RunObserver } from '../lab/observer.ts';

/** What a person sees of a run, on stderr. */
export interface Display extends RunObserver {
  /** Ends the last step, well or not, and leaves the terminal as it was. */
  end(outcome: 'done' | 'failed'): void;
}

const BAR_CHARACTERS = 24;
/** A terminal is drawn, and a log is told, at most this often. */
const DRAW_EVERY_MS = 100;
const TELL_EVERY_MS = 5000;

/** Live lines on a terminal, plain lines elsewhere. */
export function displayOn(stream: NodeJS.WriteStream): Display {
  return stream.isTTY ? liveDisplay(stream) : plainDisplay(stream);
}

function liveDisplay(stream: NodeJS.WriteStream): Display {
  // The cursor stays visible: a run that is killed could not give it back.
  const draw = createLogUpdate(stream, { showCursor: true });
  const paint = (format: Parameters<typeof styleText>[0], text: string): string =>
    styleText(format, text, { stream });
  const eta = new Eta();
  let step: { text: string; sinceMs: number } | undefined;
  let latest: Progress | undefined;
  let drawnAtMs = -Infinity;

  const redraw = (): void => {
    if (step === undefined) return;
    drawnAtMs = performance.now();
    const line = `${paint('cyan', '…')} ${step.text}`;
    draw(latest === undefined ? line : `${line}\n  ${paint('cyan', bar(latest))} ${describe(latest, eta)}`);
  };
  const finishStep = (outcome: 'done' | 'failed'): void => {
    if (step === undefined) return;
    const seconds = ((performance.now() - step.sinceMs) / 1000).toFixed(1);
    const mark = outcome === 'done' ? paint('green', '✓') : paint('red', '✗');
    draw.persist(`${mark} ${step.text} ${paint('dim', `${seconds} s`)}`);
    step = undefined;
    latest = undefined;
  };
  return {
    step(text) {
      finishStep('done');
      step = { text, sinceMs: performance.now() };
      redraw();
    },
    progress(state) {
      latest = state;
      eta.note(state);
      if (performance.now() - drawnAtMs >= DRAW_EVERY_MS || state.done >= state.total) redraw();
    },
    warn(text) {
      draw.persist(`${paint('yellow', '!')} ${text}`);
      redraw();
    },
    end(outcome) {
      finishStep(outcome);
      draw.done();
    },
  };
}

function plainDisplay(stream: NodeJS.WriteStream): Display {
  const eta = new Eta();
  let toldAtMs = -Infinity;
  const tell = (text: string): void => void stream.write(`${text}\n`);
  return {
    step(text) {
      tell(text);
      toldAtMs = performance.now();
    },
    progress(state) {
      eta.note(state);
      if (performance.now() - toldAtMs < TELL_EVERY_MS && state.done < state.total) return;
      toldAtMs = performance.now();
      tell(`  ${describe(state, eta)}`);
    },
    warn: (text) => tell(`warning: ${text}`),
    end: () => {},
  };
}

/** How long the rest will take, from the pace so far: arrivals keep to a schedule, so it is steady. */
class Eta {
  #first: { state: Progress; atMs: number } | undefined;

  note(state: Progress): void {
    const first = this.#first?.state;
    const goesOn = first !== undefined && first.unit === state.unit && first.total === state.total;
    if (!goesOn || state.done < first.done) this.#first = { state, atMs: performance.now() };
  }

  /** Seconds, or undefined while there is no pace yet. */
  left(state: Progress): number | undefined {
    if (this.#first === undefined) return undefined;
    const done = state.done - this.#first.state.done;
    if (done <= 0) return undefined;
    return ((performance.now() - this.#first.atMs) / done / 1000) * (state.total - state.done);
  }
}

function describe(state: Progress, eta: Eta): string {
  const { done, total, failed, unit } = state;
  const parts = [
    `${Math.floor(share(state) * 100)} %`,
    `${done.toLocaleString('en')}/${total.toLocaleString('en')} ${unit}`,
  ];
  if (failed > 0) parts.push(`${failed.toLocaleString('en')} failed`);
  const left = done < total ? eta.left(state) : undefined;
  if (left !== undefined) parts.push(`${Math.ceil(left)} s left`);
  return parts.join(', ');
}

function bar(state: Progress): string {
  const full = Math.round(share(state) * BAR_CHARACTERS);
  return '█'.repeat(full) + '░'.repeat(BAR_CHARACTERS - full);
}

function share({ done, total }: Progress): number {
  return total === 0 ? 1 : Math.min(1, done / total);
}
