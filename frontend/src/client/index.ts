/** Public entry of the framework-free client. */

export { createChatClient } from './client';
export type * from './surface';
export type * from './types';
