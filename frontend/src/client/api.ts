/** Requests to the REST interface: the token, one refresh, patience with busy servers, errors as values. */

import type { Tokens } from './auth';
import type { ApiFailure, ApiResponse, Id } from './types';

export interface RequestOptions {
  body?: unknown;
  query?: Readonly<Record<string, Id | undefined>>;
  signal?: AbortSignal;
}

export interface Api {
  request<T>(method: string, path: string, options?: RequestOptions): Promise<ApiResponse<T>>;
  get<T>(path: string, query?: RequestOptions['query'], signal?: AbortSignal): Promise<T>;
  /** Whether the server refuses this token. Unreachable servers refuse nothing. */
  isRefused(token: string): Promise<boolean>;
}

const TIMEOUT_MS = 20_000;
const LONGEST_WAIT_S = 10;

/** The first text for people in an error body: `detail`, `error`, or the first field's. */
export function errorText(data: unknown): string | null {
  if (typeof data === 'string') return data.length < 200 && !data.startsWith('<') ? data || null : null;
  if (typeof data !== 'object' || data === null) return null;
  const body = data as Record<string, unknown>;
  for (const value of [body.detail, body.error, ...Object.values(body)]) {
    const text = Array.isArray(value) ? value[0] : value;
    if (typeof text === 'string' && text) return text;
  }
  return null;
}

export const statusOf = (error: unknown): number | null => (error as ApiFailure).response?.status ?? null;

export function createApi(base: string, tokens: Tokens, fetcher: () => typeof fetch): Api {
  const once = async <T>(
    method: string,
    path: string,
    { body, query, signal }: RequestOptions,
    token: string | null,
  ): Promise<ApiResponse<T>> => {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query ?? {})) {
      if (value !== undefined) search.set(name, String(value));
    }
    const text = search.toString();
    const control = new AbortController();
    const abort = () => control.abort(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort);
    const timer = setTimeout(() => control.abort(new Error('The server did not answer in time')), TIMEOUT_MS);
    try {
      const headers: Record<string, string> = { Accept: 'application/json' };
      if (token) headers.Authorization = `Bearer ${token}`;
      if (body !== undefined) headers['Content-Type'] = 'application/json';
      const answer = await fetcher()(`${base}/api/${path}${text ? `?${text}` : ''}`, {
        method,
        headers,
        signal: control.signal,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const raw = await answer.text();
      let data: unknown = raw;
      try {
        data = raw ? JSON.parse(raw) : null;
      } catch {
        // An error page of a proxy: kept as text.
      }
      if (answer.ok) return { data: data as T, status: answer.status };
      const seconds = Number(
        answer.headers.get('Retry-After') ?? (data as { retry_after?: unknown })?.retry_after,
      );
      throw Object.assign(new Error(errorText(data) ?? `The server answered ${answer.status}`), {
        response: {
          status: answer.status,
          data,
          retryAfter: Number.isFinite(seconds) && seconds > 0 ? seconds : null,
        },
      });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  };

  const request: Api['request'] = async <T>(method: string, path: string, options: RequestOptions = {}) => {
    let token = await tokens.get();
    let refreshed = false;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await once<T>(method, path, options, token);
      } catch (error) {
        const failure = (error as ApiFailure).response;
        if (failure?.status === 401 && token && !refreshed) {
          refreshed = true;
          token = await tokens.refresh(token);
          if (token) continue;
        }
        // Only reading is repeated by itself: other requests may have been carried out.
        const wait = failure?.retryAfter ?? 1;
        const busy = failure?.status === 429 || failure?.status === 503;
        if (method !== 'GET' || !busy || attempt >= 3 || wait > LONGEST_WAIT_S) throw error;
        await new Promise((done) => setTimeout(done, wait * 1000));
      }
    }
  };

  return {
    request,
    get: async <T>(path: string, query?: RequestOptions['query'], signal?: AbortSignal) =>
      (await request<T>('GET', path, { ...(query && { query }), ...(signal && { signal }) })).data,
    async isRefused(token) {
      try {
        await once('GET', 'users/me/', {}, token);
        return false;
      } catch (error) {
        return statusOf(error) === 401;
      }
    },
  };
}
