import { linkTo, pathPart } from './plain.ts';

/** A page of Lockwatch itself; undefined where its address is not known, or is no web address. */
export function pageLink(publicUrl: string | undefined, path: string): string | undefined {
  return linkTo(publicUrl && `${publicUrl.replace(/\/+$/, '')}${path}`);
}

export function incidentPath(id: string): string {
  return `/incidents/${pathPart(id)}`;
}

/** Where its forms are: acknowledge, silence, close. */
export function incidentFormsPath(id: string): string {
  return `${incidentPath(id)}#actions`;
}

export const OPEN_INCIDENTS_PATH = '/incidents?state=open';
