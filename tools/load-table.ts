/** The part of a load run's figures (test/load/figures.json) that the documentation shows. */
export interface ShownFigures {
  at: string;
  machine: { cores: number; model: string; loadAverage: number };
  size: {
    events: number;
    queuedBefore: number;
    matter: number;
    policies: number;
    environments: number;
    perimeterWrites: number;
    sweepSeconds: number;
  };
  firstStart: { policiesKnownSeconds: number; queueDrainedSeconds: number };
  flood: { seconds: number; pushesRefused: number };
  ownVault: { changes: number; medianSeconds: number; slowestSeconds: number; boundSeconds: number };
  sharedVault: { slowestSeconds: number; boundSeconds: number };
  incidents: number;
  environmentRows: number;
  messages: { teams: number; email: number };
  unreadable: number;
  poison: number;
  largestCardBytes: number;
  memory: { peakMB: number; growthMB: number; growthOverSeconds: number };
  faults: readonly string[];
}

/** A run's figures as a table, with the machine and the date. */
export function loadTable(figures: ShownFigures): string {
  const { at, machine, size, firstStart, flood, ownVault, sharedVault, memory } = figures;
  const rows = [
    [
      `${many(size.events)} Resource Manager events in ${flood.seconds} s, of which ${ownVault.changes} take one policy offline: reported after`,
      `${ownVault.medianSeconds} s in the median, ${ownVault.slowestSeconds} s at most`,
      `${ownVault.boundSeconds} s`,
    ],
    [
      `a vault under ${many(size.policies)} policies with ${many(size.environments)} environments is deleted meanwhile: all reported after`,
      `${sharedVault.slowestSeconds} s`,
      `${sharedVault.boundSeconds} s`,
    ],
    ['writes of a network perimeter meanwhile', many(size.perimeterWrites), '–'],
    [
      'incidents; rows of environments',
      `${many(figures.incidents)}; ${many(figures.environmentRows)}`,
      `${many(size.policies + size.matter)}; ${many(size.environments + size.matter)}`,
    ],
    ['messages received (Teams; email)', `${figures.messages.teams}; ${figures.messages.email}`, 'as sent'],
    ['largest card', `${many(figures.largestCardBytes)} bytes`, '20,000 bytes'],
    ['poison messages; unreadable messages kept', `${figures.poison}; ${figures.unreadable}`, 'as queued'],
    ['pushes refused', many(flood.pushesRefused), '–'],
    [
      `first start with ${many(size.queuedBefore)} messages queued: every policy known; queue drained`,
      `${firstStart.policiesKnownSeconds} s; ${firstStart.queueDrainedSeconds} s`,
      '–',
    ],
    [
      'memory of the app with its host in one process: the most; fitted growth after warm-up',
      `${memory.peakMB} MB; ${memory.growthMB} MB in ${memory.growthOverSeconds} s`,
      '–; 40 MB',
    ],
    ['faults found', figures.faults.length === 0 ? 'none' : figures.faults.join('<br>'), 'none'],
  ];
  const about = `${at.slice(0, 10)}, ${machine.cores} × ${machine.model}, load average ${machine.loadAverage}, sweeps every ${size.sweepSeconds} s`;
  return [
    `Run of ${about}.`,
    '',
    '| what | figure | bound |',
    '|---|---|---|',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');
}

function many(count: number): string {
  return count.toLocaleString('en-US');
}
