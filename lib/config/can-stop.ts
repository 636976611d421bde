/** Stop conditions of paginators that count pages or rows. A path that is null is switched off. */
export interface StopConditions {
  total_path?: string | null;
  has_more_path?: string | null;
  last_page_path?: string | null;
  stop_after_short_page?: boolean;
  stop_after_empty_page: boolean;
  maximum_page?: number | null;
  maximum_offset?: number | null;
}

/** Whether a condition other than a total can end pagination. */
export const stopsWithoutTotal = (conditions: StopConditions): boolean =>
  conditions.stop_after_empty_page ||
  conditions.has_more_path != null ||
  conditions.last_page_path != null ||
  conditions.stop_after_short_page === true ||
  conditions.maximum_page != null ||
  conditions.maximum_offset != null;

/** Whether pagination with these conditions can end. */
export const canStop = (conditions: StopConditions): boolean =>
  conditions.total_path !== null || stopsWithoutTotal(conditions);
