/** What is wrong with one setting. */
export interface SettingFault {
  setting: string;
  /** A sentence that begins with the setting's name; no secret's value. */
  text: string;
}

/** `says` goes on where the name ends. */
export function fault(setting: string, says: string): SettingFault {
  return { setting, text: `${setting}${says}` };
}
