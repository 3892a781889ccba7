/** Times and days as people of this device's language write them. */

import type { ChatStrings } from '../strings/en';

const timeFormat = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const weekdayFormat = new Intl.DateTimeFormat(undefined, { weekday: 'long' });
const dayFormat = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long' });
const dateFormat = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
const shortDateFormat = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const fullFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' });
const agoFormat = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

export const timeOf = (iso: string) => timeFormat.format(new Date(iso));
export const fullTimeOf = (iso: string) => fullFormat.format(new Date(iso));

const startOfDay = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());

/** Whole days between two moments by the local calendar, whatever daylight saving does to their length. */
export function daysBetween(earlier: Date, later: Date): number {
  return Math.round((startOfDay(later).getTime() - startOfDay(earlier).getTime()) / 86_400_000);
}

/** "Today", "Yesterday", a weekday of the last week, else the date. */
export function dayLabel(date: Date, strings: ChatStrings, now = new Date()): string {
  const days = daysBetween(date, now);
  if (days === 0) return strings.today;
  if (days === 1) return strings.yesterday;
  if (days > 1 && days < 7) return weekdayFormat.format(date);
  return (date.getFullYear() === now.getFullYear() ? dayFormat : dateFormat).format(date);
}

/** For lists: the time today, else a short date. */
export function shortMoment(iso: string, strings: ChatStrings, now = new Date()): string {
  const date = new Date(iso);
  const days = daysBetween(date, now);
  if (days <= 0) return timeFormat.format(date);
  if (days === 1) return strings.yesterday;
  return days < 7
    ? weekdayFormat.format(date)
    : date.getFullYear() === now.getFullYear()
      ? shortDateFormat.format(date)
      : dateFormat.format(date);
}

/** "5 minutes ago". */
export function agoOf(iso: string, now = Date.now()): string {
  const seconds = Math.min(0, Math.round((new Date(iso).getTime() - now) / 1000));
  if (seconds > -60) return agoFormat.format(0, 'minute');
  if (seconds > -3600) return agoFormat.format(Math.ceil(seconds / 60), 'minute');
  if (seconds > -86_400) return agoFormat.format(Math.ceil(seconds / 3600), 'hour');
  return agoFormat.format(Math.ceil(seconds / 86_400), 'day');
}
