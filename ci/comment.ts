/**
 * The comment of action.yml: `node ci/comment.ts FILE` makes one comment of FILE on the pull request, or edits the one that it
 * made before, which it finds by the hidden mark in FILE's first line and by its author. Reads GITHUB_TOKEN and what a runner sets:
 * GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_EVENT_PATH. Where the token may not write, as in pull requests from forks, or
 * GitHub does not answer, it warns and succeeds: a comment is no verdict.
 */
import { readFile } from 'node:fs/promises';

interface User {
  login?: string;
  type?: string;
}

interface Comment {
  id: number;
  body?: string | null;
  user?: User | null;
}

/** GitHub's own most; a pull request with more comments than pages hold gets a second comment of ours. */
const PER_PAGE = 100;
const MOST_PAGES = 20;
const TIMEOUT_MS = 20_000;

class ApiError extends Error {
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

/** Where a token may not do what is asked. */
const FORBIDDEN: ReadonlySet<number | undefined> = new Set([401, 403, 404]);

async function request<T>(method: string, path: string, body?: string): Promise<T> {
  const url = `${required('GITHUB_API_URL')}${path}`;
  const response = await fetch(url, {
    method,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${required('GITHUB_TOKEN')}`,
      'content-type': 'application/json',
      'x-github-api-version': '2022-11-28',
    },
    ...(body === undefined ? {} : { body: JSON.stringify({ body }) }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) {
    const mend = FORBIDDEN.has(response.status)
      ? ' The job needs `permissions: pull-requests: write`; pull requests from forks never have it.'
      : '';
    throw new ApiError(
      `${method} ${path}: ${response.status} ${response.statusText}.${mend}`,
      response.status,
    );
  }
  const text = await response.text();
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ApiError(`${method} ${path}: the answer is no JSON: ${text.slice(0, 60)}`);
  }
}

/** The path of the repository's own things. */
function own(path: string): string {
  return `/repos/${required('GITHUB_REPOSITORY')}${path}`;
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new ApiError(`${name} is not set.`);
  return value;
}

/** The pull request that the event is about; undefined for any other event. */
async function pullRequest(): Promise<number | undefined> {
  const event = JSON.parse(await readFile(required('GITHUB_EVENT_PATH'), 'utf8')) as {
    pull_request?: { number?: number };
  };
  return event.pull_request?.number;
}

/**
 * Whether a comment is of whom the token belongs to: others may begin theirs with our mark. The token of a job, or of another
 * app, may not ask who it is; who comments for it is a bot, as no person is.
 */
async function authorship(): Promise<(user: User) => boolean> {
  try {
    const { login } = await request<User>('GET', '/user');
    return (user) => user.login === login;
  } catch (error) {
    if (error instanceof ApiError && FORBIDDEN.has(error.status)) return (user) => user.type === 'Bot';
    throw error;
  }
}

async function ownComment(issue: number, mark: string): Promise<Comment | undefined> {
  const isOurs = await authorship();
  for (let page = 1; page <= MOST_PAGES; page++) {
    const path = own(`/issues/${issue}/comments?per_page=${PER_PAGE}&page=${page}`);
    const comments = await request<Comment[]>('GET', path);
    const found = comments.find(({ body, user }) => body?.startsWith(mark) && isOurs(user ?? {}));
    if (found !== undefined || comments.length < PER_PAGE) return found;
  }
  return undefined;
}

async function comment(file: string): Promise<string> {
  const issue = await pullRequest();
  if (issue === undefined) return 'This is no pull request: no comment.';
  const text = await readFile(file, 'utf8');
  const [mark = ''] = text.split('\n', 1);
  const before = await ownComment(issue, mark);
  if (before === undefined) {
    await request('POST', own(`/issues/${issue}/comments`), text);
    return `Commented on pull request ${issue}.`;
  }
  await request('PATCH', own(`/issues/comments/${before.id}`), text);
  return `Edited the comment on pull request ${issue}.`;
}

const [file = ''] = process.argv.slice(2);
const told = await comment(file).catch((error: unknown) => {
  // Anything else that is thrown by fetch means that there was no answer.
  if (error instanceof ApiError || error instanceof TypeError || error instanceof DOMException)
    return `::warning::mqtt-tls-bench could not comment: ${error.message}`;
  throw error;
});
process.stdout.write(`${told}\n`);
