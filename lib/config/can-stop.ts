/** The stop rules that counted paginators share; `null` switches a path off. */
export interface StopRules {
  total_path?: string | null;
  has_more_path?: string | null;
  stop_after_empty_page: boolean;
  maximum_page?: number | null;
  maximum_offset?: number | null;
}

/** Whether a rule other than a total can end pagination. */
export const stopsWithoutTotal = (rules: StopRules): boolean =>
  rules.stop_after_empty_page ||
  rules.has_more_path != null ||
  rules.maximum_page != null ||
  rules.maximum_offset != null;

/** Whether a paginator with these rules can end: without any it would ask for ever. */
export const canStop = (rules: StopRules): boolean => rules.total_path !== null || stopsWithoutTotal(rules);
