/**
 * The comment of action.yml: `node ci/comment.ts FILE` makes one comment of FILE on the pull request, or edits the one that it
 * made before, which it finds by the hidden mark in FILE's first line. Reads GITHUB_TOKEN and what a runner sets:
 * GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_EVENT_PATH. Where the token may not write, as in pull requests from forks, or
 * GitHub does not answer, it warns and succeeds: a comment is no verdict.
 */
import { readFile } from 'node:fs/promises';

interface Comment {
  id: number;
  body?: string | null;
}

/** GitHub's own most; a pull request with more comments than pages hold gets a second comment of ours. */
const PER_PAGE = 100;
const MOST_PAGES = 20;
const TIMEOUT_MS = 20_000;

class ApiError extends Error {}

async function request<T>(method: string, path: string, body?: string): Promise<T> {
  const url = `${required('GITHUB_API_URL')}/repos/${required('GITHUB_REPOSITORY')}${path}`;
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
    const forbidden = [401, 403, 404].includes(response.status);
    const mend = forbidden
      ? ' The job needs `permissions: pull-requests: write`; pull requests from forks never have it.'
      : '';
    throw new ApiError(`${method} ${path}: ${response.status} ${response.statusText}.${mend}`);
  }
  return (await response.json()) as T;
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

async function ownComment(issue: number, mark: string): Promise<Comment | undefined> {
  for (let page = 1; page <= MOST_PAGES; page++) {
    const path = `/issues/${issue}/comments?per_page=${PER_PAGE}&page=${page}`;
    const comments = await request<Comment[]>('GET', path);
    const own = comments.find(({ body }) => body?.startsWith(mark));
    if (own !== undefined || comments.length < PER_PAGE) return own;
  }
  return undefined;
}

async function comment(file: string): Promise<string> {
  const issue = await pullRequest();
  if (issue === undefined) return 'This is no pull request: no comment.';
  const text = await readFile(file, 'utf8');
  const [mark = ''] = text.split('\n', 1);
  const own = await ownComment(issue, mark);
  if (own === undefined) {
    await request('POST', `/issues/${issue}/comments`, text);
    return `Commented on pull request ${issue}.`;
  }
  await request('PATCH', `/issues/comments/${own.id}`, text);
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
