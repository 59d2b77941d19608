import { hash } from 'node:crypto';

/** The namespace of Resource Manager's function `guid`; the snapshots of `infra/scenarios/` confirm it. */
const BICEP_GUID_NAMESPACE = Buffer.from('11fb06fb712d4ddd98c7e71bbd588830', 'hex');

/** Bicep's `guid(…)`: a UUID of version 5 (RFC 9562, section 5.5) of its arguments, with dashes between them. */
export function bicepGuid(...parts: readonly string[]): string {
  const text = Buffer.concat([BICEP_GUID_NAMESPACE, Buffer.from(parts.join('-'))]);
  const bytes = Buffer.from(hash('sha1', text, 'hex'), 'hex').subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
