/** Made by vite.plugins.ts. */
declare module 'virtual:care/ta';
declare module 'virtual:care/ta-desk';
