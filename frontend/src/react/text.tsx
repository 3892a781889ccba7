/** Message text as React nodes: plain text, with links where there are any. Never HTML. */

import { tokenize } from 'linkifyjs';
import { Fragment, type ReactNode } from 'react';

const SAFE_LINK = /^(https?:|mailto:)/i;
/** No address is without one of these, and looking for them is cheap. */
const MIGHT_LINK = /\S[.@]\S|\w:\S/;

/** The text with its web and mail addresses as links. */
export function linked(text: string): ReactNode {
  if (!MIGHT_LINK.test(text)) return text;
  return tokenize(text).map((token, index) => {
    const value = token.toString();
    const href = token.isLink ? token.toHref('https') : '';
    const key = `${index}`;
    return SAFE_LINK.test(href) ? (
      <a key={key} className="chat-link" href={href} target="_blank" rel="noopener noreferrer nofollow ugc">
        {value}
      </a>
    ) : (
      <Fragment key={key}>{value}</Fragment>
    );
  });
}

const EMOJI_PARTS =
  /^(?:\p{Extended_Pictographic}|\p{Regional_Indicator}|\p{Emoji_Modifier}|[\u200d\ufe0f\s])+$/u;

/** Whether the text is nothing but one to three emoji, which are shown large. */
export function isFewEmoji(text: string): boolean {
  if (text.length > 40 || !EMOJI_PARTS.test(text)) return false;
  const count = [...new Intl.Segmenter().segment(text.replace(/\s/g, ''))].length;
  return count >= 1 && count <= 3;
}
