/** "Or" only after a command that the reader sees: some steps have none, and a card leaves out long ones. */
export function portalLine(portal: string, command: string | undefined): string {
  return `${command ? 'Or in the portal' : 'Where'}: ${portal}`;
}
