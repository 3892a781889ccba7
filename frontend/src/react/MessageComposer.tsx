/** Where messages are written: drafts are kept, Enter sends, and input methods are left in peace. */

import {
  type FormEvent,
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import type { ChatMessage, ChatUser, ConversationHandle } from '../client';
import { useChatState, useStrings } from './hooks';
import { Icon } from './icons';
import { safeName } from './names';

/** The server's default limit; a server with another one answers for itself. */
export const MESSAGE_CHARS = 8000;
const COUNTER_FROM = 200;

/** What the next message is: an answer to one, or a change of one. */
export interface ComposerTarget {
  kind: 'reply' | 'edit';
  message: ChatMessage;
}

export interface MessageComposerProps {
  handle: ConversationHandle;
  peer: ChatUser;
  target: ComposerTarget | null;
  onTargetDone: () => void;
  input?: RefObject<HTMLTextAreaElement | null>;
  /** In code points. */
  maxLength?: number;
}

const isTouch = () => typeof matchMedia === 'function' && matchMedia('(pointer: coarse)').matches;

export function MessageComposer(props: MessageComposerProps) {
  const { handle, peer, target, onTargetDone, maxLength = MESSAGE_CHARS } = props;
  const strings = useStrings();
  const ownInput = useRef<HTMLTextAreaElement>(null);
  const input = props.input ?? ownInput;
  const hintId = useId();
  const [text, setText] = useDraft(handle);
  const [edited, setEdited] = useState('');
  const [error, setError] = useState('');
  const isEditing = target?.kind === 'edit';
  const value = isEditing ? edited : text;
  // Code points, as the server counts.
  const left = maxLength - (value.length > maxLength - COUNTER_FROM * 2 ? [...value].length : value.length);
  const canSend = value.trim() !== '' && left >= 0;

  useEffect(() => {
    setError('');
    if (!target) return;
    if (target.kind === 'edit') setEdited(target.message.text);
    input.current?.focus();
  }, [target, input]);

  // Browsers without `field-sizing` get their height from the content this way.
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured again whenever the text changes
  useLayoutEffect(() => {
    const element = input.current;
    if (!element || CSS.supports('field-sizing', 'content')) return;
    element.style.blockSize = 'auto';
    element.style.blockSize = `${element.scrollHeight}px`;
  }, [value, input]);

  useEffect(() => () => handle.stopTyping(), [handle]);

  function submit(event?: FormEvent) {
    event?.preventDefault();
    if (!canSend) return;
    if (target?.kind === 'edit') {
      const changed = edited.trim();
      if (changed === target.message.text) return onTargetDone();
      handle
        .edit(target.message.key, changed)
        .then(onTargetDone, (reason: Error) => setError(reason.message));
      return;
    }
    handle.send(text, target ? { replyTo: target.message.key } : {});
    setText('');
    handle.stopTyping();
    onTargetDone();
    input.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    // While an input method composes, Enter belongs to it (229 is how Safari says so).
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey && !(isTouch() && !event.ctrlKey)) {
      event.preventDefault();
      submit();
    } else if (event.key === 'Escape' && target) {
      event.preventDefault();
      event.stopPropagation();
      onTargetDone();
    }
  }

  function change(next: string) {
    if (isEditing) return setEdited(next);
    setText(next);
    if (next.trim()) handle.startTyping();
    else handle.stopTyping();
  }

  return (
    <form className="chat-input-form" onSubmit={submit} onBlur={() => handle.stopTyping()}>
      {target && (
        <div className="chat-target">
          <Icon name={target.kind} size={18} />
          <div className="chat-target-text">
            <strong>
              {target.kind === 'edit'
                ? strings.editing
                : strings.replyingTo(target.message.own ? strings.you : safeName(peer.name))}
            </strong>
            <span dir="auto">{target.message.text}</span>
          </div>
          <button
            type="button"
            className="chat-icon-button"
            aria-label={strings.cancel}
            onClick={onTargetDone}
          >
            <Icon name="close" size={18} />
          </button>
        </div>
      )}
      {error && (
        <p className="chat-input-error" role="alert">
          {error}
        </p>
      )}
      <div className="chat-input-container">
        <textarea
          ref={input}
          className="chat-input"
          dir="auto"
          rows={1}
          value={value}
          placeholder={strings.messagePlaceholder(safeName(peer.name))}
          aria-label={strings.messageTo(safeName(peer.name))}
          aria-describedby={left < COUNTER_FROM ? hintId : undefined}
          aria-invalid={left < 0 || undefined}
          enterKeyHint={isTouch() ? 'enter' : 'send'}
          autoComplete="off"
          onChange={(event) => change(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <button
          type="submit"
          className="chat-send-btn"
          aria-label={isEditing ? strings.save : strings.send}
          aria-disabled={!canSend}
          // Keeps the keyboard of a phone open.
          onPointerDown={(event) => event.preventDefault()}
        >
          <Icon name={isEditing ? 'check' : 'send'} />
        </button>
      </div>
      {left < COUNTER_FROM && (
        <p id={hintId} className="chat-counter" data-over={left < 0 || undefined}>
          {strings.charactersLeft(left)}
        </p>
      )}
    </form>
  );
}

/** The unsent text: here while it is written, in the client (and in other tabs) at once. */
function useDraft(handle: ConversationHandle): [string, (text: string) => void] {
  const kept = useChatState((state) => state.drafts[handle.peerId] ?? '');
  const [text, setText] = useState(kept);
  const written = useRef(kept);
  useEffect(() => {
    if (kept === written.current) return;
    written.current = kept;
    setText(kept);
  }, [kept]);
  return [
    text,
    (next) => {
      written.current = next;
      setText(next);
      handle.setDraft(next);
    },
  ];
}
