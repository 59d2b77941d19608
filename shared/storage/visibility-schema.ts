import * as z from 'zod';
import type { Visibility } from '../visibility/visibility-state.ts';

/** Raised if an older version could no longer read the rows; each version starts afresh on any other's. */
export const VISIBILITY_SCHEMA_VERSION = 1;

const instant = z.iso.datetime();
const severity = z.enum(['urgent', 'warning', 'info']);
const gap = z.object({
  since: instant,
  text: z.string(),
  remediation: z.string(),
  notifiedAt: instant.optional(),
  noticeAt: instant.optional(),
  returned: z.boolean().optional(),
  leftAt: instant.optional(),
  group: z.string().optional(),
  policies: z
    .record(
      z.string(),
      z.object({ since: instant, notifiedAt: instant.optional(), leftAt: instant.optional() }),
    )
    .optional(),
});
const lostSource = z.object({
  scope: z.string(),
  operation: z.string(),
  by: z.string().optional(),
  since: instant,
  state: z.enum(['lost', 'changed']),
  evidence: z.enum(['name', 'none']).optional(),
  checkedAt: instant,
});

/** The visibility state, as it is stored. A damaged or hand-made row must not reach the code. */
export const visibilitySchema: z.ZodType<Visibility> = z.object({
  gaps: z.record(z.string(), gap),
  sequence: z.number(),
  ended: z.record(z.string(), instant).optional(),
  warned: z
    .object({
      known: z.record(z.string(), severity),
      digestAt: z.partialRecord(severity, instant),
      atOnceAt: z.record(z.string(), instant).optional(),
      alerts: z.object({ urgent: z.string().optional(), milder: z.string().optional() }).optional(),
    })
    .optional(),
  tenants: z.record(z.string(), z.string()).optional(),
  joinedAt: z.record(z.string(), instant).optional(),
  heardSignals: z.array(z.string()).optional(),
  lostEventSources: z.array(lostSource).optional(),
  restoredChannels: z.record(z.string(), instant).optional(),
});
