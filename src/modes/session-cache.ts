import type { Server } from 'node:net';

/**
 * Has a broker remember its sessions: Node keeps none by itself that could be resumed by their ID (RFC 5246 §7.4.1.2).
 * Each is for one resumption, and forgotten then.
 */
export function rememberSessions(server: Server): void {
  const sessions = new Map<string, Buffer>();
  server.on('newSession', (id: Buffer, session: Buffer, done: () => void) => {
    sessions.set(id.toString('hex'), session);
    done();
  });
  server.on('resumeSession', (id: Buffer, done: (error: null, session: Buffer | null) => void) => {
    const name = id.toString('hex');
    const session = sessions.get(name) ?? null;
    sessions.delete(name);
    done(null, session);
  });
}
