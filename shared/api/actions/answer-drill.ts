import type { Person } from '../../incidents/incident.ts';
import { DrillRunningError, drill } from '../../pipeline/drill.ts';
import type { Ports } from '../../pipeline/ports.ts';
import { ProblemError } from '../problem.ts';

/**
 * Sends a drill to every channel, or to the named one, and reports for each whether it was delivered. A
 * failed channel is a result that a drill exists to find: it is part of the answer, not an error.
 */
export async function answerDrill(channel: string | undefined, by: Person, ports: Ports) {
  const chosen = ports.channels.filter(({ name }) => channel === undefined || name === channel.toLowerCase());
  const names = ports.channels.map(({ name }) => name);
  if (names.length === 0)
    throw new ProblemError(
      'not-possible-now',
      'No channel is set, so nobody can be notified. Set one: see docs/settings.md.',
    );
  if (chosen.length === 0)
    throw new ProblemError(
      'bad-request',
      `'${(channel ?? '').slice(0, 40)}' is no channel here. Use one of ${names.join(', ')}, or leave it out for all.`,
      'channel',
    );
  try {
    const { incidentId, channels } = await drill(ports, chosen, by.name);
    const now = ports.clock.now();
    return {
      answeredAt: now,
      asOf: now,
      ok: channels.every(({ sent }) => sent),
      incidentId,
      href: `/api/incidents/${incidentId}`,
      channels,
    };
  } catch (error) {
    if (error instanceof DrillRunningError)
      throw new ProblemError(
        'not-possible-now',
        'A drill is being played just now, by somebody else. Try again in a minute.',
      );
    throw error;
  }
}
