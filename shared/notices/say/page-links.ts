import type { NoticeReason } from '../../incidents/notice-reason.ts';
import { linkTo, pathPart } from './plain.ts';

/** A page of Lockwatch itself; undefined where its address is not known, or is no web address. */
export function pageLink(publicUrl: string | undefined, path: string): string | undefined {
  return linkTo(publicUrl && `${publicUrl.replace(/\/+$/, '')}${path}`);
}

/** The address of a page in a sentence: where none is set, in the form in which the reader can complete it. */
export function pageAddress(publicUrl: string | undefined, path: string): string {
  return pageLink(publicUrl, path) ?? `https://<your app>${path}`;
}

/** What the documents say of this kind of notice: those at `docsUrl`, else those on the app's own page. */
export function helpLink(
  reason: NoticeReason,
  { docsUrl, publicUrl }: { docsUrl: string | undefined; publicUrl: string | undefined },
): string | undefined {
  const anchor = `#${noticeAnchor(reason)}`;
  return docsUrl === undefined
    ? pageLink(publicUrl, `/docs${anchor}`)
    : linkTo(`${docsUrl}/notices.md${anchor}`);
}

/** Of its paragraph. GitHub writes anchors in lower case. */
export function noticeAnchor(reason: NoticeReason): string {
  return reason.toLowerCase();
}

export function incidentPath(id: string): string {
  return `/incidents/${pathPart(id)}`;
}

/** Where its forms are: acknowledge, silence, close. */
export function incidentFormsPath(id: string): string {
  return `${incidentPath(id)}#actions`;
}

export const OPEN_INCIDENTS_PATH = '/incidents?state=open';
