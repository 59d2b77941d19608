import { previewCommand } from './preview-command.ts';

const { out, err, code } = await previewCommand(process.argv.slice(2), process.env);
// Pending output is written before the process ends.
process.stderr.write(err, () => process.stdout.write(out, () => process.exit(code)));
