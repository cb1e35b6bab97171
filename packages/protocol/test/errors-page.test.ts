import { markdownTable } from '@parley/testkit';
import { expect, it } from 'vitest';
import { problemKinds } from '../src/index.js';

// The page is written by this test: after a change of the table, `npm run docs` renews it.

function errorsPage(): string {
  const kinds = Object.entries(problemKinds).toSorted(([, a], [, b]) => a.status - b.status);
  const rows = kinds.map(([code, { status, title }]) => [`\`${code}\``, String(status), title]);
  return `# Errors

Every error answer over HTTP is \`application/problem+json\` (RFC 9457). Its \`code\` is stable and for programs, \`title\` says
what the code means, \`detail\` what was wrong with this very request, and \`requestId\` is what the log calls it. The fields
that clients knew before (\`success\`, \`error\`, \`found\`, \`message\`, \`issues\`) stand beside them.

This page is held to \`packages/protocol/src/problems.ts\` by a test.

${markdownTable(['Code', 'Status', 'Title'], rows)}
`;
}

it('the error table in the documentation is the one in the code: docs/errors.md', async () => {
  await expect(errorsPage()).toMatchFileSnapshot('../../../docs/errors.md');
});
