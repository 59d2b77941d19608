/** What has the form of a secret, whichever it is. */
const FORMS: Record<string, RegExp> = {
  'a token': /eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+/,
  'a bearer header': /bearer\s+[\w.~+/-]{16,}/i,
  'a signed address': /[?&](?:sig|code)=[^&\s"'\\]{4,}/i,
  'an account key': /(?:account|sharedaccess)_?key(?:"\s*:\s*"|=)[^\s;"]{4,}/i,
  'a shared access signature': /sharedaccesssignature[= ]\S{4,}/i,
  'an address with a password': /\w:\/\/[^/?#\s"'@]+:[^/?#\s"'@]+@/,
};

/** Shorter values would be found by chance. */
const MIN_LENGTH = 8;

/**
 * Where a secret is in the outputs of a run: "<secret> in <output>: <what is around it>", with the secret itself
 * left out. Each secret is also looked for as JSON, an address, base64 and hexadecimal digits would spell it.
 */
export function findSecrets(secrets: Record<string, string>, outputs: Record<string, string>): string[] {
  const spelt = Object.entries(secrets)
    .filter(([, value]) => value.length >= MIN_LENGTH)
    .flatMap(([name, value]) => spellings(value).map((text) => ({ name, text })));
  return Object.entries(outputs).flatMap(([where, output]) => {
    const folded = output.toLowerCase();
    const named = spelt.flatMap(({ name, text }) => {
      const at = folded.indexOf(text.toLowerCase());
      return at < 0 ? [] : [`${name} in ${where}: ${around(output, at, text.length)}`];
    });
    const formed = Object.entries(FORMS).flatMap(([name, form]) => {
      const match = form.exec(output);
      return match ? [`${name} in ${where}: ${around(output, match.index, match[0].length)}`] : [];
    });
    return [...new Set([...named, ...formed])];
  });
}

function spellings(value: string): string[] {
  const bytes = Buffer.from(value);
  const base64 = (skipped: number) => {
    // At the other offsets a text within a longer one is encoded with its neighbours' bits at both ends.
    const whole = Buffer.concat([Buffer.alloc(skipped), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    return whole.slice(skipped === 0 ? 0 : skipped + 1, -1);
  };
  const encoded = [0, 1, 2].map(base64);
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    value.replaceAll('&', '&amp;'),
    bytes.toString('hex'),
    ...encoded,
    ...encoded.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ];
}

function around(output: string, at: number, length: number): string {
  const before = output.slice(Math.max(0, at - 60), at);
  return `${before}[…]${output.slice(at + length, at + length + 20)}`.replace(/\s+/g, ' ');
}
