/** Reads new messages out to screen readers: politely, at most once a second, never history or one's own. */

import { useEffect, useState } from 'react';
import { useChatClient } from './context';
import { useStrings } from './hooks';
import { safeName } from './names';

export function Announcer({ peerId }: { peerId: string }) {
  const client = useChatClient();
  const strings = useStrings();
  const [polite, setPolite] = useState('');
  const [urgent, setUrgent] = useState('');
  useEffect(() => {
    let waiting: string[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    let flip = false;
    // A text that equals the one before is only read again when it differs a little.
    const mark = () => {
      flip = !flip;
      return flip ? '\u200b' : '';
    };
    const flush = () => {
      timer = undefined;
      const [only] = waiting;
      setPolite((waiting.length === 1 && only ? only : strings.announceMessages(waiting.length)) + mark());
      waiting = [];
    };
    const offMessage = client.on('message', ({ message, sender }) => {
      if (message.peerId !== peerId) return;
      waiting.push(strings.announceMessage(safeName(sender.name), message.text.slice(0, 200)));
      timer ??= setTimeout(flush, 1000);
    });
    const offFailed = client.on('failed', ({ message }) => {
      if (message.peerId === peerId) setUrgent(strings.announceFailed + mark());
    });
    return () => {
      offMessage();
      offFailed();
      clearTimeout(timer);
    };
  }, [client, peerId, strings]);
  return (
    <>
      <div className="chat-sr-only" role="status" aria-live="polite" data-announcer="polite">
        {polite}
      </div>
      <div className="chat-sr-only" role="alert" data-announcer="assertive">
        {urgent}
      </div>
    </>
  );
}
