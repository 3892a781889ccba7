/** The texts a chat button shows: kept apart, because pages load them at once. */

export const buttonStrings = {
  message: 'Message',
  loading: 'Loading…',
  unavailable: 'Unavailable',
  unavailableBecause: (reason: string) => `Unavailable: ${reason}`,
  userNotFound: 'There is no such user',
  noRecipient: 'Nobody to write to',
  sendMessageTo: (name: string) => `Send a message to ${name}`,
  unreadMessages: (count: number) => (count === 1 ? '1 unread message' : `${count} unread messages`),
  couldNotLoadChat: 'The chat could not be loaded. Press to try again.',
};
