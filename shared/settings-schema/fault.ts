/** The fault of one setting. */
export interface SettingFault {
  setting: string;
  /** A sentence that begins with the setting's name; no secret's value. */
  text: string;
}

/** `says` continues the sentence after the name. */
export function fault(setting: string, says: string): SettingFault {
  return { setting, text: `${setting}${says}` };
}
