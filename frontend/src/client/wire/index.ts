/** The server's documents under short names. Types only. */

import type { components as Frames } from './frames';
import type { paths, components as Rest } from './rest';

export type Schemas = Rest['schemas'];

type Named<Kind extends string> = {
  [Name in keyof Frames['schemas'] as Name extends `${Kind}.${infer Type}`
    ? Type
    : never]: Frames['schemas'][Name];
};
/** What the server sends, by type. */
export type Events = Named<'event'>;
/** What a client may send. */
export type ClientFrame = Named<'frame'>[keyof Named<'frame'>];

/** An event as it may come from a server of any age: nothing in it is certain but its type. */
export type Heard<Type extends keyof Events> = { readonly type: string } & {
  readonly [Field in Exclude<keyof Events[Type], 'type'>]?: unknown;
};

type Content<Responses> = {
  [Status in keyof Responses]: Responses[Status] extends { content: { 'application/json': infer Body } }
    ? Body
    : never;
}[keyof Responses];

/** The body of a good answer. */
export type Answer<
  Method extends 'get' | 'post' | 'put' | 'patch' | 'delete',
  Path extends keyof paths,
> = paths[Path][Method] extends { responses: infer Responses } ? Content<Responses> : never;
