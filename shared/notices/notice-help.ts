import type { NoticeReason } from '../incidents/notice-reason.ts';

/** Of each reason for a notice: when it is sent, and what to do. Apart from the reasons, since only documents need it. */
export const NOTICE_HELP: Readonly<Record<NoticeReason, { when: string; help: string }>> = {
  opened: {
    when: 'a reading shows that environments have lost their key',
    help: 'undo the change, then enable each environment',
  },
  suspected: {
    when: 'a lock is likely, but not proved',
    help: 'check one environment; undo the change if it is disabled',
  },
  confirmed: {
    when: 'a suspicion turned out to be true',
    help: 'as `opened`',
  },
  worsened: {
    when: 'more environments, one more cause, a cause that is about more than before (one more key version, one more missing permission), or access lost again, a lock that shows after access is back, or environments that were deleted',
    help: 'undo all causes',
  },
  eased: {
    when: 'one of several causes is gone',
    help: 'continue with the others',
  },
  reminder: {
    when: 'after 15 min, 1 h, 4 h, then daily, until someone acknowledges it; and when a silence ends, and once when no list shows the environments any more (close it yourself)',
    help: 'acknowledge it, or resolve it',
  },
  deadline: {
    when: '7 days, 3 days, 1 day and 1 hour before environments may be deleted, acknowledged or not, and also after a person closed the incident without access being back',
    help: 'act now',
  },
  accessRestored: {
    when: 'the key can be used again',
    help: 'enable each environment: nothing does that by itself',
  },
  closed: {
    when: 'every environment was seen enabled, all environments left the policy, an inventory read clear for 7 days, or a person closed it with a reason',
    help: 'check those that were not seen enabled',
  },
  actorLearnt: {
    when: 'the audit log shows who made the change',
    help: 'ask them',
  },
  acknowledged: {
    when: 'a person took the incident: who, once, for the others. It pages nobody',
    help: 'nothing, unless you can help',
  },
  keyUnreachable: {
    when: "the key can't be used, and no environment of the policy is known: one warning that pages nobody, without reminders and deadline",
    help: 'find out whether it was intended; otherwise undo the change',
  },
  silenced: {
    when: 'a person set, planned or ended a silence: who, until when and why. It pages nobody, and no silence suppresses it. One of at most 4 hours by the same signed-in person over the same scope, within 7 days of such a notice, is in the digest (`warning`) instead',
    help: 'if it was not intended, end the silence and ask the person',
  },
  warning: {
    when: 'at most daily: what may take environments down later',
    help: 'fix it in time',
  },
  visibilityLost: {
    when: 'Lockwatch cannot read something',
    help: 'restore the right that it names',
  },
  visibilityRestored: {
    when: 'Lockwatch can read it again',
    help: 'nothing',
  },
  undelivered: {
    when: 'another channel gave up on a message, or could not deliver it to some recipients, who are named',
    help: 'inform the people who rely on it; repair the channel',
  },
  deliveryRestored: {
    when: 'a channel that had given up a message, or had not reached some recipients, delivers to everybody again, or was removed from the settings',
    help: 'nothing; messages that were given up are not sent again, and are on the page /activity',
  },
  drill: {
    when: 'a person asked for a drill',
    help: 'see that it arrived',
  },
};
