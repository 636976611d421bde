import { readFileSync } from "node:fs";
import { packageFile } from "../../infra/package-files.ts";
import type { Answers } from "./answers.ts";
import { resourceName, secretFields, sourceFile } from "./source-file.ts";

/** Packages that a project installs to query and to deploy. */
const OWN_PACKAGES = ["@duckdb/node-api", "serverless", "serverless-offline"];

interface Manifest {
  version: string;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/** Returns the versions that work with this version of restlake. */
const versions = (): { restlake: string; packages: Record<string, string> } => {
  const manifest = JSON.parse(readFileSync(packageFile("package.json"), "utf8")) as Manifest;
  const known = { ...manifest.devDependencies, ...manifest.peerDependencies };
  return {
    restlake: manifest.version,
    packages: Object.fromEntries(OWN_PACKAGES.map((name) => [name, known[name] as string])),
  };
};

const packageJson = (project: string): string => {
  const { restlake, packages } = versions();
  const manifest = {
    name: project,
    private: true,
    type: "module",
    scripts: { check: "restlake check", sync: "restlake sync", deploy: "restlake deploy" },
    dependencies: { restlake: `^${restlake}` },
    devDependencies: packages,
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
};

const serverlessYml = (project: string, { region }: Answers): string => `service: ${project}
frameworkVersion: ^4

provider:
  name: aws
  region: ${region}

custom:
  restlake: # docs: npx restlake deploy --help
    schedules: \${param:schedules, 'off'} # on: every source is loaded on its schedule

plugins:
  - restlake/plugin
  - serverless-offline
`;

const variables = ({ name, auth }: Answers): string[] =>
  secretFields(auth).map((field) => `RESTLAKE_SECRET_${`${name}_${field}`.toUpperCase()}=`);

const envExample = (answers: Answers): string =>
  [
    "# Copy this file to .env, which Git ignores. In AWS, secrets are in Secrets Manager.",
    ...variables(answers),
    "",
  ].join("\n");

const readme = (project: string, answers: Answers): string => {
  const { name, path } = answers;
  const table = `${name}.${resourceName(path)}`;
  return `# ${project}

REST APIs as tables in a data lake, with restlake. Each file in \`functions/\` is a source.

\`\`\`sh
npm install
npx restlake check ${name} --live    # what the API returns
npx restlake sync ${name}            # load it into .local/
npx restlake query "select * from ${table} limit 10"
npx restlake deploy --stage prod  # with the credentials of the AWS CLI
\`\`\`
`;
};

const workflow = ({ region }: Answers): string => `# Checks the sources of a pull request, and deploys main.
# Set the variable AWS_ROLE of the repository to a role that trusts it by OpenID Connect.
name: restlake
on:
  pull_request:
  push:
    branches: [main]
permissions:
  contents: read
  id-token: write
jobs:
  restlake:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 24
      - run: npm ci
      - run: npx restlake check
      - run: npx restlake package --stage prod
      - if: github.ref == 'refs/heads/main'
        uses: aws-actions/configure-aws-credentials@v4
        with:
          role-to-assume: \${{ vars.AWS_ROLE }}
          aws-region: ${region}
      - if: github.ref == 'refs/heads/main'
        run: npx restlake deploy --stage prod
`;

/**
 * Returns the files of a new project by their path.
 *
 * @param project its name: that of the stack and of the npm package.
 */
export const projectFiles = (project: string, answers: Answers): Map<string, string> =>
  new Map([
    sourceFile(answers),
    ["serverless.yml", serverlessYml(project, answers)],
    ["package.json", packageJson(project)],
    [".env.example", envExample(answers)],
    [".gitignore", "node_modules/\n.local/\n.restlake/\n.serverless/\n.env\n"],
    ["README.md", readme(project, answers)],
    ...(answers.hasWorkflow ? ([[".github/workflows/restlake.yml", workflow(answers)]] as const) : []),
  ]);
