import { readdirSync } from 'node:fs';
import { parse } from 'yaml';
import { read, ROOT } from './root.js';

const FOLDER = 'deploy/monitoring';

/** A rule as Prometheus reads it: of an alert, or one that records. */
export interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly Rule[];
}

export const RULE_FILES = ['recording.yml', 'alerts.yml'].map((name) => `${FOLDER}/rules/${name}`);

export const RULE_GROUPS = RULE_FILES.flatMap(
  (file) => (parse(read(file)) as { groups: RuleGroup[] }).groups,
);

export const RULES = RULE_GROUPS.flatMap(({ rules }) => rules);

export interface Panel {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly fieldConfig: { readonly defaults: { readonly unit?: string } };
  readonly targets: readonly { readonly expr: string }[];
}

export interface Dashboard {
  readonly name: string;
  readonly uid: string;
  readonly panels: readonly Panel[];
}

export const DASHBOARDS: readonly Dashboard[] = readdirSync(`${ROOT}/${FOLDER}/dashboards`)
  .filter((file) => file.endsWith('.json'))
  .map((file) => ({
    ...(JSON.parse(read(`${FOLDER}/dashboards/${file}`)) as Omit<Dashboard, 'name'>),
    name: file.replace('.json', ''),
  }));

/** What a panel asks Prometheus, with values in the places of Grafana's variables. */
export const askedBy = ({ targets }: Panel): string[] =>
  targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.*'));
