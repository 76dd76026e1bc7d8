/** Fields that a shortcut finds from anywhere. */
export const listFilterId = 'list-filter';
export const headerSearchId = 'header-search';
export const jobsMenuId = 'jobs-menu';
export const stockFileId = 'stock-file';
