import type { Channel } from '../notice.ts';

/** A channel whose sender is loaded with its first notice: a process pays only for those that are configured. */
export function lateChannel(name: string, load: () => Promise<Channel>): Channel {
  let loaded: Promise<Channel> | undefined;
  return {
    name,
    async send(notice, abort) {
      loaded ??= load();
      return (await loaded).send(notice, abort);
    },
  };
}
