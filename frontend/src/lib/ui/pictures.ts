import { getContext, setContext } from 'svelte';

/** Turns the API's address of a picture into one that a page can show; undefined until it is here. May be reactive. */
export type Pictures = (address: string) => string | undefined;

const key = Symbol('pictures');

/** Call once in a shell: from there down, avatars show pictures. */
export const setPictures = (find: Pictures): void => void setContext(key, find);

/** Call during component setup. Without a shell there are initials only. */
export const getPictures = (): Pictures =>
	getContext<Pictures | undefined>(key) ?? (() => undefined);
