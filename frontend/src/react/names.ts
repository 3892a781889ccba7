/** Names as they are shown. */

// Characters that reorder what stands around them: a name must not be able to dress up as another.
const REORDERING = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** A name without characters that are invisible or turn the text around. */
export function safeName(name: string): string {
  return name.replace(REORDERING, '').trim() || '?';
}
