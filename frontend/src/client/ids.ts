/** Names for things: ids as strings, new ids, and the user a token speaks of. */

import type { Id } from './types';

export const idOf = (id: Id | null | undefined): string | null =>
  id === null || id === undefined || id === '' ? null : String(id);

/** A random UUID. `crypto.randomUUID` is missing on pages that are not served over HTTPS. */
export function uuid(random: () => number = Math.random): string {
  const source = globalThis.crypto;
  if (typeof source?.randomUUID === 'function') return source.randomUUID();
  const bytes = new Uint8Array(16);
  if (typeof source?.getRandomValues === 'function') source.getRandomValues(bytes);
  else for (let i = 0; i < 16; i += 1) bytes[i] = Math.floor(random() * 256);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** The claim `user_id` of a JWT, unverified: it only chooses which cache to paint from. */
export function userIdOfToken(token: string): string | null {
  try {
    const payload = token.split('.')[1] ?? '';
    const claims: unknown = JSON.parse(atob(payload.replace(/-/g, '+').replace(/_/g, '/')));
    return idOf((claims as { user_id?: Id }).user_id);
  } catch {
    return null;
  }
}

/** Ids go out as numbers where they are numbers: that is what servers document. */
export const wireId = (id: string): Id => (/^\d{1,15}$/.test(id) ? Number(id) : id);
