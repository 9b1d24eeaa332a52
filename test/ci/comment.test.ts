import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { readAction, runAction, type StepResult } from './action.ts';

const MARK = '<!-- mqtt-tls-bench near -->';

let server: Server | undefined;
afterEach(() => server?.close());

interface Said {
  method: string;
  path: string;
  token: string | undefined;
  body: string | undefined;
}

interface Comment {
  id: number;
  body: string | null;
  user?: { login: string; type: 'User' | 'Bot' };
}

/** Who comments with a job's own token. */
const BOT = { login: 'github-actions[bot]', type: 'Bot' } as const;

/**
 * GitHub's issue comments over real HTTP on loopback, as far as they are asked for; refuses all with `status`. The token is
 * that of `login`, or a job's own, which may not ask who it is; `answer` is sent in place of what was asked for.
 */
async function github(
  comments: Comment[],
  { status = 200, login, answer }: { status?: number; login?: string; answer?: string } = {},
) {
  const said: Said[] = [];
  server = createServer((request, response) => {
    void bodyOf(request).then((text) => {
      const body = text === '' ? undefined : (JSON.parse(text) as { body: string }).body;
      const { method = '', url = '', headers } = request;
      said.push({ method, path: url.replace(/\?.*/, ''), token: headers.authorization, body });
      const page = Number(new URL(url, 'http://localhost').searchParams.get('page') ?? 1);
      const asked = method === 'GET' ? comments.slice((page - 1) * 100, page * 100) : {};
      const isUser = url === '/user';
      response
        .writeHead(isUser && login === undefined ? 403 : status, { 'content-type': 'application/json' })
        .end(isUser ? JSON.stringify({ login, type: 'User' }) : (answer ?? JSON.stringify(asked)));
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return { said, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk as string;
  return text;
}

/** Runs the action's step for a pull request, or for another event. */
async function comment(url: string, event: object = { pull_request: { number: 12 } }): Promise<StepResult> {
  const temp = temporaryFolder();
  writeFileSync(join(temp, 'comment.md'), `${MARK}\nIt holds.\n`);
  writeFileSync(join(temp, 'event.json'), JSON.stringify(event));
  const action = readAction();
  for (const step of action.runs.steps)
    if (step.name === 'Comment') step.env = { ...step.env, MARKDOWN: join(temp, 'comment.md') };
  const env = {
    GITHUB_API_URL: url,
    GITHUB_REPOSITORY: 'us/fleet',
    GITHUB_EVENT_PATH: join(temp, 'event.json'),
  };
  const runner = { workspace: temp, temp, github: { token: 'secret' }, env };
  const { steps } = await runAction(action, { scenario: '' }, runner, ({ name }) => name !== 'Comment');
  return steps['Comment'] ?? { code: undefined, output: 'was not run' };
}

const OTHERS = Array.from({ length: 130 }, (_, id) => ({ id, body: id % 2 === 0 ? 'LGTM' : null }));

test('the first time a comment is made', async () => {
  const { said, url } = await github(OTHERS);
  expect(await comment(url)).toEqual({ code: 0, output: 'Commented on pull request 12.' });
  expect(said.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET', 'POST']);
  expect(said.at(-1)).toEqual({
    method: 'POST',
    path: '/repos/us/fleet/issues/12/comments',
    token: 'Bearer secret',
    body: `${MARK}\nIt holds.\n`,
  });
});

test('later it is edited in place, on whatever page it stands; that of another scenario is left alone', async () => {
  const other = { id: 7000, body: '<!-- mqtt-tls-bench far -->\nold', user: BOT };
  const { said, url } = await github([...OTHERS, other, { id: 4711, body: `${MARK}\nIt fails.`, user: BOT }]);
  expect(await comment(url)).toEqual({ code: 0, output: 'Edited the comment on pull request 12.' });
  expect(said.at(-1)).toMatchObject({ method: 'PATCH', path: '/repos/us/fleet/issues/comments/4711' });
  expect(said.filter(({ method }) => method !== 'GET')).toHaveLength(1);
});

test("somebody else's comment that begins with the mark is left alone", async () => {
  const forged = { id: 6000, body: `${MARK}\nIt holds, of course.`, user: { login: 'eve', type: 'User' } };
  const { said, url } = await github([forged as Comment]);
  expect(await comment(url)).toEqual({ code: 0, output: 'Commented on pull request 12.' });
  expect(said.map(({ method }) => method)).not.toContain('PATCH');
});

test("with a person's token it is that person's comment that is edited, and no bot's", async () => {
  const body = `${MARK}\nIt fails.`;
  const theirs = { id: 4712, body, user: { login: 'ann', type: 'User' as const } };
  const { said, url } = await github([{ id: 4711, body, user: BOT }, theirs], { login: 'ann' });
  expect(await comment(url)).toEqual({ code: 0, output: 'Edited the comment on pull request 12.' });
  expect(said.at(-1)).toMatchObject({ method: 'PATCH', path: '/repos/us/fleet/issues/comments/4712' });
});

test('an answer that is no JSON is warned of', async () => {
  const { url } = await github([], { answer: '<html>Sign in to the proxy</html>' });
  const { code, output } = await comment(url);
  expect(code).toBe(0);
  expect(output).toMatch(/^::warning::mqtt-tls-bench could not comment: GET .*no JSON: <html>/);
});

test('without permission, as in pull requests from forks, it warns and does not fail', async () => {
  const { url } = await github([], { status: 403 });
  const { code, output } = await comment(url);
  expect(code).toBe(0);
  expect(output).toMatch(/^::warning::mqtt-tls-bench could not comment: GET .*: 403 .*pull-requests: write/);
});

test('where nobody answers it warns and does not fail', async () => {
  const { url } = await github([]);
  server?.close();
  expect(await comment(url)).toMatchObject({ code: 0, output: expect.stringMatching(/^::warning::/) });
});

test('an event that is no pull request gets none', async () => {
  const { said, url } = await github([]);
  expect(await comment(url, { push: {} })).toEqual({
    code: 0,
    output: 'This is no pull request: no comment.',
  });
  expect(said).toEqual([]);
});
